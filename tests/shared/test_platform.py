import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from shared import platform

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


def test_a_child_leads_its_own_group_and_dies_with_it() -> None:
    child = platform.start_group(SLEEP)
    assert os.getpgid(child.pid) == child.pid != os.getpgid(0)
    platform.kill_group(child.pid)
    assert child.wait(10) != 0
    platform.kill_group(child.pid)


def test_niceness_lowers_the_priority_of_the_child_alone() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    child = platform.start_group(SLEEP, nice=7)
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == max(before, 7)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
    platform.kill(child.pid)
    child.wait(10)


def test_a_dead_process_is_not_alive_and_has_no_command_line() -> None:
    child = platform.start_group(SLEEP)
    assert platform.is_alive(child.pid)
    platform.terminate(child.pid)
    child.wait(10)
    assert not platform.is_alive(child.pid)
    assert platform.command_line(child.pid) == ""


def test_command_line_of_a_living_process() -> None:
    child = platform.start_group([*SLEEP, "an argument"])
    deadline = time.monotonic() + 5
    while not (line := platform.command_line(child.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)  # the system shows none for a moment after the start
    assert line.rstrip().endswith("an argument")
    platform.kill(child.pid)
    child.wait(10)


def test_a_lock_is_exclusive_until_it_is_released(tmp_path: Path) -> None:
    first, second = platform.FileLock(tmp_path / "lock"), platform.FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire(timeout=0.1)
    first.release()
    assert second.acquire()
    second.release()


def test_a_lock_is_free_once_its_holder_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = f"""
import time
from pathlib import Path
from shared.platform import FileLock
lock = FileLock(Path({str(path)!r})); lock.acquire(); print("held", flush=True); time.sleep(60)
"""
    holder = platform.start_group([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    lock = platform.FileLock(path)
    assert not lock.acquire()
    platform.kill(holder.pid)
    holder.wait(10)
    holder.stdout.close()
    assert lock.acquire(timeout=5)
    lock.release()


def test_the_lifeline_tells_of_the_parents_end() -> None:
    reading, writing = os.pipe()
    lost = threading.Event()
    assert platform.watch_lifeline(lost.set, descriptor=reading)
    assert not lost.wait(0.1)
    os.close(writing)
    assert lost.wait(5)
    os.close(reading)


def test_without_an_offer_there_is_no_lifeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(platform.LIFELINE_VARIABLE, raising=False)
    assert not platform.watch_lifeline(lambda: None)


def test_the_offer_is_not_passed_on_to_children() -> None:
    code = """
import os, sys
from shared import platform
print(platform.watch_lifeline(lambda: os._exit(7)), platform.LIFELINE_VARIABLE in os.environ, flush=True)
sys.modules["time"].sleep(60)
"""
    environment = {**os.environ, platform.LIFELINE_VARIABLE: "stdin"}
    child = platform.start_group([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == b"True False\n"
    child.stdin.close()
    assert child.wait(10) == 7
    child.stdout.close()


def test_run_async_returns_what_the_coroutine_does() -> None:
    async def answer() -> str:
        await asyncio.sleep(0)
        return type(asyncio.get_running_loop()).__module__

    assert platform.run_async(answer()).startswith("uvloop" if sys.platform != "win32" else "asyncio")
