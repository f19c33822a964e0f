"""From an original to its renditions: picks the tool by kind, checks what came out, says what is missing."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import structlog

from services.proxy import video
from services.proxy.check import measure, require, shortfall
from services.proxy.images import ImageJob, ImageResult
from services.proxy.original import require_unchanged
from services.proxy.renditions import Measure, Rendered, Rendition, Source
from services.proxy.shots import CUTS, cuts
from shared.contracts import Kind
from shared.media import Limits, run
from shared.media_faults import MediaFailed
from shared.media_progress import Progress

NO_PICTURE = "No picture could be decoded. Check that the video plays, or copy it again from the camera or card."
NO_SOUND = "No sound could be decoded. Check that the file plays, or copy it again from the recorder or card."
SILENT = "The sound is damaged and could not be decoded; the proxy was made without it. Copy the file again to get it."

LOG_EVERY = 10.0
"""Seconds between two lines about the progress of a long conversion."""

log = structlog.get_logger()


class Images(Protocol):
    """Makes the renditions of one image."""

    async def render(self, job: ImageJob) -> ImageResult: ...


class Renderer:
    """Makes renditions in a folder; needs the source only while it works."""

    def __init__(self, images: Images, *, limits: Limits, pixels: int) -> None:
        self._images = images
        self._limits = limits
        self._pixels = pixels

    async def render(self, source: Source, folder: Path) -> Rendered:
        """All renditions of a source; raises BadMedia with a sentence, or what the tools raise of passing trouble."""
        require_unchanged(source)
        match source.kind:
            case Kind.VIDEO:
                rendered = await self._video(source, folder)
            case Kind.AUDIO:
                rendered = await self._audio(source, folder)
            case Kind.IMAGE:
                rendered = await self._image(source, folder)
        require_unchanged(source)
        return rendered

    async def _video(self, source: Source, folder: Path) -> Rendered:
        silent = None
        try:
            await self._convert(source, video.video_arguments(source), folder)
        except MediaFailed:
            if not source.has_audio:
                raise
            # If it works without the sound, then the sound was at fault.
            source, silent = replace(source, has_audio=False), SILENT
            await self._convert(source, video.video_arguments(source), folder)
        proxy = require(await _measured(folder / video.PROXY), NO_PICTURE)
        thumbnail = require(await _measured(folder / video.THUMBNAIL), NO_PICTURE)
        speech = await _measured(folder / video.SPEECH) if source.has_audio else None
        if source.has_audio and speech is None:
            silent = SILENT
        return Rendered(
            (
                _rendition("proxy", folder / video.PROXY, "video/mp4", proxy),
                _rendition("thumbnail", folder / video.THUMBNAIL, "image/jpeg", replace(thumbnail, duration=None)),
                *((_rendition("audio", folder / video.SPEECH, "audio/flac", speech),) if speech else ()),
            ),
            cuts((folder / CUTS).read_text()),
            _reason(shortfall(source.duration, proxy.duration), silent),
        )

    async def _audio(self, source: Source, folder: Path) -> Rendered:
        await self._convert(source, video.audio_arguments(source), folder)
        proxy = require(await _measured(folder / video.LISTENING), NO_SOUND)
        speech = require(await _measured(folder / video.SPEECH), NO_SOUND)
        return Rendered(
            (
                _rendition("proxy", folder / video.LISTENING, "audio/mp4", proxy),
                _rendition("audio", folder / video.SPEECH, "audio/flac", speech),
            ),
            reason=shortfall(source.duration, speech.duration),
        )

    async def _image(self, source: Source, folder: Path) -> Rendered:
        job = ImageJob(source.path, folder / "nova.jpg", folder / "thumbnail.jpg", self._pixels)
        made = await self._images.render(job)
        return Rendered(
            (
                _rendition("image", job.image, "image/jpeg", made.image),
                _rendition("thumbnail", job.thumbnail, "image/jpeg", made.thumbnail),
            ),
            reason=made.reason,
        )

    async def _convert(self, source: Source, arguments: list[str], folder: Path) -> None:
        await run(arguments, folder, limits=self._limits, duration=source.duration, on_progress=progress_log(source))


def progress_log(source: Source) -> "ProgressLog":
    """A reporter for one source."""
    return ProgressLog(str(source.file_id))


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


async def _measured(path: Path) -> Measure | None:
    return await asyncio.to_thread(measure, path)


def _rendition(name: str, path: Path, content_type: str, size: Measure) -> Rendition:
    return Rendition(name, path, content_type, path.stat().st_size, size.width, size.height, size.duration)


def _reason(*reasons: str | None) -> str | None:
    return " ".join(reason for reason in reasons if reason) or None
