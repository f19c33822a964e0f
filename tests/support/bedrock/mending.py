"""JSON that is broken in the ways in which models break it, read none the less."""

import json
import re
from typing import Any

MISSING_COMMA = re.compile(r'(["}\]\d])(\s+)("\w+":)')
CLOSING = {"{": "}", "[": "]"}


def mended(text: str) -> Any:
    """The value that a text stands for, or None: commas that are missing are added, and what is open is closed."""
    start = text.find("{")
    if start < 0:
        return None
    text = MISSING_COMMA.sub(r"\1,\2\3", text[start:])
    for end in (len(text), *_ends(text)):
        try:
            return json.JSONDecoder().raw_decode(text[:end] + _missing(text[:end]))[0]
        except ValueError:
            continue
    return None


def _ends(text: str) -> list[int]:
    """Where the text can be cut so that what is left is whole: after a bracket or a string, the last first."""
    return [found.end() for found in re.finditer(r'[}\]"]', text)][::-1][:200]


def _missing(text: str) -> str:
    """The brackets that would have to follow."""
    open_: list[str] = []
    for sign in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if sign in CLOSING:
            open_.append(CLOSING[sign])
        elif open_ and sign == open_[-1]:
            open_.pop()
    return "".join(reversed(open_))
