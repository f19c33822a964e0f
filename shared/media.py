"""The one way to run ffmpeg: one runner with limits, progress and a readable end, for argument lists from pure functions."""

import asyncio
import functools
import subprocess
import sys
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from shared.media_faults import STALLED, Stalled, TookTooLong, fault
from shared.media_progress import OnProgress, Pulse, blocks_of, progress_of
from shared.platform import kill_group, start_group
from shared.reaper import Reaper

QUIET = ("-nostdin", "-hide_banner", "-y", "-loglevel", "error", "-nostats")
REPORTING = ("-progress", "pipe:1", "-stats_period", "0.5")
LENIENT = ("-max_error_rate", "1")
"""A file of which little decodes is for the caller to judge, by what came out."""

LOG_LINES, LOG_LINE = 40, 500
"""How much of ffmpeg's log is kept: lines, and bytes of each. A damaged file can make it say gigabytes."""

REAPER = Reaper()


@dataclass(frozen=True)
class Limits:
    """What one run may take: seconds of wall time in all and without any output, bytes of memory (Linux only); its niceness."""

    seconds: float = 3600.0
    stall: float = 180.0
    memory: int | None = None
    nice: int = 10


@functools.cache
def executable() -> str:
    """The ffmpeg to run: IMAGEIO_FFMPEG_EXE if set, else the one of the wheel."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


async def run(
    arguments: list[str],
    folder: Path,
    *,
    limits: Limits = Limits(),
    duration: float | None = None,
    on_progress: OnProgress | None = None,
) -> str:
    """Run ffmpeg in `folder`, where relative outputs go, and return the end of its log.

    `on_progress` is called from another thread; `duration` is the media's length in seconds, for the share done. Raises
    MediaFailed (the file's fault), TookTooLong, DiskFull, Stalled, or Killed. A cancelled run leaves no process.
    """
    command = [executable(), *QUIET, *REPORTING, *LENIENT, *arguments]
    process = start_group(command, nice=limits.nice, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    limit_memory(process.pid, limits.memory)
    with REAPER.watching(process.pid):
        watch = asyncio.create_task(asyncio.to_thread(_watch, process, Pulse(limits.stall), duration, on_progress))
        try:
            async with asyncio.timeout(limits.seconds):
                code, log = await asyncio.shield(watch)
        except TimeoutError:
            raise TookTooLong(limits.seconds) from None
        finally:
            if not watch.done():
                kill_group(process.pid)
                await asyncio.wait([watch])
    if code != 0:
        raise fault(code, log)
    return log


def limit_memory(pid: int, limit: int | None) -> None:
    """Let a process that runs already take no more memory than so many bytes; it finds allocations failing then."""
    if limit is not None and sys.platform == "linux":
        import resource  # noqa: PLC0415 - POSIX only

        try:
            resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
        except ProcessLookupError:
            return


def _watch(
    process: "subprocess.Popen[bytes]", pulse: Pulse, duration: float | None, on_progress: OnProgress | None
) -> tuple[int, str]:
    """Read both pipes to their end; exit status and the end of the log. Ends a run that stands still; raises Stalled."""
    assert process.stdout is not None
    assert process.stderr is not None
    tail: deque[bytes] = deque(maxlen=LOG_LINES)
    stalled = False
    with process, process.stdout as stdout:
        reader = threading.Thread(target=_keep_tail, args=(process.stderr, tail), name="ffmpeg-log")
        reader.start()
        for block in blocks_of(line.decode("ascii", "replace") for line in stdout):
            if on_progress and (progress := progress_of(block, duration)):
                on_progress(progress)
            if pulse.missed(block):
                stalled = True
                kill_group(process.pid)
        reader.join()
    if stalled:
        raise Stalled(STALLED)
    return process.returncode, "\n".join(line.decode("utf-8", "replace").rstrip() for line in tail)


def _keep_tail(stream: IO[bytes], tail: deque[bytes]) -> None:
    for line in iter(lambda: stream.readline(LOG_LINE), b""):
        tail.append(line)
