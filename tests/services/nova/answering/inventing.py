"""Files and answers of any sort, for what has to hold for all of them."""

from typing import Any

from hypothesis import strategies as st

from services.nova.analyst import Material
from services.nova.answering.schema import Schema
from shared.contracts import Kind
from tests.services.nova.answering.telling import PATH, TALK
from tests.support.material import material

WORDS = [
    "a custom grotto",
    "Smith",
    "Austin",
    "Texas",
    "TX",
    "2024-08-12",
    "John Smith",
    "installer",
    "unknown",
    "",
    "job_2024_0812",
]


def answers(schema: Schema, parts: dict[str, Schema]) -> st.SearchStrategy[Any]:
    """Anything that a JSON Schema of ours allows."""
    if "$ref" in schema:
        return answers(_narrowed(parts[schema["$ref"].rsplit("/", 1)[1]], schema.get("properties", {})), parts)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "string":
            return st.sampled_from([*WORDS, *TALK]).filter(bool) | st.text(min_size=1, max_size=20).filter(str.strip)
        case "number":
            return st.floats(schema.get("minimum", -50), schema.get("maximum", 300)) | st.sampled_from([0, 1])
        case "array":
            return st.lists(answers(schema["items"], parts), min_size=schema.get("minItems", 0), max_size=4)
    inner = {name: answers(one, parts) for name, one in schema["properties"].items()}
    due = schema.get("required", ())
    return st.fixed_dictionaries(
        {name: one for name, one in inner.items() if name in due},
        optional={name: one for name, one in inner.items() if name not in due},
    )


def _narrowed(part: Schema, properties: Schema) -> Schema:
    """A definition of whose properties some are told more closely where it is used."""
    return part | ({"properties": part["properties"] | properties} if properties else {})


def files() -> st.SearchStrategy[Material]:
    return st.builds(
        lambda kind, duration, shots, spoken: material(
            *(spoken if kind is not Kind.IMAGE else ()),
            path=PATH,
            kind=kind,
            shots=tuple(sorted(shots)),
            gps=(1.0, 2.0),
            camera="Canon",
            **({} if kind is Kind.IMAGE else {"duration": duration}),
        ),
        st.sampled_from(Kind),
        st.floats(0, 120),
        st.lists(st.floats(0, 120), max_size=5),
        st.sampled_from([(), TALK[:2], TALK]),
    )
