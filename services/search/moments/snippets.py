"""Excerpts for people: the words around a match, safe to put into a page, the match marked."""

import re
from html import escape

OPEN, CLOSE = "\x02", "\x03"
"""Around each matching word in what Postgres returns: characters that no text of ours has."""
WIDTH = 200
"""Characters of an excerpt: about two lines."""
LEAD = 60
"""Of these, before the first match."""

MARKS = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")


def snippet(marked: str, *, width: int = WIDTH) -> str:
    """HTML of about `width` characters around the first match: matches in `<mark>`, everything else escaped."""
    first = marked.find(OPEN)
    start = _word_start(marked, first) if len(marked) > width else 0
    end = _word_end(marked, start + width)
    html = MARKS.sub(r"<mark>\1</mark>", escape(marked[start:end].strip(), quote=False))
    return f"{'…' if start else ''}{_without_marks(html)}{'…' if end < len(marked) else ''}"


def plain(marked: str) -> str:
    """The text without marks."""
    return _without_marks(marked)


def _without_marks(text: str) -> str:
    return text.replace(OPEN, "").replace(CLOSE, "")


def _word_start(text: str, first: int) -> int:
    """Where a word begins, at most `LEAD` characters before the first match."""
    at = max(0, first - LEAD)
    return at and min(first, text.find(" ", at) + 1 or at)


def _word_end(text: str, at: int) -> int:
    """The last place, up to `at`, where a word ends; the end of a match that begins before it."""
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", 0, at)
    return space if space > at - LEAD else at
