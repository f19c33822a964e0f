"""A source through the renderer, without library and object store."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import av
import numpy as np
from numpy.typing import NDArray

from services.proxy.images import ImageJob, ImageResult, render
from services.proxy.renderer import Renderer, x264
from services.proxy.renditions import Rendered, Rendition, Source
from shared.contracts import Kind
from shared.media import Limits
from shared.media_encoders import Choice
from shared.working import Report
from tests.support.media import run_ffmpeg

PICTURES = {"thumbnail", "sprite", "sprite_vtt"}
SOUND = {"audio", "waveform"}
LIMITS = Limits(seconds=50)


@dataclass
class InProcess:
    """Renders images here and now."""

    jobs: list[ImageJob] = field(default_factory=list)

    async def render(self, job: ImageJob) -> ImageResult:
        self.jobs.append(job)
        return render(job)


def unheard(done: float, total: float | None) -> None:
    """Nobody looks how far it is."""


def source_of(path: Path, kind: Kind, duration: float | None = None, audio: bool = False) -> Source:
    """A file as the library would know it."""
    status = path.stat()
    return Source(UUID(int=1), 1, kind, path, status.st_size, status.st_mtime_ns, duration, audio)


async def rendered(
    path: Path,
    kind: Kind = Kind.VIDEO,
    *,
    duration: float | None = None,
    audio: bool = True,
    limits: Limits = LIMITS,
    choice: Callable[[], Choice] = x264,
    report: Report = unheard,
) -> Rendered:
    """Everything that is made of a file, in a folder `work` beside it."""
    folder = path.parent / "work"
    await asyncio.to_thread(folder.mkdir)
    renderer = Renderer(InProcess(), limits=limits, pixels=10**8, choice=choice)
    return await renderer.render(source_of(path, kind, duration, audio), folder, report)


def made(result: Rendered, name: str) -> Rendition:
    """One of the renditions."""
    [rendition] = [rendition for rendition in result.renditions if rendition.name == name]
    return rendition


def names(result: Rendered) -> set[str]:
    """What was made."""
    return {rendition.name for rendition in result.renditions}


def encode(path: Path, picture: str, *options: str, tone: str | None = "sine=duration=1") -> Path:
    """A clip of a generated picture, with a generated sound or silent; options are for its encoders."""
    sound = ["-f", "lavfi", "-i", tone] if tone else []
    run_ffmpeg("-f", "lavfi", "-i", picture, *sound, "-c:v", "libx264", "-preset", "ultrafast", *options, path)
    return path


def pictures(path: Path) -> list[NDArray[np.uint8]]:
    """The decoded frames of a video or picture, in red, green and blue."""
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def brightness(path: Path) -> list[float]:
    """Mean luma of each frame of a yuv420p video, as coded: 16 is black and 235 white."""
    with av.open(str(path)) as container:
        return [float(frame.to_ndarray()[: frame.height].mean()) for frame in container.decode(video=0)]


def speech(result: Rendered) -> NDArray[np.int16]:
    """The samples of the speech audio."""
    return sound(made(result, "audio").path)


def sound(path: Path) -> NDArray[np.int16]:
    """The first channel of a sound, in 16 bits."""
    resampler = av.AudioResampler(format="s16p")
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames])
