"""Whether what was made is any good: it opens, it has frames, it is as long as the original."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.stream import Stream

from services.proxy.renditions import Measure
from shared.errors import BadMedia, Transient

TOLERANCE, SLACK = 0.02, 1.0
"""A proxy may be shorter than its source by this share or so many seconds, whichever is more: containers round."""


class Spoilt(Transient):
    """A rendition lacks part of what was put into it."""

    def __init__(self, decoded: float, length: float) -> None:
        super().__init__(
            f"The proxy came out with {length:.0f} of {decoded:.0f} s. It is made again; "
            "if that happens again, check the disk of the temporary folder."
        )


@dataclass(frozen=True)
class Lengths:
    """How long a file's picture and its sound are, in seconds; None for what it has not."""

    picture: float | None
    sound: float | None


@dataclass(frozen=True)
class Examined:
    """What a look into a rendition shows."""

    measure: Measure
    lengths: Lengths


def examine(path: Path) -> Examined | None:
    """Open a rendition and decode its first frame; None if there is none."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with av.open(str(path)) as container:
            duration = container.duration / av.time_base if container.duration else None
            lengths = Lengths(_longest(container.streams.video), _longest(container.streams.audio))
            match next(container.decode(container.streams[0]), None):
                case av.VideoFrame() as picture:
                    return Examined(Measure(picture.width, picture.height, duration), lengths)
                case av.AudioFrame():
                    return Examined(Measure(None, None, duration), lengths)
    except (av.FFmpegError, IndexError):
        pass  # what cannot be opened or decoded has no frames either
    return None


def measure(path: Path) -> Measure | None:
    """How large a rendition is; None if nothing in it can be decoded."""
    examined = examine(path)
    return examined.measure if examined else None


def _longest(streams: Sequence[Stream]) -> float | None:
    lengths = (float(stream.duration * stream.time_base) for stream in streams if stream.duration and stream.time_base)
    return max(lengths, default=None)


def is_short(expected: float, actual: float) -> bool:
    """Whether a length falls short of another by more than containers round."""
    return actual < expected - max(expected * TOLERANCE, SLACK)


def shortfall(expected: float | None, actual: float | None, *, guessed: bool = False) -> str | None:
    """Why a rendition is shorter than its source says it is; None if it is not, or if the source does not say.

    Where the length was guessed, nothing need be missing.
    """
    if not expected or actual is None or not is_short(expected, actual):
        return None
    if guessed:
        return f"The file's own clock is wrong: it is {actual:.0f} s long, not {expected:.0f} s."
    return (
        f"The file is damaged or incomplete: {actual:.0f} of its {expected:.0f} s could be read. "
        "Copy it again from the camera or card."
    )


def disagreement(found: Lengths) -> str | None:
    """What to say of picture and sound that do not end together; None if they do."""
    if found.picture is None or found.sound is None:
        return None
    if is_short(found.picture, found.sound):
        return f"The sound ends after {found.sound:.0f} of {found.picture:.0f} s. If it should not, copy the file again."
    if is_short(found.sound, found.picture):
        return f"The picture ends after {found.picture:.0f} of {found.sound:.0f} s. If it should not, copy the file again."
    return None


def require_whole(path: Path, decoded: float, sentence: str) -> Examined:
    """Examine a rendition; raises BadMedia with the sentence if there is nothing in it, Spoilt if it is shorter than what was
    decoded for it, in seconds.
    """
    examined = examine(path)
    if examined is None:
        raise BadMedia(sentence)
    length = examined.measure.duration
    if length is not None and is_short(decoded, length):
        raise Spoilt(decoded, length)
    return examined
