"""What is measured: the service's renderer, the same ffmpeg command by hand, and one run for each thing that is made."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from services.proxy import video
from services.proxy.conversion import Converter
from services.proxy.footage import Footage
from services.proxy.images import ImageJob, ImageResult
from services.proxy.plans import Plan
from services.proxy.renderer import Renderer
from services.proxy.renditions import Rendered, Source
from shared.contracts import Kind
from shared.identifiers import new_id
from shared.media import LENIENT, QUIET, REPORTING, Limits, executable
from shared.media_encoders import Choice, Encoder
from shared.platform import run_async, start_group
from tests.bench.rounds import Figures

NICE = Limits().nice
"""As the service's runs: on a busy machine another niceness is another speed."""

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-g", "75", "-movflags", "+faststart")
AAC = ("-c:a", "aac", "-ac", "2", "-b:a", "96k")


class NoImages:
    """There are none here."""

    async def render(self, job: ImageJob) -> ImageResult:
        raise NotImplementedError


@dataclass(frozen=True)
class Sides:
    """The ways to get a clip's renditions; each works in a folder of its own, which is emptied before."""

    clip: Source
    footage: Footage
    folder: Path

    @classmethod
    def of(cls, path: Path, duration: float, folder: Path) -> "Sides":
        """For a clip of so many seconds."""
        status = path.stat()
        clip = Source(new_id(), 1, Kind.VIDEO, path, status.st_size, status.st_mtime_ns, duration, has_audio=True)
        footage = run_async(Converter(Limits(), Choice(Encoder.X264)).look(clip, folder))
        return cls(clip, footage, folder)

    def service(self) -> Rendered:
        """As the service does it."""
        renderer = Renderer(NoImages(), limits=Limits(), pixels=1)
        return run_async(renderer.render(self.clip, self.fresh("service"), lambda done, total: None))

    def by_hand(self) -> None:
        """The command that the service runs, and nothing else."""
        self.ffmpeg("by hand", *REPORTING, *LENIENT, *self.arguments())

    def proxy_alone(self) -> None:
        """A proxy and nothing else, with the filters that anybody would take."""
        self.ffmpeg("proxy alone", *self.proxy())

    def separately(self) -> None:
        """One run for each thing: proxy, thumbnail from the middle, sprite, speech audio, samples for the waveform, scenes."""
        source, folder = ("-i", str(self.clip.path)), "separate"
        middle, interval = str((self.clip.duration or 0) / 2), (self.clip.duration or 0) / 60
        self.ffmpeg(folder, *self.proxy())
        runs: tuple[tuple[str, ...], ...] = (
            ("-ss", middle, *source, "-frames:v", "1", "-vf", "scale=320:-2", "thumbnail.jpg"),
            (*source, "-an", "-vf", f"fps=1/{interval},scale=160:-2,tile=10x6", "-frames:v", "1", "sprite.jpg"),
            (*source, "-vn", "-ac", "1", "-ar", "16000", "speech.flac"),
            (*source, "-vn", "-ac", "1", "-ar", "16000", "-f", "s16le", "samples"),
            (*source, "-an", "-vf", "select='gt(scene,0.3)',metadata=print:file=scenes", "-f", "null", "-"),
        )
        for arguments in runs:
            self.ffmpeg(folder, *arguments, keep=True)

    def proxy(self) -> tuple[str, ...]:
        """The arguments of a proxy alone."""
        sound = AAC if self.footage.tracks else ()
        return ("-i", str(self.clip.path), "-vf", "fps=15,scale=-2:'min(720,ih)',format=yuv420p", *X264, *sound, "proxy.mp4")

    def arguments(self) -> list[str]:
        """The service's own arguments."""
        return video.video_arguments(self.clip, self.footage, Plan(Encoder.X264, next(iter(self.footage.tracks), None)))

    def ffmpeg(self, folder: str, *arguments: str, keep: bool = False) -> None:
        """Run ffmpeg in a folder; raises CalledProcessError if it fails."""
        place = self.folder / folder if keep else self.fresh(folder)
        command = [executable(), *QUIET, *arguments]
        process = start_group(command, nice=NICE, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)

    def fresh(self, name: str) -> Path:
        """An empty folder."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / name).mkdir()
        return self.folder / name


def timed(work: Callable[[], object]) -> Figures:
    """Wall and processor seconds of some work, child processes included."""
    began, busy = time.perf_counter(), _busy()
    work()
    return {"seconds": time.perf_counter() - began, "cpu": _busy() - busy}


def _busy() -> float:
    return sum(cast(Sequence[float], os.times())[:4])


def likeness(one: Path, other: Path) -> float:
    """Structural similarity of two videos, 0 to 1, over all their frames."""
    command = [executable(), "-hide_banner", "-nostdin", "-i", str(one), "-i", str(other), "-lavfi", "ssim", "-f", "null", "-"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(ran.stderr.rpartition("All:")[2].split()[0])
