"""Work that runs ahead: in order, no further than one, with its errors, and with no thread left."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from services.transcribe.ahead import one_ahead

PATIENCE = 10.0


class Maker:
    """Makes numbers, and tells of each that it has made."""

    def __init__(self, count: int, *, fails_at: int | None = None) -> None:
        self.made = [threading.Event() for _ in range(count)]
        self.threads = set[int]()
        self._fails_at = fails_at

    def numbers(self) -> Iterator[int]:
        for number, made in enumerate(self.made):
            if number == self._fails_at:
                raise ValueError(f"number {number} cannot be made")
            self.threads.add(threading.get_ident())
            made.set()
            yield number


def makers() -> list[str]:
    """The threads that make something ahead of others."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_items_come_in_their_order_and_all_of_them() -> None:
    assert list(one_ahead(Maker(5).numbers())) == [0, 1, 2, 3, 4]
    assert list(one_ahead(Maker(0).numbers())) == []
    assert makers() == []


def test_the_next_item_is_made_while_one_is_worked_on_and_none_after_it() -> None:
    maker = Maker(4)
    with closing(one_ahead(maker.numbers())) as coming:
        for number in coming:
            if number < 3:
                assert maker.made[number + 1].wait(PATIENCE)
            assert not any(made.is_set() for made in maker.made[number + 2 :])
    assert threading.get_ident() not in maker.threads


def test_nothing_is_made_before_somebody_asks() -> None:
    maker = Maker(1)
    with closing(one_ahead(maker.numbers())):
        pass
    assert not maker.made[0].is_set()


def test_an_error_reaches_the_taker_after_the_items_before_it() -> None:
    with closing(one_ahead(Maker(5, fails_at=2).numbers())) as coming:
        assert [next(coming), next(coming)] == [0, 1]
        with pytest.raises(ValueError, match="number 2 cannot be made"):
            next(coming)
    assert makers() == []


def test_a_taker_that_stops_early_leaves_no_thread() -> None:
    with closing(one_ahead(Maker(3).numbers())) as coming:
        next(coming)
        assert makers() != []
    assert makers() == []


def test_closing_waits_for_what_is_being_made() -> None:
    """Whoever closes gives back next what the maker reads from."""
    begun, may_go_on, finished = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Iterator[int]:
        yield 0
        begun.set()
        may_go_on.wait(PATIENCE)
        finished.set()
        yield 1

    with closing(one_ahead(slow())) as coming:
        assert next(coming) == 0
        assert begun.wait(PATIENCE)
        threading.Timer(0.05, may_go_on.set).start()
    assert finished.is_set()
    assert makers() == []
