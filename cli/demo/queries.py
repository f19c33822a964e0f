"""What the demo searches for: prepared queries for the samples, words of the media itself for a folder of one's own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.gateway import Gateway
from shared.contracts import Stage

SEARCHES = Path(__file__).resolve().parent / "searches.json"
QUERIES = 3
WORDS = 5
"""Words of a query: enough to be one of a kind, few enough to be typed."""
LOOKED_AT = 50
"""Files that are looked at for words; what lies deeper in a large folder need not be in a demo."""


def sample_queries() -> list[str]:
    """The queries that the samples were made to answer."""
    return [str(search["q"]) for search in json.loads(SEARCHES.read_text(encoding="utf-8"))]


def queries_for(gateway: Gateway, files: Sequence[Mapping[str, Any]]) -> list[str]:
    """Queries that some of these files answer, each from another file."""
    searchable = [file for file in files if file["stages"].get(Stage.EMBED) == "done"][:LOOKED_AT]
    details = (gateway.file(file["file_id"]) for file in searchable)
    return list(chosen(details))


def chosen(details: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    """Up to three queries: what is said in the first files that speak, else what silent ones are called."""
    names: dict[str, None] = {}
    found = 0
    for detail in details:
        if sentence := longest_sentence(detail):
            yield " ".join(sentence.split()[:WORDS])
            found += 1
        else:
            names[Path(detail["path"]).stem.replace("_", " ")] = None
        if found == QUERIES:
            return
    yield from list(names)[: QUERIES - found]


def longest_sentence(detail: Mapping[str, Any]) -> str:
    """The longest of the first things said in a file; empty if nobody speaks."""
    segments = (detail["transcript"] or {}).get("segments", [])
    return max((segment["text"].strip() for segment in segments[:10]), key=len, default="")
