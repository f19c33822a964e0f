"""What a service started does not outlive it, and what it is done with is left alone."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from shared.platform import kill, kill_group, start_group
from shared.reaper import Reaper, survivors

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    process = start_group(SLEEP)
    yield process
    kill_group(process.pid)
    process.wait()


def ended(process: "subprocess.Popen[bytes]", within: float) -> bool:
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def watcher_of(reaper: Reaper) -> "subprocess.Popen[bytes]":
    assert reaper._watcher is not None
    return reaper._watcher


def lose(reaper: Reaper) -> None:
    """Break the pipe, as the death of this process would."""
    watcher = watcher_of(reaper)
    assert watcher.stdin is not None
    watcher.stdin.close()
    watcher.wait(10)


def test_what_is_watched_ends_with_its_parent(sleeper: "subprocess.Popen[bytes]") -> None:
    reaper = Reaper()
    with reaper.watching(sleeper.pid):
        lose(reaper)
        assert ended(sleeper, within=5)
        reaper._watcher = None
    lose(reaper)


def test_what_is_done_with_is_left_alone(sleeper: "subprocess.Popen[bytes]") -> None:
    reaper = Reaper()
    with reaper.watching(sleeper.pid):
        pass
    lose(reaper)
    assert not ended(sleeper, within=0.3)


def test_a_watcher_that_dies_has_a_successor_that_knows_everything(sleeper: "subprocess.Popen[bytes]") -> None:
    reaper = Reaper()
    other = start_group(SLEEP)
    with reaper.watching(sleeper.pid):
        kill(watcher_of(reaper).pid)
        watcher_of(reaper).wait()
        time.sleep(0.1)
        with reaper.watching(other.pid):
            lose(reaper)
            assert ended(sleeper, within=5)
            assert ended(other, within=5)
            reaper._watcher = None
    lose(reaper)


def test_the_last_word_counts() -> None:
    assert survivors([b"12\n", b"34\n", b"-12\n", b"56\n", b"-7\n"]) == {34, 56}
