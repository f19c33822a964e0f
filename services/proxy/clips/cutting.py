"""How a clip is cut out of a proxy: to the frame, by encoding it anew. Pure: a span goes in, ffmpeg's arguments come out.

A copy would do no harm to the picture, but could begin at key frames alone: what lies between the last of them and the span
would be in the file, and whoever got it could see it.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from services.proxy.framing import FRAME_RATE
from shared.errors import BadMedia
from shared.media_graph import opened

HALF = 0.5 / FRAME_RATE
"""Half a frame's time, by which a cut misses every frame and so cannot be on the wrong side of one."""
RUN_UP = 1.0
"""Seconds before the span from which on frames are decoded for good: ffmpeg need not be exact where it enters."""
PICTURE = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-pix_fmt", "yuv420p", "-r", str(FRAME_RATE), "-g", "30")
"""Finer than the proxy, so that a second encoding is not to be seen; players jump to key frames two seconds apart."""
SOUND = ("-c:a", "aac", "-b:a", "128k")
PLAIN = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4")
"""Neither tags nor chapters, nor what encoded it; the index in front, so that it plays while it is loaded."""

NO_PICTURE = "The picture ends after {end:.1f} s, and the span begins at {starts:.1f} s. Share one that begins before."
NO_SOUND = "The sound ends after {end:.1f} s, and the span begins at {starts:.1f} s. Share one that begins before."


@dataclass(frozen=True)
class Cut:
    """From when to when, in seconds, exactly on frames where there is a picture, and which of picture and sound there are."""

    starts: float
    ends: float
    picture: bool
    sound: bool


def planned(starts: float, ends: float, *, picture: float | None, sound: float | None) -> Cut:
    """What there is to cut of a span of a proxy whose picture and sound are so long, where it has any.

    Raises BadMedia if there is nothing in the span.
    """
    heard = sound is not None and starts < sound
    if picture is None:
        if not heard:
            raise BadMedia(NO_SOUND.format(end=sound or 0.0, starts=starts))
        return Cut(starts, ends, picture=False, sound=True)
    if starts >= picture:
        raise BadMedia(NO_PICTURE.format(end=picture, starts=starts))
    last = math.ceil(picture * FRAME_RATE - 0.01) - 1
    first = min(round(starts * FRAME_RATE), last)
    after = max(round(ends * FRAME_RATE), first + 1)
    return Cut(first / FRAME_RATE, after / FRAME_RATE, picture=True, sound=heard)


def arguments(proxy: Path, cut: Cut, name: str) -> list[str]:
    """One run: the clip, whose second 0 is the start of the span in picture and sound."""
    entered = max(0.0, cut.starts - RUN_UP)
    starts, ends = cut.starts - entered, cut.ends - entered
    seen = (f"[0:V:0]{_between('trim', starts - HALF, ends - HALF)},setpts=PTS-STARTPTS[seen]", "[seen]", PICTURE)
    heard = (f"[0:a:0]{_between('atrim', starts, ends)},asetpts=PTS-STARTPTS[heard]", "[heard]", SOUND)
    parts = [part for part, there in ((seen, cut.picture), (heard, cut.sound)) if there]
    graphs = [word for graph, _, _ in parts for word in ("-filter_complex", graph)]
    streams = [word for _, label, _ in parts for word in ("-map", label)]
    encoders = [word for _, _, encoder in parts for word in encoder]
    entry = ["-ss", f"{entered:.6f}", "-t", f"{ends + RUN_UP:.6f}"]
    return [*entry, *opened(proxy), *graphs, *streams, *encoders, *PLAIN, name]


def _between(trim: str, starts: float, ends: float) -> str:
    return f"{trim}=start={max(0.0, starts):.6f}:end={ends:.6f}"
