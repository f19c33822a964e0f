import json
from itertools import combinations
from typing import Any

import pytest

from services.nova.answering.answer import sections
from services.nova.answering.schema import compact, schema_of
from services.nova.taxonomy import UNKNOWN, answer_schema
from shared.analyses import EVERYTHING, POSSIBLE, Depth
from shared.contracts import Kind
from tests.services.nova.answering.telling import TRADE


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every schema of an object anywhere in a schema."""
    if isinstance(schema, list):
        return [one for inner in schema for one in objects(inner)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [one for inner in schema.values() for one in objects(inner)]


@pytest.mark.parametrize("kind", Kind)
def test_what_is_required_is_there_and_what_is_referred_to_is_defined(kind: Kind) -> None:
    for count in (1, 2, len(POSSIBLE[kind])):
        for types in combinations(sorted(POSSIBLE[kind]), count):
            schema = schema_of(sections(types), kind, TRADE)
            for one in objects(schema):
                assert set(one.get("required", ())) <= set(one["properties"])
            text = compact(schema)
            used = {name for name in schema["$defs"] if f'"#/$defs/{name}"' in text}
            assert used == set(schema["$defs"])
            assert text.count('"$ref"') == sum(text.count(f'"#/$defs/{name}"') for name in used)


def test_the_values_are_those_of_the_taxonomy() -> None:
    schema = schema_of(sections(EVERYTHING[Kind.VIDEO]), Kind.VIDEO, TRADE)
    dimensions = schema["$defs"]["Trade"]["properties"]["dimensions"]
    own = answer_schema(TRADE)["properties"]["dimensions"]
    assert dimensions["required"] == own["required"]
    for name, one in own["properties"].items():
        known, _ = one["oneOf"]
        assert dimensions["properties"][name]["properties"]["value"]["enum"] == [*known["properties"]["value"]["enum"], UNKNOWN]


def test_it_is_json_on_one_line_without_what_only_programs_read() -> None:
    text = compact(schema_of(sections(EVERYTHING[Kind.VIDEO]), Kind.VIDEO, TRADE))
    assert "\n" not in text
    assert ": " not in text
    for word in ('"description":"', '"default"', '"due"', '"anyOf"', '"null"'):
        assert word not in text
    assert json.loads(text)["required"] == list(sections(EVERYTHING[Kind.VIDEO]))


def test_values_may_be_left_out_and_their_evidence_may_not() -> None:
    parts = schema_of(sections(EVERYTHING[Kind.VIDEO]), Kind.VIDEO, TRADE)["$defs"]
    assert "required" not in parts["Job"]
    assert "required" not in parts["Place"]
    for name in ("Value", "Choice", "Thing", "Part", "Named", "Day", "Prose"):
        assert {"evidence", "confidence"} <= set(parts[name]["required"])


def test_pictures_have_no_times() -> None:
    parts = schema_of(sections(EVERYTHING[Kind.IMAGE]), Kind.IMAGE, TRADE)["$defs"]
    assert "Stretch" not in parts
    assert list(parts["Quote"]["properties"]) == ["source", "phrase"]
    assert "spans" not in parts["Thing"]["properties"]


def test_prose_without_evidence_has_none() -> None:
    schema = schema_of(("summary",), Kind.VIDEO, TRADE, Depth.BRIEF, evidenced=False)
    assert list(schema["$defs"]) == ["Lengths", "Prose"]
    assert schema["$defs"]["Lengths"]["required"] == ["brief"]
    assert schema["$defs"]["Prose"]["required"] == ["text"]
