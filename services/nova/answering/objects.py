"""Finding the one JSON object in what a model wrote, and nothing that only looks like it."""

import json
import math
import re
from collections.abc import Collection
from typing import Any, Never

BEGINNING = re.compile(r'\{(?=\s*(?:["}]|$))')
"""How an object begins; other braces are prose."""
TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)
AROUND = 30
"""Characters shown before and after a fault."""


class NoObject(Exception):
    """The text holds no complete JSON object; the sentence says where it ends or goes wrong."""


def first_object(raw: str, keys: Collection[str]) -> dict[str, Any]:
    """The first complete object that has one of the keys, else the first of all; raises NoObject.

    Fences, prose around it, a byte order mark and commas before a closing bracket are passed over.
    """
    text = raw.replace("\ufeff", "")
    try:
        return _first(text, keys)
    except NoObject as fault:
        mended = TRAILING_COMMA.sub(lambda found: found[1] or "", text)
        if mended == text:
            raise
        try:
            return _first(mended, keys)
        except NoObject:
            raise fault from None


def _first(text: str, keys: Collection[str]) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    at = 0
    while match := BEGINNING.search(text, at):
        if text[at : match.start()].rstrip().endswith("["):
            raise NoObject("The answer is a JSON array; one JSON object was expected.")
        one, at = _decoded(text, match.start())
        if not one.keys().isdisjoint(keys):
            return one
        found.append(one)
    if not found:
        raise NoObject("There is no JSON object in the answer; it has to begin with { and to end with }.")
    return found[0]


def _decoded(text: str, at: int) -> tuple[dict[str, Any], int]:
    try:
        found, end = json.JSONDecoder(strict=False, parse_constant=_no_number, parse_float=_number).raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise NoObject(_fault(text, error)) from None
    except RecursionError:
        raise NoObject("The answer is nested too deeply to be read.") from None
    except ValueError:
        raise NoObject("The answer has a number with too many digits.") from None
    return found, end


def _number(written: str) -> float:
    number = float(written)
    return number if math.isfinite(number) else _no_number(written)


def _no_number(written: str) -> Never:
    raise NoObject(f"The answer has {written}, which is no number in JSON.")


def _fault(text: str, error: json.JSONDecodeError) -> str:
    if error.msg.startswith("Unterminated string") or not text[error.pos :].strip("`\n\r\t "):
        return f"The answer breaks off after {len(text)} characters, before its JSON object ends: \u201c{_tail(text)}\u201d."
    around = text[max(0, error.pos - AROUND) : error.pos + AROUND].replace("\n", " ")
    return f"The JSON is broken at line {error.lineno}, column {error.colno} ({error.msg}): \u201c{around}\u201d."


def _tail(text: str) -> str:
    return text.rstrip()[-AROUND:].replace("\n", " ")
