"""What ffmpeg tells of a source when it opens it: size, colours and tracks. Pure: reads its log."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

STREAM = re.compile(r"^ +Stream #0:\d+\S*: (?P<kind>Video|Audio): (?P<told>.*)$")
ROTATION = re.compile(r"^ +Display Matrix: rotation of (?P<degrees>\S+) degrees")
END = re.compile(r"^(Stream mapping|Output #0)")
"""Where the account of the source ends."""

PICTURE = re.compile(r", (?P<pixels>\w+)(?:\((?P<traits>(?:[^()]|\([^()]*\))*)\))?, (?P<width>\d+)x(?P<height>\d+)")
SHAPE = re.compile(r"SAR (\d+):(\d+)")
UNKNOWN_LAYOUT = re.compile(r", (\d+) channels\b")
GUESSED = re.compile(r"^Input #0, mpegts,|Estimating duration from bitrate", re.MULTILINE)
"""A transport stream's length is the time between its first and its last clock, which may have jumped."""
STILLS = ("(attached pic)", "(timed thumbnails)", "(still image)")
NO_COLOUR = re.compile(r"tv|pc|progressive|.* first( \(swapped\))?|\d+ bpc")
"""Traits of a picture that are not its colour space."""
NO_NAME = {"unknown", "reserved", "gbr"}
MONO = re.compile(r", (mono|1 channels)\b")


@dataclass(frozen=True)
class Colour:
    """A picture's colour space, in ffmpeg's names; None where the source does not say."""

    matrix: str | None = None
    primaries: str | None = None
    transfer: str | None = None
    rgb: bool = False


@dataclass(frozen=True)
class Picture:
    """A source's moving picture: its size as shown, upright and with square pixels, and its colours."""

    width: float
    height: float
    colour: Colour = Colour()


@dataclass(frozen=True)
class Track:
    """One of a source's sound tracks: which of them, whether it is the one to be played, and how many channels mean nothing."""

    number: int
    default: bool = False
    mono: bool = False
    unnamed: int = 0


@dataclass(frozen=True)
class Footage:
    """A source as ffmpeg sees it: its moving picture, if there is one whose size is known, and the sound tracks that it can
    decode; and whether its length is a guess, as the format does not tell.
    """

    picture: Picture | None = None
    tracks: tuple[Track, ...] = ()
    length_guessed: bool = False


def footage(log: str) -> Footage:
    """What a run's account tells of its first input."""
    pictures = list[tuple[str, float]]()
    tracks = list[str]()
    for kind, told in _streams(log):
        if kind == "Video":
            pictures.append((told, 0.0))
        elif kind == "Audio":
            tracks.append(told)
        elif pictures:
            pictures[-1] = (pictures[-1][0], float(told))
    moving = (found for told, turned in pictures if (found := _picture(told, turned)) is not None)
    return Footage(next(moving, None), tuple(_tracks(tracks)), GUESSED.search(log) is not None)


def _streams(log: str) -> Iterator[tuple[str, str]]:
    """Kind and description of each stream, and `Rotation` and degrees after one that has it."""
    for line in log.splitlines():
        if END.match(line):
            return
        if stream := STREAM.match(line):
            yield stream["kind"], stream["told"]
        elif turn := ROTATION.match(line):
            yield "Rotation", turn["degrees"]


def _picture(told: str, turned: float) -> Picture | None:
    found = PICTURE.search(told)
    if found is None or any(still in told for still in STILLS):
        return None
    shapes = [(int(across), int(down)) for across, down in SHAPE.findall(told)]
    across, down = shapes[-1] if shapes and all(shapes[-1]) else (1, 1)
    width, height = int(found["width"]) * across / down, float(found["height"])
    if not width or not height:
        return None
    if math.isfinite(turned) and round(turned / 90) % 2:
        width, height = height, width
    return Picture(width, height, _colour(found["pixels"], found["traits"] or ""))


def _colour(pixels: str, traits: str) -> Colour:
    rgb = re.match(r"(0?rgb|0?bgr|argb|abgr|gbr|pal8|x2rgb|x2bgr|bayer)", pixels) is not None
    told = next((trait for trait in traits.split(", ") if trait and not NO_COLOUR.fullmatch(trait)), "unknown")
    names = told.split("/") if told.count("/") == 2 else [told] * 3
    matrix, primaries, transfer = (None if name in NO_NAME else name for name in names)
    return Colour(matrix, primaries, transfer, rgb)


def _tracks(told: list[str]) -> Iterator[Track]:
    """The tracks that can be decoded."""
    for number, description in enumerate(told):
        if not description.startswith(("none", "unknown")):
            unnamed = UNKNOWN_LAYOUT.search(description)
            channels = int(unnamed[1]) if unnamed else 0
            yield Track(number, "(default)" in description, bool(MONO.search(description)), channels if channels > 1 else 0)
