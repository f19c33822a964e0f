"""Films a clip: places the shots between the sentences and draws every frame."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cli.demo.making.encoding import Format, Sound, clip_arguments, encode, sound_arguments
from cli.demo.making.manifest import Entry
from cli.demo.making.narration import Sentence
from cli.demo.making.painting import pixels
from cli.demo.making.script import Clip, Recording

OPUS = {".mkv"}
"""Containers whose sound is Opus; the others carry AAC."""


def cuts(clip: Clip, sentences: Sequence[Sentence]) -> tuple[float, ...]:
    """Seconds at which the picture changes, each on a frame in the middle of a pause."""
    places = []
    for shot in clip.shots[1:]:
        place = _middle_of_pause(sentences, shot.begins) if sentences else float(shot.begins)
        places.append(round(round(place * clip.rate) / clip.rate, 3))
    return tuple(places)


def _middle_of_pause(sentences: Sequence[Sentence], before: int) -> float:
    return (sentences[before - 1].end + sentences[before].start) / 2


def frame_count(clip: Clip, sentences: Sequence[Sentence]) -> int:
    """Frames that hold every sentence and the pause after the last."""
    seconds = sentences[-1].end + clip.lines[-1].pause if sentences else clip.silent_seconds
    return math.ceil(seconds * clip.rate)


def frames(clip: Clip, changes: Sequence[float], count: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Every frame in turn; a shot's clock starts when it is first seen."""
    starts = [0.0, *changes]
    number, scene = -1, clip.shots[0].scene(*clip.size, np.random.default_rng(0))
    for index in range(count):
        time = index / clip.rate
        current = sum(time >= start - 1e-3 for start in starts) - 1
        if current != number:
            number, scene = current, clip.shots[current].scene(*clip.size, np.random.default_rng(7 + current))
        yield pixels(scene.frame(time - starts[number]))


def film(clip: Clip, sentences: Sequence[Sentence], sound: Sound | None, folder: Path) -> Entry:
    """Writes the clip under `folder` and returns its truth."""
    target, changes, count = folder / clip.path, cuts(clip, sentences), frame_count(clip, sentences)
    codec = "libopus" if target.suffix in OPUS else "aac"
    form = Format(*clip.size, clip.rate, clip.quality, codec)
    target.parent.mkdir(parents=True, exist_ok=True)
    encode(clip_arguments(form, sound, clip.recorded, target), frames(clip, changes, count))
    return Entry(
        clip.path,
        "video",
        *clip.size,
        seconds=round(count / clip.rate, 3),
        rate=clip.rate,
        taken=_iso(clip.recorded),
        sentences=tuple(sentences),
        cuts=changes,
    )


def record(recording: Recording, sentences: Sequence[Sentence], seconds: float, sound: Sound, folder: Path) -> Entry:
    """Writes a file that is only heard and returns its truth."""
    target = folder / recording.path
    target.parent.mkdir(parents=True, exist_ok=True)
    encode(sound_arguments(sound, recording.recorded, dict(recording.tags), target))
    return Entry(recording.path, "audio", seconds=round(seconds, 3), taken=_iso(recording.recorded), sentences=tuple(sentences))


def _iso(moment: datetime) -> str:
    return moment.isoformat()
