"""What is asked about an image and what comes back; the decoders are loaded only in the process that works with them."""

from dataclasses import dataclass
from pathlib import Path

from services.proxy.renditions import Measure


@dataclass(frozen=True)
class ImageJob:
    """What to make of an image: where it is, where the two renditions go, and how many pixels it may have."""

    source: Path
    image: Path
    thumbnail: Path
    pixels: int


@dataclass(frozen=True)
class ImageResult:
    """The sizes of what was made, and what is wrong with it, if anything."""

    image: Measure
    thumbnail: Measure
    reason: str | None


def render(job: ImageJob) -> ImageResult:
    """Make both renditions; raises BadMedia or DiskFull, and nothing else, whatever the bytes are."""
    from services.proxy.image_rendering import render  # noqa: PLC0415 - the service imports this module too, without decoders

    return render(job)
