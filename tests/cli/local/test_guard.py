"""The guard around a real child process."""

import os
import subprocess
import sys
from pathlib import Path

from cli.local.settings import PROJECT_ROOT
from shared import platform

POLITE = (
    "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: sys.exit(5)); print('up', flush=True); time.sleep(60)"
)
STUBBORN = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def _guarded(pid_file: Path, code: str, grace: float = 10.0) -> subprocess.Popen[bytes]:
    guard = ["-S", "-m", "cli.local.guard", "--signal", "SIGINT", "--grace", str(grace), "--pid-file", str(pid_file)]
    return platform.start_group(
        [sys.executable, *guard, "--", sys.executable, "-S", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=pid_file.parent,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
    )


def _wait_up(guard: subprocess.Popen[bytes]) -> None:
    assert guard.stdout is not None
    assert guard.stdout.readline() == b"up\n"


def _end(guard: subprocess.Popen[bytes]) -> int:
    assert guard.stdin is not None
    assert guard.stdout is not None
    guard.stdin.close()
    code = guard.wait(20)
    guard.stdout.close()
    return code


def test_the_end_of_the_lifeline_stops_the_server_its_own_way(tmp_path: Path) -> None:
    pid_file = tmp_path / "a.pid"
    guard = _guarded(pid_file, POLITE)
    _wait_up(guard)
    pid = int(pid_file.read_text())
    assert platform.is_alive(pid)
    assert _end(guard) == 5
    assert not platform.is_alive(pid)
    assert not pid_file.exists()


def test_a_server_that_does_not_stop_is_killed_after_the_grace_period(tmp_path: Path) -> None:
    guard = _guarded(tmp_path / "a.pid", STUBBORN, grace=0.2)
    _wait_up(guard)
    assert _end(guard) == 128 + 9


def test_the_guard_ends_with_its_server_and_its_exit_code(tmp_path: Path) -> None:
    guard = _guarded(tmp_path / "a.pid", "raise SystemExit(3)")
    assert guard.wait(20) == 3
    assert _end(guard) == 3


def test_a_stop_signal_to_the_guard_stops_the_server(tmp_path: Path) -> None:
    guard = _guarded(tmp_path / "a.pid", POLITE)
    _wait_up(guard)
    platform.terminate(guard.pid)
    assert guard.wait(20) == 5
    _end(guard)
