"""One server under its guard: started, probed, restarted when it ends, stopped."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping

from cli.local.errors import NotReady, ServerFailed
from cli.local.home import Home
from cli.local.keeper import Keeper, Report
from cli.local.logs import open_log, size, tail
from cli.local.server import Server
from cli.local.settings import PROJECT_ROOT
from shared import platform

GRACE = 30.0
"""Seconds a server is given to stop: a checkpoint of Postgres on a slow disk takes the longest."""

READY_WITHIN = 60.0

_POLL = 0.05


class GuardedServer:
    """Runs one server; everything of it is gone when this process is, whichever way that ends."""

    def __init__(self, server: Server, home: Home, report: Report) -> None:
        self.server = server
        self._home = home
        self._log = home.log(server.name)
        self._pid_file = home.pid_file(server.name)
        self._log_start = 0
        self._keeper = Keeper(server.name, launch=self._launch, ask_to_stop=_end_lifeline, report=self._tell)
        self._report = report
        self._started = False

    @property
    def pid(self) -> int | None:
        """Process id of the server itself, None while it is down."""
        pid = _read_pid(self._pid_file)
        return pid if pid is not None and self._keeper.pid is not None and platform.is_alive(pid) else None

    def start(self) -> None:
        """Start the server and wait until it answers; raises ServerFailed with the end of its log when it does not."""
        self._started = False
        self._log_start = size(self._log)
        try:
            self._keeper.start()
            self._wait_ready(READY_WITHIN, once=True)
        except BaseException:
            self.stop()
            raise
        self._started = True

    def wait_ready(self, timeout: float) -> None:
        """Wait until the server answers, restarted or not; raises ServerFailed after so many seconds."""
        self._wait_ready(timeout, once=False)

    def request_stop(self) -> None:
        """Begin the server's clean end."""
        self._keeper.request_stop()

    def stop(self) -> None:
        """Stop the server cleanly, kill it after the grace period."""
        self._keeper.request_stop()
        # The guard enforces the grace period itself; killed before, it could not.
        self._keeper.join(GRACE + 5.0)
        clear_orphan(self.server, self._home)

    def kill(self) -> None:
        """Kill -9 the server, not its guard."""
        self._keeper.forgive()
        if (pid := self.pid) is not None:
            platform.kill(pid)

    def kill_for_good(self) -> None:
        """Kill server and guard; safe to call from a signal handler."""
        pid = _read_pid(self._pid_file)
        self._keeper.kill_for_good()
        if pid is not None:
            platform.kill(pid)

    def _tell(self, line: str) -> None:
        # Until it was ready once, its end is told by the error of `start`.
        if self._started:
            self._report(line)

    def _wait_ready(self, timeout: float, *, once: bool) -> None:
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.server.probe()
            except NotReady as error:
                ended = once and self._keeper.pid is None
                if ended or time.monotonic() >= deadline:
                    raise ServerFailed(self._failure(str(error), ended)) from error
            else:
                return
            time.sleep(_POLL)

    def _failure(self, reason: str, ended: bool) -> str:
        what = "ended while it was starting" if ended else f"did not become ready ({reason})"
        return f"{self.server.name} {what}; see {self._log}, which ends with:\n{tail(self._log, self._log_start)}"

    def _launch(self) -> subprocess.Popen[bytes]:
        clear_orphan(self.server, self._home)
        with open_log(self._log) as log:
            return platform.start_group(
                guard_command(self.server, self._home),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.server.folder,
                env=_environment(self.server.environment),
            )


def guard_command(server: Server, home: Home) -> list[str]:
    """Build the command line of a server under its guard."""
    identity = server.run_as
    # -S: the guard needs no installed package, and starts the sooner; -P: nothing from the current directory.
    command = [sys.executable, "-S", "-P", "-m", "cli.local.guard"]
    command += ["--signal", server.stop_signal, "--grace", str(GRACE), "--pid-file", str(home.pid_file(server.name))]
    if identity.user is not None:
        command += ["--user", str(identity.user), "--group", str(identity.group)]
    return [*command, "--", *server.command]


def clear_orphan(server: Server, home: Home) -> None:
    """Stop a server on this data that an earlier owner left running, when its guard was killed as well."""
    pid_file = home.pid_file(server.name)
    pid = _read_pid(pid_file)
    started = time.monotonic()
    while pid is not None and str(home.root) in platform.command_line(pid):
        if time.monotonic() - started < GRACE:
            platform.interrupt(pid)
        else:
            platform.kill(pid)
        time.sleep(0.2)
    pid_file.unlink(missing_ok=True)


def _end_lifeline(guard: subprocess.Popen[bytes]) -> None:
    assert guard.stdin is not None
    guard.stdin.close()


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    # A locale that this machine does not have would keep Postgres from starting.
    return {**os.environ, **extra, "PYTHONPATH": str(PROJECT_ROOT), "LC_ALL": "C"}


def _read_pid(path: os.PathLike[str]) -> int | None:
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123 - any path-like
            return int(file.read())
    except (OSError, ValueError):
        return None
