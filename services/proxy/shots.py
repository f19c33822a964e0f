"""Shot cuts, as ffmpeg's scene filter sees them."""

import re
from collections.abc import Iterator

CUTS = "cuts.txt"
"""What the filter writes its scores to."""
THRESHOLD = 0.3
"""Share of change between two frames that is a cut; ffmpeg's manual calls 0.3 to 0.5 sane, and the lower misses fewer."""

FRAME = re.compile(r"pts_time:(\S+)\s+lavfi\.scene_score=(\S+)")


def cuts(printed: str) -> tuple[float, ...]:
    """Seconds at which a new shot begins, from what the `metadata` filter printed."""
    return tuple(_cuts(printed))


def _cuts(printed: str) -> Iterator[float]:
    for seconds, score in FRAME.findall(printed):
        if float(score) > THRESHOLD:
            yield float(seconds)
