"""The JSON Schema of an answer, as short as it can be told to a model: only what is asked, in the taxonomy's own values."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from services.nova.answering.answer import Answer
from services.nova.provenance import UNKNOWN, Source
from services.nova.taxonomy import UNKNOWN as UNDECIDED
from services.nova.taxonomy import Taxonomy
from shared.analyses import SEARCH_METADATA, Depth
from shared.contracts import Kind

PROJECT_TYPES = ("residential", "commercial", "municipal")
CLASSIFICATION = "waterfall_classification"
TRANSCRIPT_SUMMARY = "transcript_summary"
TIMES = ("start", "end")
UNSAID = frozenset({"title", "description", "default", "due", "minLength"})
SHARED: dict[str, Any] = {
    "Evidence": {"items": {"$ref": "#/$defs/Quote"}, "type": "array"},
    "Confidence": {"maximum": 1, "minimum": 0, "type": "number"},
}
"""What recurs so often that a name for it makes the whole shorter."""

Schema = dict[str, Any]


def schema_of(
    sections: Sequence[str], kind: Kind, taxonomy: Taxonomy, depth: Depth | None = None, *, evidenced: bool = True
) -> Schema:
    """What is to be answered about a file of this kind, without what does not apply to it; only prose unless `evidenced`."""
    full = Answer.model_json_schema()
    parts: dict[str, Schema] = {name: _short(part) for name, part in full["$defs"].items()} | SHARED
    _suit_kind(parts, sections, kind)
    _suit_taxonomy(parts, sections, taxonomy)
    if depth is not None:
        parts["Lengths"]["properties"] = {depth.value: parts["Lengths"]["properties"][depth.value]}
    if not evidenced:
        parts["Prose"] = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    parts["Lengths"]["required"] = list(parts["Lengths"]["properties"])
    wanted = {name: _short(part) for name, part in full["properties"].items() if name in sections}
    schema = {"type": "object", "properties": wanted, "required": list(sections)}
    return schema | {"$defs": {name: parts[name] for name in _reached(schema, parts)}}


def compact(schema: Schema) -> str:
    """A schema on one line."""
    return json.dumps(schema, separators=(",", ":"), ensure_ascii=False)


def _short(part: Any) -> Any:
    """A schema without what only programs read, and with what is due among what is required."""
    if isinstance(part, list):
        return [_short(one) for one in part]
    if not isinstance(part, dict):
        return part
    if options := [one for one in part.get("anyOf", ()) if one != {"type": "null"}]:
        return _short(options[0])
    kept = {key: _short(value) for key, value in part.items() if key not in UNSAID}
    for name, recurring in SHARED.items():
        if kept == recurring:
            return {"$ref": f"#/$defs/{name}"}
    if "properties" in part:
        kept["properties"] = {name: _short(value) for name, value in part["properties"].items()}
        due = [name for name, value in part["properties"].items() if value.get("due") or name in part.get("required", ())]
        kept.pop("required", None)
        kept |= {"required": due} if due else {}
    return kept


def _suit_kind(parts: dict[str, Schema], sections: Sequence[str], kind: Kind) -> None:
    sources = [source.value for source in _sources(sections, kind)]
    parts["Quote"]["properties"]["source"] = {"enum": sources}
    if kind is Kind.IMAGE:
        for name in TIMES:
            del parts["Quote"]["properties"][name]
        del parts["Thing"]["properties"]["spans"]
        parts["Thing"]["required"].remove("spans")


def _sources(sections: Sequence[str], kind: Kind) -> Iterable[Source]:
    if tuple(sections) == (TRANSCRIPT_SUMMARY,):
        return (Source.TRANSCRIPT,)
    names = (Source.FILENAME, Source.PATH, Source.EXIF)
    return {
        Kind.VIDEO: (Source.VISUAL, Source.TRANSCRIPT, *names),
        Kind.IMAGE: (Source.VISUAL, *names),
        Kind.AUDIO: (Source.TRANSCRIPT, *names),
    }[kind]


def _suit_taxonomy(parts: dict[str, Schema], sections: Sequence[str], taxonomy: Taxonomy) -> None:
    content = {"content_type": _one_of(taxonomy.content_types), "skill_level": _one_of(taxonomy.skill_levels)}
    dimensions = {
        name: {"$ref": "#/$defs/Choice", "properties": {"value": {"enum": [*dimension.values, UNDECIDED]}}}
        for name, dimension in taxonomy.dimensions.items()
    }
    parts["Trade"]["properties"] |= content
    parts["Trade"]["properties"]["dimensions"] = {
        "type": "object",
        "properties": dimensions,
        "required": list(dimensions),
    }
    parts["Use"]["properties"] |= content
    parts["Job"]["properties"]["project_type"] = _one_of(PROJECT_TYPES)
    if SEARCH_METADATA in sections and CLASSIFICATION in sections:
        # Told once: what is classified is found by its classification.
        del parts["Feature"]["properties"]["family"]
        del parts["Findable"]["properties"]["content"]
    elif family := taxonomy.dimensions.get("family"):
        parts["Feature"]["properties"]["family"] = _one_of(family.values)


def _one_of(values: Iterable[str]) -> Schema:
    return {"$ref": "#/$defs/Value", "properties": {"value": {"enum": [*values, UNKNOWN]}}}


def _reached(schema: Schema, parts: dict[str, Schema]) -> list[str]:
    """The definitions that a schema needs, in the order of all."""
    reached: set[str] = set()
    waiting = _named(schema)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting |= _named(parts[name])
    return [name for name in parts if name in reached]


def _named(part: Any) -> set[str]:
    if isinstance(part, list):
        return {name for one in part for name in _named(one)}
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"].rsplit("/", 1)[1]} if isinstance(part.get("$ref"), str) else set()
    return own | {name for value in part.values() for name in _named(value)}
