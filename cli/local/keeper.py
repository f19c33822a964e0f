"""Keep one process running: notice its end, and start it again after a growing pause."""

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable

from cli.local.backoff import failures_after, restart_delay
from cli.local.errors import LocalStackError
from shared import platform

Launch = Callable[[], subprocess.Popen[bytes]]
Report = Callable[[str], None]


class Keeper:
    """Owner of one child process at a time; `launch` starts it, `ask_to_stop` begins its clean end."""

    def __init__(
        self, name: str, *, launch: Launch, ask_to_stop: Callable[[subprocess.Popen[bytes]], None], report: Report
    ) -> None:
        self.name = name
        self.restarts = 0
        self._launch = launch
        self._ask_to_stop = ask_to_stop
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._forgiven = False

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def stopping(self) -> bool:
        """Whether the child was told to end for good."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Launch the child and watch it; an error of this first launch is raised."""
        self._stopping.clear()
        self._process = self._launch()
        self._thread = threading.Thread(target=self._keep, args=(self._process,), name=f"keep-{self.name}", daemon=True)
        self._thread.start()

    def request_stop(self) -> None:
        """Begin the child's clean end, and start no other after it."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            self._ask_to_stop(process)

    def join(self, timeout: float) -> None:
        """Wait so many seconds for the end that was asked for, then kill the child's whole group."""
        if self._thread is None:
            return
        self._thread.join(max(timeout, 0.0))
        if self._thread.is_alive():
            self._report(f"{self.name} did not stop in time and was killed")
            self.kill_for_good()
            self._thread.join()
        self._thread = None

    def kill(self) -> None:
        """Kill -9 the child and its group; it comes back after the first pause, however often this is done."""
        self.forgive()
        if (pid := self.pid) is not None:
            platform.kill_group(pid)

    def kill_for_good(self) -> None:
        """Kill the child and start no other. Takes no lock, so a signal handler may call it at any moment."""
        self._stopping.set()
        if (pid := self.pid) is not None:
            platform.kill_group(pid)

    def forgive(self) -> None:
        """Let the next end of the child count as the first in a row."""
        self._forgiven = True

    def _keep(self, process: subprocess.Popen[bytes] | None) -> None:
        failures = 0
        while True:
            started = time.monotonic()
            how = self._wait(process) if process is not None else "could not be started"
            if self._stopping.is_set():
                return
            failures = 1 if self._forgiven else failures_after(failures, time.monotonic() - started)
            self._forgiven = False
            delay = restart_delay(failures)
            self._report(f"{self.name} {how}; starting it again in {delay:.0f} s")
            if self._stopping.wait(delay):
                return
            self.restarts += 1
            process = self._relaunch()

    def _wait(self, process: subprocess.Popen[bytes]) -> str:
        code = process.wait()
        platform.kill_stragglers(process.pid)
        if process.stdin is not None:
            process.stdin.close()
        return describe_end(code)

    def _relaunch(self) -> subprocess.Popen[bytes] | None:
        try:
            process = self._launch()
        except (OSError, LocalStackError) as error:
            self._report(f"{self.name}: {error}")
            return None
        self._process = process
        if self._stopping.is_set():  # asked for between the check and the launch, when there was no child to tell
            self._ask_to_stop(process)
        return process


def describe_end(code: int) -> str:
    """Say in words how a process ended, given its exit code (or 128 + signal as a shell or guard reports it)."""
    number = -code if code < 0 else code - 128
    if code < 0 or code > 128:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(number).name}"
    return f"ended with exit code {code}"
