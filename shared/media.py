"""The one way to run ffmpeg: one runner with limits, progress and a readable end, for argument lists from pure functions."""

import asyncio
import functools
import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from shared.errors import SpillwayError
from shared.media_faults import STALLED, TELLING, Stalled, TookTooLong, TooLarge, fault
from shared.media_progress import OnProgress, Pulse, blocks_of, progress_of
from shared.platform import kill_group, start_group
from shared.reaper import Reaper

QUIET = ("-nostdin", "-hide_banner", "-y", "-loglevel", "level+info", "-nostats")
REPORTING = ("-progress", "pipe:1", "-stats_period", "0.5")
LENIENT = ("-max_error_rate", "1")
"""A file of which little decodes is for the caller to judge, by what came out."""

LEVEL, SERIOUS = re.compile(rb"\[(info|warning|error|fatal|panic)\] ?"), {b"error", b"fatal", b"panic"}
"""How ffmpeg marks its lines, and the marks of those that are kept."""
SOUND_CHANGED = b"audio parameters changed"
"""What it says when the sound's channels or rate are others from some moment on."""

LOG_LINES, ACCOUNT_LINES, TELLING_LINES, LOG_LINE = 40, 1000, 10, 500
"""How much of ffmpeg's log is kept: lines of errors, lines of everything, lines that tell why it failed, and bytes of each. A
damaged file can make it say gigabytes; the account of a file with fifty tracks and their tags has a thousand lines."""

REAPER = Reaper()


@dataclass(frozen=True)
class Limits:
    """What a run may take: seconds in all and without any output, bytes of memory (Linux only) and in its folder; niceness."""

    seconds: float = 3600.0
    stall: float = 180.0
    memory: int | None = None
    output: int | None = None
    nice: int = 10


@dataclass(frozen=True)
class Ran:
    """A run that came to its end: the end of its log, how many seconds of media came out, and whether the sound changed its
    channels or rate midway.
    """

    log: str
    seconds: float
    sound_changed: bool


Check = Callable[[Mapping[str, str]], SpillwayError | None]
"""Looks at a block of progress; an error ends the run and is raised."""


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
    account: bool = False,
) -> Ran:
    """Run ffmpeg in `folder`, where relative outputs go.

    `on_progress` is called from another thread; `duration` is the media's length in seconds, for the share done;
    with `account`, all that ffmpeg says is wanted and not only errors.
    Raises MediaFailed (the file's fault), TookTooLong, TooLarge, DiskFull, Stalled, or Killed. A cancelled run leaves no
    process.
    """
    command = [executable(), *QUIET, *REPORTING, *LENIENT, *arguments]
    process = start_group(command, nice=limits.nice, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    limit_memory(process.pid, limits.memory)
    too_large = _too_large(folder, limits.output)
    watcher = _Watcher(process, [_stalled(limits.stall), too_large], duration, on_progress, account)
    with REAPER.watching(process.pid):
        watch = asyncio.create_task(asyncio.to_thread(watcher.watch))
        try:
            async with asyncio.timeout(limits.seconds):
                await asyncio.shield(watch)
        except TimeoutError:
            raise TookTooLong(limits.seconds) from None
        finally:
            if not watch.done():
                kill_group(process.pid)
                await asyncio.wait([watch])
    if process.returncode != 0:
        raise fault(process.returncode, watcher.log)
    if excess := too_large({}):
        raise excess
    return Ran(watcher.log, watcher.seconds, watcher.sound_changed)


def limit_memory(pid: int, limit: int | None) -> None:
    """Let a process that runs already take no more memory than so many bytes; it finds allocations failing then."""
    if limit is not None and sys.platform == "linux":
        import resource  # noqa: PLC0415 - POSIX only

        try:
            resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
        except ProcessLookupError:
            return


class _Watcher:
    """Reads both pipes of a run to their end, and ends it if a check says so."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        checks: Sequence[Check],
        duration: float | None,
        on_progress: OnProgress | None,
        account: bool,
    ) -> None:
        self._process = process
        self._checks = checks
        self._duration = duration
        self._on_progress = on_progress
        self._account = account
        self._tail: deque[bytes] = deque(maxlen=ACCOUNT_LINES if account else LOG_LINES)
        self._telling: deque[bytes] = deque(maxlen=TELLING_LINES)
        self.seconds = 0.0
        self.sound_changed = False

    @property
    def log(self) -> str:
        """The end of what the run said, and before it what tells why it failed."""
        return "\n".join(line.decode("utf-8", "replace").rstrip() for line in (*self._telling, *self._tail))

    def watch(self) -> None:
        """Until the run has ended; raises what a check found."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        found: SpillwayError | None = None
        with self._process, self._process.stdout as stdout:
            reader = threading.Thread(target=self._keep_tail, args=(self._process.stderr,), name="ffmpeg-log")
            reader.start()
            for block in blocks_of(line.decode("ascii", "replace") for line in stdout):
                self._tell(block)
                if found is None and (found := self._complaint(block)):
                    kill_group(self._process.pid)
            reader.join()
        if found is not None:
            raise found

    def _tell(self, block: Mapping[str, str]) -> None:
        if progress := progress_of(block, self._duration):
            self.seconds = progress.seconds
            if self._on_progress:
                self._on_progress(progress)

    def _complaint(self, block: Mapping[str, str]) -> SpillwayError | None:
        return next((error for check in self._checks if (error := check(block))), None)

    def _keep_tail(self, stream: IO[bytes]) -> None:
        for line in iter(lambda: stream.readline(LOG_LINE), b""):
            level = LEVEL.search(line)
            said = LEVEL.sub(b"", line, count=1)
            if self._account or level is None or level[1] in SERIOUS:
                self._tail.append(said)
            elif SOUND_CHANGED in line:
                self.sound_changed = True
            if level is not None and level[1] != b"info" and TELLING.search(said):
                self._telling.append(said)


def _stalled(patience: float) -> Check:
    pulse = Pulse(patience)
    return lambda block: Stalled(STALLED) if pulse.missed(block) else None


def _too_large(folder: Path, limit: int | None) -> Check:
    return lambda _: TooLarge(limit) if limit is not None and bytes_in(folder) > limit else None


def bytes_in(folder: Path) -> int:
    """Bytes of the files that lie in a folder itself."""
    with os.scandir(folder) as entries:
        return sum(entry.stat().st_size for entry in entries if entry.is_file())
