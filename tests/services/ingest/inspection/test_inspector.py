import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ingest.inspection.inspector import CRASHED, STALLED, Inspector
from services.ingest.limits import Limits
from services.ingest.outcome import Candidate, Inspected, Outcome, Rejected
from shared.contracts import StageState
from shared.platform import is_alive, kill
from tests.support.media import run_ffmpeg, tiny_photo

ANY_SIZE = Limits(video=1 << 60, image=1 << 60, audio=1 << 60)
ENDLESS = 1 << 40
"""Bytes that take minutes to read, and no room on the disk where files may have holes."""


@pytest.fixture
def photo(tmp_path: Path) -> Candidate:
    return Candidate(os.fsencode(tiny_photo(tmp_path / "photo.jpg")))


@pytest.fixture
def endless(tmp_path: Path) -> Candidate:
    path = tmp_path / "endless.m4a"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", path)
    os.truncate(path, ENDLESS)
    return Candidate(os.fsencode(path))


@pytest.fixture
def inspector() -> Iterator[Inspector]:
    inspector = Inspector(ANY_SIZE, patience=30.0)
    yield inspector
    inspector.close()


def all_of(inspector: Inspector) -> list[Outcome]:
    outcomes: list[Outcome] = []
    while inspector.busy:
        outcomes += inspector.collect()
    return outcomes


def running(inspector: Inspector, *, other_than: int | None = None) -> int:
    """The process that reads now, once it is another than the given one."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        pid = inspector.pid
        if pid is not None and pid != other_than:
            return pid
        time.sleep(0.01)
    raise TimeoutError("no process was started")


def test_outcomes_come_in_order_and_the_process_serves_again(inspector: Inspector, photo: Candidate, tmp_path: Path) -> None:
    missing = Candidate(os.fsencode(tmp_path / "missing.jpg"))
    inspector.give([missing, photo])
    first, second = all_of(inspector)
    assert isinstance(first, Rejected)
    assert isinstance(second, Inspected)
    pid = inspector.pid
    inspector.give([photo])
    assert all_of(inspector) == [second]
    assert inspector.pid == pid


def test_a_file_that_kills_its_process_twice_fails_alone(inspector: Inspector, photo: Candidate, endless: Candidate) -> None:
    inspector.give([photo])
    [before] = all_of(inspector)
    inspector.give([endless, photo])
    outcomes: list[Outcome] = []
    collecting = threading.Thread(target=lambda: outcomes.extend(all_of(inspector)))
    collecting.start()
    first = running(inspector)
    kill(first)
    second = running(inspector, other_than=first)
    kill(second)
    collecting.join(20)
    assert outcomes == [Rejected(endless.path_raw, StageState.FAILED, CRASHED), before]
    assert running(inspector) not in {first, second}


def test_a_single_crash_is_not_held_against_a_file(inspector: Inspector, photo: Candidate) -> None:
    inspector.start()
    kill(running(inspector))
    inspector.give([photo])
    [outcome] = all_of(inspector)
    assert isinstance(outcome, Inspected)


def test_a_file_without_progress_fails_alone(photo: Candidate, endless: Candidate) -> None:
    inspector = Inspector(ANY_SIZE, patience=10.0)
    inspector.give([photo])  # the process is up then, which the patience that follows has no time for
    all_of(inspector)
    inspector._patience = 0.2
    inspector.give([endless])
    assert all_of(inspector) == [Rejected(endless.path_raw, StageState.FAILED, STALLED.format(0.2))]
    inspector.close()


def test_a_file_that_is_merely_long_is_not_given_up(inspector: Inspector, photo: Candidate, endless: Candidate) -> None:
    inspector.give([photo])
    all_of(inspector)
    inspector._patience = 1.5
    pid = inspector.pid
    inspector.give([endless])
    collecting = threading.Thread(target=inspector.collect)
    collecting.start()
    collecting.join(4.0)
    assert collecting.is_alive()
    assert inspector.pid == pid
    inspector.abandon()
    collecting.join(5)


def test_an_abandoned_inspector_lets_its_thread_go_and_ends_its_process(inspector: Inspector, endless: Candidate) -> None:
    inspector.give([endless])
    collecting = threading.Thread(target=inspector.collect)
    collecting.start()
    pid = running(inspector)
    inspector.abandon()
    collecting.join(5)
    assert not collecting.is_alive()
    inspector.close()
    assert not is_alive(pid)
