"""A prompt as the fake's models understand it: the JSON Schema of the answer that is due, and what is told of the file."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MARKED = re.compile(r"<(\w+)>\n(.*?)\n</\1>", re.DOTALL)
"""Data between marks."""
LINE = re.compile(r"\[(\d+(?:\.\d+)?)[\u2013-](\d+(?:\.\d+)?)\] (.+)")
"""A stretch of speech, or of a file, with its times."""
RECORDED = re.compile(r"(.+?) \(recorded, EXIF\): (.+)")
LENGTH = re.compile(r"Length of (?:this clip|the file): (\d+(?:\.\d+)?) seconds")
WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Line:
    """What is said, and when: seconds in the clock of the clip."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Brief:
    """What a prompt says: what to answer (None: nothing in particular), and what is known."""

    schema: dict[str, Any] | None
    file_words: tuple[str, ...]
    folder_words: tuple[str, ...]
    jobs: tuple[str, ...]
    recorded: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    is_shown: bool
    """Whether there is a picture to look at."""
    seconds: float
    earlier: str | None
    """An answer that is to be mended."""


def read_brief(text: str, shown: Sequence[float]) -> Brief:
    """What a prompt says, beside media of these lengths in seconds (0 for a picture)."""
    marked = {name: inside for name, inside in MARKED.findall(text) if name != "answer_schema"}
    known = "\n".join(inside for name, inside in marked.items() if name != "earlier_answer")
    lines = tuple(Line(float(start), float(end), said) for start, end, said in LINE.findall(known))
    told = [float(seconds) for seconds in LENGTH.findall(known)]
    ends = [line.end for line in lines]
    return Brief(
        schema=_schema(text),
        file_words=_words(_field(known, "Words of the file name")),
        folder_words=_words(_field(known, "Words of the folders")),
        jobs=tuple(part for part in _field(known, "Parts that look like a job or customer").split(", ") if part),
        recorded=tuple(RECORDED.findall(known)),
        lines=lines,
        is_shown=bool(shown),
        seconds=max(shown, default=0.0) or min(told, default=max(ends, default=0.0)),
        earlier=marked.get("earlier_answer"),
    )


def _schema(text: str) -> dict[str, Any] | None:
    """The last JSON object of the prompt that says which properties an object has."""
    return next((found for found in reversed(list(_objects(text))) if "properties" in found), None)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if isinstance(found, dict):
                yield found
        at = text.find("{", end)


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{re.escape(name)}: (.+)$", text, re.MULTILINE)
    return found[1] if found and not found[1].startswith("none") else ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace("/", " ").split() if word)
