"""One model at a time, for any number of threads."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from services.transcribe.resident import Resident, Stopped

GO = threading.Event()


class Shelf:
    """Loads models that are words, and notes what happens."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.loads: list[str] = []
        self.most = 0
        self.resident: Resident[str, str] = Resident(self.load, self.there.discard)

    def load(self, key: str) -> str:
        assert not self.there, "the other model is still there"
        self.there.add(key)
        self.loads.append(key)
        return key


@contextmanager
def threads(count: int) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(count) as pool:
        yield pool


def test_what_is_there_is_not_loaded_again() -> None:
    shelf = Shelf()
    for _ in range(3):
        with shelf.resident.using("small", GO) as model:
            assert model == "small"
    assert shelf.loads == ["small"]


def test_another_one_takes_its_place() -> None:
    shelf = Shelf()
    for key in ("small", "large", "small"):
        with shelf.resident.using(key, GO):
            assert shelf.there == {key}
    assert shelf.loads == ["small", "large", "small"]


def test_several_use_one_at_a_time_and_another_waits_for_all_of_them() -> None:
    shelf, both, done = Shelf(), threading.Barrier(2), threading.Event()

    def small() -> None:
        with shelf.resident.using("small", GO):
            both.wait(10)
            assert done.wait(10)
            assert shelf.there == {"small"}

    def large() -> None:
        with shelf.resident.using("large", GO):
            assert shelf.there == {"large"}

    with threads(3) as pool:
        users = [pool.submit(small), pool.submit(small)]
        waiting = pool.submit(large)
        done.set()
        for future in (*users, waiting):
            future.result(10)
    assert sorted(shelf.loads) in (["large", "small"], ["large", "small", "small"])


def test_who_waits_is_not_overtaken_for_ever() -> None:
    shelf, entered, leave, later = Shelf(), threading.Event(), threading.Event(), list[str]()

    def use(key: str) -> None:
        with shelf.resident.using(key, GO):
            later.append(key)

    def first() -> None:
        with shelf.resident.using("small", GO):
            entered.set()
            assert leave.wait(10)

    with threads(3) as pool:
        holding = pool.submit(first)
        assert entered.wait(10)
        large = pool.submit(use, "large")
        while not shelf.resident._waiting:
            threading.Event().wait(0.01)
        small = pool.submit(use, "small")
        while len(shelf.resident._waiting) < 2:
            threading.Event().wait(0.01)
        leave.set()
        for future in (holding, large, small):
            future.result(10)
    assert later == ["large", "small"]


def test_who_waits_can_be_stopped() -> None:
    shelf, stop = Shelf(), threading.Event()

    def wait() -> None:
        with shelf.resident.using("large", stop):
            raise AssertionError("it was not its turn")

    with threads(1) as pool, shelf.resident.using("small", GO):
        waiting = pool.submit(wait)
        stop.set()
        with pytest.raises(Stopped):
            waiting.result(10)
    with shelf.resident.using("large", GO):
        assert shelf.there == {"large"}


def test_a_model_that_cannot_be_loaded_leaves_the_place_free() -> None:
    def load(key: str) -> str:
        if key == "broken":
            raise OSError("broken")
        return key

    resident: Resident[str, str] = Resident(load, lambda model: None)
    for _ in range(2):
        with pytest.raises(OSError, match="broken"), resident.using("broken", GO):
            pass
    with resident.using("small", GO) as model:
        assert model == "small"
