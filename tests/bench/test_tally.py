"""A side that lost or doubled a message has no rate."""

from uuid import uuid4

import pytest

from tests.bench.tally import Tally, Unequal


async def test_each_message_once_gives_a_rate() -> None:
    tally = Tally(3)
    for _ in range(3):
        tally.note(uuid4())
    await tally.wait()
    assert tally.figures()["rate"] > 0


def test_a_lost_message_is_no_result() -> None:
    tally = Tally(3)
    tally.note(uuid4())
    with pytest.raises(Unequal):
        tally.figures()


def test_a_doubled_message_is_no_result() -> None:
    tally = Tally(2)
    twice = uuid4()
    tally.note(twice)
    tally.note(twice)
    with pytest.raises(Unequal):
        tally.figures()
