"""Answers as Postgres can keep them."""

import math

from pydantic import JsonValue

STAND_IN = "\ufffd"


def storable(value: JsonValue) -> JsonValue:
    """The same JSON, but for what `jsonb` refuses: the character NUL, halves of characters, and numbers that are none."""
    match value:
        case str():
            return value.encode(errors="replace").decode().replace("\x00", STAND_IN) if _is_odd(value) else value
        case list():
            return [storable(one) for one in value]
        case dict():
            return {str(storable(key)): storable(one) for key, one in value.items()}
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def _is_odd(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)
