"""Whether what was made is any good: it opens, it has frames, it is as long as the original."""

from pathlib import Path

import av

from services.proxy.renditions import Measure
from shared.errors import BadMedia

TOLERANCE, SLACK = 0.02, 1.0
"""A proxy may be shorter than its source by this share or so many seconds, whichever is more: containers round."""


def measure(path: Path) -> Measure | None:
    """Decode a rendition's first frame; None if there is none."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with av.open(str(path)) as container:
            duration = container.duration / av.time_base if container.duration else None
            match next(container.decode(container.streams[0]), None):
                case av.VideoFrame() as picture:
                    return Measure(picture.width, picture.height, duration)
                case av.AudioFrame():
                    return Measure(None, None, duration)
    except (av.FFmpegError, IndexError):
        pass  # what cannot be opened or decoded has no frames either
    return None


def shortfall(expected: float | None, actual: float | None) -> str | None:
    """Why a rendition is shorter than its source says it is; None if it is not, or if the source does not say."""
    if not expected or actual is None or actual >= expected - max(expected * TOLERANCE, SLACK):
        return None
    return (
        f"The file is damaged or incomplete: {actual:.0f} of its {expected:.0f} s could be read. "
        "Copy it again from the camera or card."
    )


def require(measured: Measure | None, sentence: str) -> Measure:
    """The measure; raises BadMedia with the sentence if there is nothing to measure."""
    if measured is None:
        raise BadMedia(sentence)
    return measured
