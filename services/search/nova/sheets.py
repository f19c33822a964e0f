"""What becomes of analyses in a table: which sheets there are, and the rows that a file has on each; values in, values out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = str | float | int | None
Row = tuple[Value, ...]
Analysed = Mapping[str, Any]
"""A file with its analysis and its paid calls, as `export_rows.py` looks them up."""

FACTS = ("project", "location", "water_feature", "content")
"""Parts of the search metadata that hold single facts by name."""
LENGTHS = ("brief", "standard", "detailed")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its columns, and the rows of a file on it."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Analysed], Iterator[Row]]


def sheets(dimensions: Sequence[str]) -> tuple[Sheet, ...]:
    """Every sheet; `dimensions` are the names of what files are classified by, over all files that are written."""
    return (
        Sheet("Files", FILES, _files),
        Sheet("Summary", ("Path", "Length", "Summary", "Confidence", "Evidence", *MADE), _summary),
        Sheet("Chapters", CHAPTERS, _chapters),
        Sheet("Elements", ("Path", "Kind", "Name", "Times", "Confidence", "Evidence", *MADE), _elements),
        Sheet("Description", ("Path", "Description", "Confidence", "Evidence", *MADE), _description),
        Sheet("Search metadata", ("Path", "Field", "Value", "Confidence", "Evidence", *MADE), _metadata),
        Sheet("Entities", ("Path", "Type", "Value", "Normalised", "Sources", "Confidence", "Evidence", *MADE), _entities),
        Sheet("Classification", _classification_columns(dimensions), _classified_by(dimensions)),
        Sheet("Cost", COST, _cost),
    )


MADE = ("Model", "Prompt version")
FILES = (
    *("Path", "Kind", "Seconds", "Width", "Height", "Captured at", "Camera", "Model", "Prompt version", "Analysed at"),
    *("Sections", "Notes", "File id"),
)
CHAPTERS = (
    *("Path", "Number", "From", "To", "Start s", "End s", "Title", "Summary", "Source", "Confidence", "Evidence"),
    *("As told: start s", "As told: end s", *MADE),
)
COST = (
    *("Path", "Purpose", "State", "Model", "Model id", "Request id", "Input tokens", "Output tokens", "Cached tokens read"),
    *("USD", "Milliseconds", "Stop reason", "Asked by", "Begun at", "Ended at", "Run id"),
)
PER_DIMENSION = ("", ": confidence", ": reason")


def _files(file: Analysed) -> Iterator[Row]:
    analysis = file["result"] or {}
    yield (
        *(file[name] for name in ("path", "kind", "duration", "width", "height", "captured_at", "camera")),
        analysis.get("model"),
        analysis.get("version"),
        file["analysed_at"],
        _joined(analysis.get("made") or {}),
        _joined(analysis.get("notes") or ()),
        file["file_id"],
    )


def _summary(file: Analysed) -> Iterator[Row]:
    told = _section(file, "summary") or {}
    for length in LENGTHS:
        if passage := told.get(length):
            yield file["path"], length, *_passage(passage), *_made(file, "summary")
    if passage := _section(file, "transcript_summary"):
        yield file["path"], "transcript", *_passage(passage), *_made(file, "transcript_summary")


def _chapters(file: Analysed) -> Iterator[Row]:
    for number, one in enumerate(_section(file, "chapters") or (), 1):
        yield (
            *(file["path"], number, clock(one["start"]), clock(one["end"]), one["start"], one["end"]),
            *(one["title"], one["summary"], one["source"], one["confidence"], evidence(one["evidence"])),
            *(one.get("raw_start"), one.get("raw_end")),
            *_made(file, "chapters"),
        )


def _elements(file: Analysed) -> Iterator[Row]:
    for one in _section(file, "elements") or ():
        times = "; ".join(f"{clock(span['start'])}-{clock(span['end'])}" for span in one["spans"])
        yield (
            *(file["path"], one["kind"], one["name"], times, one["confidence"], evidence(one["evidence"])),
            *_made(file, "elements"),
        )


def _description(file: Analysed) -> Iterator[Row]:
    if passage := _section(file, "description"):
        yield file["path"], *_passage(passage), *_made(file, "description")


def _metadata(file: Analysed) -> Iterator[Row]:
    found = _section(file, "search_metadata") or {}
    made = _made(file, "search_metadata")
    for part in FACTS:
        for name, facts in (found.get(part) or {}).items():
            for fact in facts if isinstance(facts, list) else [facts]:
                if fact["evidence"]:
                    yield file["path"], f"{part}.{name}", fact["value"], fact["confidence"], evidence(fact["evidence"]), *made
    for one in found.get("dates") or ():
        yield file["path"], f"date.{one['kind']}", one["value"], one["confidence"], evidence(one["evidence"]), *made
    for keyword in found.get("keywords") or ():
        yield file["path"], "keyword", keyword, None, None, *made


def _entities(file: Analysed) -> Iterator[Row]:
    for one in (_section(file, "search_metadata") or {}).get("entities") or ():
        yield (
            *(file["path"], one["type"], one["value"], one["normalized"], _joined(one["sources"])),
            *(one["confidence"], evidence(one["evidence"])),
            *_made(file, "search_metadata"),
        )


def _classification_columns(dimensions: Sequence[str]) -> tuple[str, ...]:
    told = (f"{_headed(name)}{part}" for name in dimensions for part in PER_DIMENSION)
    tags = ("Tags", "Products", "Content type", "Skill level", "Techniques")
    return ("Path", *told, "Confidence", *tags, "Evidence", "Taxonomy", *MADE)


def _classified_by(dimensions: Sequence[str]) -> Callable[[Analysed], Iterator[Row]]:
    def rows(file: Analysed) -> Iterator[Row]:
        found = _section(file, "waterfall_classification")
        if not found:
            return
        decisions = [found["dimensions"].get(name) or {} for name in dimensions]
        told = ((one.get("value"), one.get("confidence"), one.get("unknown_reason")) for one in decisions)
        reasons = (f"{_headed(name)}: {why}" for name, one in zip(dimensions, decisions, strict=True) if (why := _why(one)))
        yield (
            file["path"],
            *(value for decision in told for value in decision),
            found["confidence"],
            _joined(found["search_tags"]),
            _joined(fact["value"] for fact in found["product_keywords"]),
            found["content_type"]["value"],
            found["skill_level"]["value"],
            _joined(fact["value"] for fact in found["building_techniques"]),
            " | ".join(reasons),
            f"{found['taxonomy']} {found['taxonomy_version']}",
            *_made(file, "waterfall_classification"),
        )

    return rows


def _cost(file: Analysed) -> Iterator[Row]:
    for call in file["calls"]:
        yield (
            *(file["path"], call["purpose"], call["state"], call["model"], call["model_id"], call["request_id"]),
            *(call["input_tokens"], call["output_tokens"], call["cache_read_tokens"], call["usd"], call["latency_ms"]),
            *(call["stop_reason"], call["requested_by"], call["begun_at"], call["ended_at"], call["analysis_run_id"]),
        )


def evidence(pieces: Sequence[Mapping[str, Any]]) -> str:
    """What a value rests on, in one cell: source, time, words."""
    return "; ".join(_piece(piece) for piece in pieces)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def _piece(piece: Mapping[str, Any]) -> str:
    start = piece.get("start")
    place = "" if start is None else f" {clock(start)}"
    return f"{piece['source']}{place}: {piece['phrase']}"


def _why(decision: Mapping[str, Any]) -> str:
    return evidence(decision.get("evidence") or ())


def _passage(passage: Mapping[str, Any]) -> tuple[Value, ...]:
    return passage["text"], passage["confidence"], evidence(passage["evidence"])


def _section(file: Analysed, name: str) -> Any:
    return (file["result"] or {}).get(name)


def _made(file: Analysed, section: str) -> tuple[Value, Value]:
    """Who found a section out: the model and the version of its prompt."""
    analysis = file["result"] or {}
    made = (analysis.get("made") or {}).get(section) or analysis
    return made.get("model"), made.get("version")


def _joined(values: Any) -> str:
    return "; ".join(map(str, values))


def _headed(name: str) -> str:
    return name.replace("_", " ").capitalize()
