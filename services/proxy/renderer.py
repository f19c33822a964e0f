"""From an original to its renditions: picks the tool by kind and says how far it is."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog

from services.proxy.assembly import Assembly
from services.proxy.conversion import Converter
from services.proxy.images import ImageJob, ImageResult
from services.proxy.original import require_unchanged
from services.proxy.recipes import recipe
from services.proxy.renditions import Measure, Rendered, Rendition, Source
from shared.contracts import Kind
from shared.media import Limits
from shared.media_encoders import Choice, Encoder
from shared.media_progress import OnProgress, Progress
from shared.working import Report

LOG_EVERY = 10.0
"""Seconds between two lines about the progress of a long conversion."""

log = structlog.get_logger()


class Images(Protocol):
    """Makes the renditions of one image."""

    async def render(self, job: ImageJob) -> ImageResult: ...


def x264() -> Choice:
    """The encoder that works everywhere."""
    return Choice(Encoder.X264)


class Renderer:
    """Makes renditions in a folder; needs the source only while it works."""

    def __init__(self, images: Images, *, limits: Limits, pixels: int, choice: Callable[[], Choice] = x264) -> None:
        self._images = images
        self._limits = limits
        self._pixels = pixels
        self._choice = choice

    async def render(self, source: Source, folder: Path, report: Report) -> Rendered:
        """All renditions of a source; raises BadMedia with a sentence, or what the tools raise of passing trouble.

        `report` is told the seconds done, and those in all if they are known; from another thread.
        """
        require_unchanged(source)
        match source.kind:
            case Kind.VIDEO:
                converted = await self._converter().video(source, folder, told(source, report))
                rendered = await asyncio.to_thread(Assembly(source, folder, converted).video)
            case Kind.AUDIO:
                converted = await self._converter().audio(source, folder, told(source, report))
                rendered = await asyncio.to_thread(Assembly(source, folder, converted).audio)
            case Kind.IMAGE:
                rendered = await self._image(source, folder)
        require_unchanged(source)
        return rendered

    def _converter(self) -> Converter:
        return Converter(self._limits, self._choice())

    async def _image(self, source: Source, folder: Path) -> Rendered:
        job = ImageJob(source.path, folder / "nova.jpg", folder / "thumbnail.jpg", self._pixels)
        made = await self._images.render(job)
        return Rendered(
            (_picture("image", job.image, made.image), _picture("thumbnail", job.thumbnail, made.thumbnail)), reason=made.reason
        )


def told(source: Source, report: Report) -> OnProgress:
    """What to do with ffmpeg's progress: report it, and note it now and then."""
    noted = ProgressLog(str(source.file_id))

    def tell(progress: Progress) -> None:
        report(progress.seconds, source.duration)
        noted(progress)

    return tell


class ProgressLog:
    """Notes every so often how far a conversion is."""

    def __init__(self, file_id: str) -> None:
        self._file_id = file_id
        self._next = time.monotonic() + LOG_EVERY

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LOG_EVERY
            share = round(progress.fraction, 3) if progress.fraction is not None else None
            log.info("converting", file_id=self._file_id, seconds=round(progress.seconds, 1), share=share, speed=progress.speed)


def _picture(name: str, path: Path, size: Measure) -> Rendition:
    made_with = recipe(Kind.IMAGE, name)
    return Rendition(name, path, "image/jpeg", path.stat().st_size, size.width, size.height, recipe=made_with)
