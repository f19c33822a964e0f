"""What others wrote, made fit to stand in a prompt: as data between marks that it cannot write itself."""

import re
import unicodedata
from collections.abc import Iterable

from services.nova.analyst import Span, Summary

JOINERS = "\u200c\u200d"
"""Invisible, but letters of Persian and of Indic scripts stand differently without them."""
ANGLES = str.maketrans(
    {"<": "\u2039", ">": "\u203a", "\uff1c": "\u2039", "\uff1e": "\u203a", "\ufe64": "\u2039", "\ufe65": "\u203a"}
)
"""Marks are written in angle brackets, so that data may have none."""


def line(text: str, most: int | None = None) -> str:
    """One line of visible text without angle brackets, cut after `most` characters."""
    visible = "".join(_visible(character) for character in text)
    told = " ".join(visible.translate(ANGLES).split())
    return told if most is None or len(told) <= most else f"{told[: max(most - 1, 0)].rstrip()}…"


def _visible(character: str) -> str:
    if character in JOINERS:
        return character
    kind = unicodedata.category(character)
    # Line and paragraph separators and control characters part words; what only steers the display is left out.
    return " " if kind in ("Cc", "Zl", "Zp") else "" if kind[0] == "C" else character


def data(name: str, text: str) -> str:
    """Text between marks; it must have gone through `line` or `json_data`."""
    return f"<{name}>\n{text}\n</{name}>"


def json_data(raw: str) -> str:
    """JSON, or what should be JSON, without angle brackets: they are written as escapes, which mean the same in it."""
    shown = "".join(character if character in "\n\t" else _visible(character) for character in raw)
    return re.sub("[<>\uff1c\uff1e\ufe64\ufe65]", lambda found: f"\\u{ord(found[0]):04x}", shown)


def listed_parts(parts: Iterable[tuple[Span, Summary]]) -> str:
    """Summaries of consecutive stretches with their times, at the greatest length that each has."""
    return "\n".join(f"[{span.start:.1f}\u2013{span.end:.1f}] {line(_fullest(summary))}" for span, summary in parts)


def _fullest(summary: Summary) -> str:
    told = summary.detailed or summary.standard or summary.brief
    return told.text if told else ""
