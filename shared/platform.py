"""What differs between operating systems: process groups, locks, liveness, event loops; standard library alone."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

LIFELINE_VARIABLE = "SPILLWAY_LIFELINE"
"""Set to `stdin` by a parent that keeps the write end of the child's stdin open for as long as it lives."""

if sys.platform == "win32":
    STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
else:
    STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What asks this process to stop: Ctrl-C, and what `terminate` sends.

_LOCKED_BYTE = 1 << 30
# Windows forbids others to read a locked byte, and the holder's process id at the start must stay readable.


def start_group(
    command: Sequence[str | os.PathLike[str]], *, nice: int = 0, die_with_parent: bool = False, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, out of reach of the terminal's Ctrl-C, its stdin empty unless given.

    `nice` > 0 lowers its priority. `die_with_parent` has Linux interrupt it when the calling thread ends, and may only
    be asked for by a process without other threads. Other options are those of subprocess.Popen.
    """
    options.setdefault("stdin", subprocess.DEVNULL)
    if sys.platform == "win32":
        priority = subprocess.BELOW_NORMAL_PRIORITY_CLASS if nice > 0 else 0
        return subprocess.Popen(command, creationflags=subprocess.CREATE_NEW_PROCESS_GROUP | priority, **options)
    if die_with_parent and sys.platform == "linux":
        options["preexec_fn"] = _interrupt_on_parent_death()
    process = subprocess.Popen(command, start_new_session=True, **options)
    if nice > 0:
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PGRP, process.pid, max(nice, os.getpriority(os.PRIO_PROCESS, 0)))
    return process


def interrupt(pid: int) -> None:
    """Send one process Ctrl-C (on Windows: its group Ctrl-Break); harmless when it is gone."""
    if sys.platform == "win32":
        _send(pid, signal.CTRL_BREAK_EVENT)
    else:
        _send(pid, signal.SIGINT)


def terminate(pid: int) -> None:
    """Ask one process to end: SIGTERM, or Ctrl-Break to its group on Windows; harmless when it is gone."""
    if sys.platform == "win32":
        _send(pid, signal.CTRL_BREAK_EVENT)
    else:
        _send(pid, signal.SIGTERM)


def kill(pid: int) -> None:
    """End one process at once (on Windows with its descendants); harmless when it is gone."""
    if sys.platform == "win32":
        _taskkill(pid)
    else:
        _send(pid, signal.SIGKILL)


def kill_group(pid: int) -> None:
    """End every process of a group at once, given its leader; harmless when none is left."""
    if sys.platform == "win32":
        _taskkill(pid)
    else:
        _send_group(pid, signal.SIGKILL)


def kill_stragglers(pid: int) -> None:
    """End what a group's dead leader left behind; on Windows nothing, as there the tie is lost with the leader."""
    if sys.platform != "win32":
        _send_group(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Tell whether a process with this id exists, whoever owns it."""
    if sys.platform == "win32":
        return _windows_is_alive(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """Command line of a living process; empty when there is none, and on Windows, where asking takes seconds."""
    if sys.platform == "win32":
        return ""
    if Path("/proc/self/cmdline").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            return ""
    ps = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
    return os.fsdecode(ps.stdout)


class FileLock:
    """Exclusive lock on a file, freed by the system when its holder dies; not shared with child processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def acquire(self, timeout: float = 0.0) -> bool:
        """Take the lock, waiting up to `timeout` seconds; False when another holds it."""
        deadline = time.monotonic() + timeout
        file = self.path.open("ab")
        while not _try_lock(file):
            if time.monotonic() >= deadline:
                file.close()
                return False
            time.sleep(0.05)
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock free; harmless when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None


def watch_lifeline(on_lost: Callable[[], None], descriptor: int | None = None) -> bool:
    """Call `on_lost` from a thread once the parent is gone, even by kill -9; False when no parent offered a lifeline.

    Without a descriptor the parent says by SPILLWAY_LIFELINE=stdin that it holds our stdin; the variable is taken
    away, as this process's own children have another stdin.
    """
    if descriptor is None:
        if os.environ.pop(LIFELINE_VARIABLE, None) != "stdin":
            return False
        descriptor = 0
    threading.Thread(target=_wait_for_end, args=(descriptor, on_lost), name="lifeline", daemon=True).start()
    return True


def new_event_loop() -> "asyncio.AbstractEventLoop":
    """Make the fastest loop that psycopg and NATS work on: uvloop where it is, the selector loop on Windows."""
    import asyncio  # noqa: PLC0415 - twice the start-up time of a process that needs no loop

    if sys.platform == "win32":
        return asyncio.SelectorEventLoop()
    try:
        import uvloop  # noqa: PLC0415 - absent on Windows, and the launcher runs before anything is installed
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on `new_event_loop`; subprocesses inside it belong in threads, as Windows' loop has none."""
    import asyncio  # noqa: PLC0415 - as above

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def _wait_for_end(descriptor: int, on_lost: Callable[[], None]) -> None:
    # os.read and not sys.stdin: a thread blocked in a buffered reader makes the interpreter abort at exit.
    with contextlib.suppress(OSError):
        while os.read(descriptor, 1024):
            pass
    on_lost()


def _try_lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - Windows only

            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - POSIX only

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if sys.platform == "win32":

    def _taskkill(pid: int) -> None:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(pid)], capture_output=True, check=False)

    def _windows_is_alive(pid: int) -> bool:
        query_limited_information, still_active = 0x1000, 259
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(query_limited_information, False, pid)
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == still_active

else:

    def _send_group(pid: int, number: int) -> None:
        # macOS answers EPERM for a group whose last member is a zombie.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)

    def _interrupt_on_parent_death() -> Callable[[], None]:
        pr_set_pdeathsig = 1
        prctl = ctypes.CDLL(None).prctl

        def set_signal() -> None:
            prctl(pr_set_pdeathsig, signal.SIGINT)

        return set_signal
