"""The latest facts."""

import pytest

from services.search.live.facts import Fact
from services.search.live.places import Place
from services.search.live.ring import Ring


def fact(sequence: int, stream: str = "a", size: int = 10) -> Fact:
    return Fact(Place(sequence, stream), "proxy.ready", None, None, b"x" * size)


def filled(*sequences: int, most: int = 100, largest: int = 1 << 20) -> Ring:
    ring = Ring(most=most, largest=largest)
    ring.begin(Place(10, "a"))
    for sequence in sequences:
        ring.put(fact(sequence))
    return ring


def test_facts_are_given_from_a_number_on() -> None:
    ring = filled(11, 12, 13, 14)
    assert [one.place.sequence for one in ring.facts(1, 10)] == [12, 13, 14]
    assert [one.place.sequence for one in ring.facts(1, 2)] == [12, 13]
    assert not ring.facts(4, 10)


@pytest.mark.parametrize(("most", "largest"), [(3, 1 << 20), (100, 30)])
def test_the_oldest_are_given_up(most: int, largest: int) -> None:
    ring = filled(11, 12, 13, 14, 15, most=most, largest=largest)
    assert (ring.oldest, ring.newest) == (2, 5)
    assert ring.number_after(Place(12, "a")) == 2
    assert ring.number_after(Place(11, "a")) is None
    with pytest.raises(AssertionError):
        ring.facts(1, 10)


def test_one_fact_that_is_too_large_is_told_nevertheless() -> None:
    assert len(filled(11, largest=1).facts(0, 10)) == 1


def test_places_are_found_also_between_facts() -> None:
    ring = filled(11, 15, 16)
    wanted = {9: None, 10: 0, 11: 1, 13: 1, 15: 2, 16: 3, 17: None}
    assert {sequence: ring.number_after(Place(sequence, "a")) for sequence in wanted} == wanted
    assert ring.number_after(Place(11, "b")) is None


def test_another_stream_counts_anew_and_nothing_unread_is_lost() -> None:
    ring = filled(11, 12)
    ring.begin(Place(0, "b"))
    ring.put(fact(1, "b"))
    assert [one.place for one in ring.facts(0, 10)] == [Place(11, "a"), Place(12, "a"), Place(1, "b")]
    assert ring.number_after(Place(0, "b")) == 2
    assert ring.number_after(Place(12, "a")) is None


def test_a_stream_that_lost_its_end_gives_its_numbers_again() -> None:
    ring = filled(11, 12, 13)
    ring.begin(Place(11, "a"))
    ring.put(fact(12))
    assert ring.number_after(Place(11, "a")) == 3
