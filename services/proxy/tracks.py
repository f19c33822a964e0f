"""Which of several sound tracks is listened to: the one meant to be played if it has sound, else the first that has. Pure."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.proxy.footage import Track
from shared.media_graph import opened

AUDIBLE = -60.0
"""Decibels of the loudest sample; a track that was recorded with nothing plugged in lies below."""
PLACES = (0.1, 0.5, 0.9)
"""Where a track is listened to, as shares of the length: a speaker who is silent at one may speak at another."""
SECONDS, SECONDS_OF_UNKNOWN = 10, 60
"""How long it is listened to at each, and at the start where the length is unknown."""

LOUDEST = re.compile(r"volumedetect@t(\d+) .*max_volume: (-?[\d.]+) dB")


def by_preference(tracks: Sequence[Track]) -> list[Track]:
    """The track meant to be played, then the others as they come."""
    return sorted(tracks, key=lambda track: not track.default)


def listened_to(tracks: Sequence[Track], loudest: Mapping[int, float]) -> Track | None:
    """The track to take, given the loudest sample of each by its number; the preferred one if none has sound."""
    ordered = by_preference(tracks)
    return next((track for track in ordered if loudest.get(track.number, -100.0) > AUDIBLE), next(iter(ordered), None))


def loudest(log: str) -> dict[int, float]:
    """The loudest sample of each track, by its number, from the log of a run of `sampling_arguments`."""
    return {int(number): float(decibels) for number, decibels in LOUDEST.findall(log)}


def sampling_arguments(source: Path, tracks: Sequence[Track], duration: float | None) -> list[str]:
    """A run that listens to a few seconds of each track."""
    listened = places(duration)
    inputs = [word for place in listened for word in (*place, *opened(source))]
    graphs = [word for track in tracks for word in ("-filter_complex", _graph(track, len(listened)))]
    return [*inputs, *graphs, "-f", "null", "-"]


def places(duration: float | None) -> list[tuple[str, ...]]:
    """The input options for each place that is listened to."""
    if not duration or duration < SECONDS * len(PLACES):
        return [("-t", str(SECONDS_OF_UNKNOWN))]
    return [("-ss", f"{share * duration - SECONDS / 2:.3f}", "-t", str(SECONDS)) for share in PLACES]


def _graph(track: Track, places: int) -> str:
    heard = "".join(f"[{place}:a:{track.number}]" for place in range(places))
    return f"{heard}concat=n={places}:v=0:a=1,volumedetect@t{track.number}"
