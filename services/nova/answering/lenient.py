"""Slips of models that can be read in one way only: numbers in quotes, clock times, one thing where a list is due."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from services.nova.provenance import UNKNOWN

CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")
SECONDS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:s|sec|seconds)")
PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")
LEAST_PERCENT = 10
"""A confidence above it can only be meant in hundredths; below, it may be out of ten."""


def seconds(told: object) -> object:
    """`75`, `"75 s"`, `"1:15"` and `"00:01:15"` are the same time; what is none of these is left to be refused."""
    if not isinstance(told, str):
        return told
    if match := CLOCK.fullmatch(told.strip()):
        hours, minutes, rest = match.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))
    match = SECONDS.fullmatch(told.strip())
    return match[1] if match else told


def share(told: object) -> object:
    """A confidence from 0 to 1: `"80 %"` and `80` are 0.8."""
    if isinstance(told, str) and (match := PERCENT.fullmatch(told.strip())):
        return float(match[1]) / 100
    if isinstance(told, int | float) and not isinstance(told, bool) and LEAST_PERCENT < told <= 100:
        return told / 100
    return told


def text(told: object) -> object:
    """Numbers are texts where a text is due: a job may be called 812."""
    return str(told) if isinstance(told, int | float) and not isinstance(told, bool) else told


def folded(told: object) -> object:
    """A word of a fixed list, however it is written: `File Name` is `filename`."""
    return re.sub(r"[\s_-]+", "", told).casefold() if isinstance(told, str) else told


def listed(told: object) -> object:
    """Nothing is an empty list, and one thing a list of one."""
    if told is None:
        return []
    return told if isinstance(told, list | tuple) else [told]


def under(key: str) -> Callable[[object], object]:
    """What is told by itself in place of an object, as the object that has it under `key`."""

    def wrapped(told: object) -> object:
        if told is None:
            return {}
        return {key: told} if isinstance(told, str | int | float) and not isinstance(told, bool) else told

    return wrapped


def stretch(told: object) -> object:
    """A stretch as a pair of times, or as one moment."""
    if isinstance(told, list | tuple) and len(told) == 2:
        return {"start": told[0], "end": told[1]}
    if isinstance(told, int | float | str) and not isinstance(told, bool):
        return {"start": told, "end": told}
    return told


def worded(told: object) -> object:
    """Prose by itself, as the object that has it."""
    return {"text": told} if isinstance(told, str) else told


def absent(told: object) -> object:
    """Null is an object in which nothing is told."""
    return {} if told is None else told


def known(told: object) -> object:
    """Null is a value that is not known."""
    return UNKNOWN if told is None else told


Time = Annotated[float, BeforeValidator(seconds), WithJsonSchema({"type": "number"})]
"""Seconds in the clock of the clip."""
Text = Annotated[str, BeforeValidator(text)]
Listed = BeforeValidator(listed)
