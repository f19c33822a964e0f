"""Values from files, made fit for JSON and Postgres: files can say anything, and some are made to do harm."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue

LONGEST_TEXT = 2000
"""Characters kept of one value: room for a caption, not for a manuscript."""
LONGEST_LIST = 64
"""Values kept of one list: keywords fit, curves and tables of the camera do not belong to people."""
LARGEST_NUMBER = 2**53
"""Beyond it JSON readers in browsers lose digits, so that it is no count that anybody wrote on purpose."""

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def text(value: object) -> str | None:
    """A string without what Postgres or a screen cannot take; bytes are read as UTF-8; None if nothing is left."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    return UNPRINTABLE.sub("", value[: 2 * LONGEST_TEXT]).strip()[:LONGEST_TEXT].strip() or None


def texts(values: Iterable[object], *, longest: int = LONGEST_TEXT) -> list[str]:
    """The strings among `values` that say something, cut to `longest` characters, each once."""
    cleaned = ((text(value) or "")[:longest].strip() for value in values)
    return list(dict.fromkeys(value for value in cleaned if value))


def number(value: Any) -> float | None:
    """A finite float of whatever can be one; None otherwise."""
    try:
        result = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return result if math.isfinite(result) and abs(result) <= LARGEST_NUMBER else None


def positive(value: Any) -> float | None:
    """A finite float above zero; None otherwise."""
    result = number(value)
    return result if result is not None and result > 0 else None


def count(value: Any) -> int | None:
    """A whole number above zero; None otherwise."""
    result = positive(value)
    return int(result) if result is not None and result >= 1 else None


def plain(value: Any) -> JsonValue:
    """What JSON has for a value; None for what has no plain form, as bytes and maps of the camera."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        return int(value) if abs(value) <= LARGEST_NUMBER else None
    if isinstance(value, list | tuple):
        return _plain_list(value)
    return None if isinstance(value, bytes | Mapping) else number(value)


def _plain_list(values: list[Any] | tuple[Any, ...]) -> JsonValue:
    kept = [plain(value) for value in values[: LONGEST_LIST + 1]]
    return kept if kept and len(kept) <= LONGEST_LIST and None not in kept else None


def without_empty(values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The entries that say something."""
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}
