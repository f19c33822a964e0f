"""Listings as Postgres's COPY reads them: a line per path, of a form that only odd names are taken apart for."""

import os

from services.ingest.scans.walk import Listing, Problem
from shared.paths import shown

# Columns: path_raw, size, modified_ns, state, reason, path; the last only where Postgres cannot tell it from the first.
MARKS = 3
"""Backslashes of a file's line, if there are none in its name."""
FIELDS = 6

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""What COPY's text format has a meaning for."""


def lines(listing: Listing) -> bytes:
    """The lines of a listing's files and problems."""
    prefix = listing.prefix
    plain = "".join([f"{prefix}{name}\t{size}\t{modified}\t\\N\t\\N\t\\N\n" for name, size, modified in listing.files])
    return (_encoded(plain, len(listing.files)) or _escaped(listing)) + b"".join(map(_problem, listing.problems))


def _encoded(text: str, count: int) -> bytes | None:
    """The lines as they are; None if a name has something in it that must be escaped."""
    if text.count("\\") != MARKS * count or text.count("\n") != count or "\r" in text:
        return None
    if text.count("\t") != (FIELDS - 1) * count:
        return None
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None


def _escaped(listing: Listing) -> bytes:
    rows = []
    for name, size, modified in listing.files:
        raw = os.fsencode(listing.prefix + name)
        rows.append(f"{_bytea(raw)}\t{size}\t{modified}\t\\N\t\\N\t{_text(shown(raw))}\n")
    return "".join(rows).encode()


def _problem(problem: Problem) -> bytes:
    raw = os.fsencode(problem.path)
    return f"{_bytea(raw)}\t\\N\t\\N\t{problem.state}\t{_text(problem.reason)}\t{_text(shown(raw))}\n".encode()


def _bytea(raw: bytes) -> str:
    """Any bytes, in hexadecimal; the backslash is written as COPY wants it."""
    return f"\\\\x{raw.hex()}"


def _text(text: str) -> str:
    return text.translate(ESCAPES)
