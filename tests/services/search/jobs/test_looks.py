"""Expensive looks are shared and kept for a moment."""

import asyncio

import pytest

from services.search.jobs.looks import Looks


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_what_took_a_second_is_good_for_ten() -> None:
    clock, asked = Clock(), 0

    async def look() -> int:
        nonlocal asked
        asked += 1
        clock.now += 1.0
        return asked

    looks = Looks(clock)
    assert await looks.at("a", look) == 1
    clock.now += 9.9
    assert await looks.at("a", look) == 1
    clock.now += 0.2
    assert await looks.at("a", look) == 2
    assert await looks.at("b", look) == 3


async def test_those_who_ask_together_are_told_the_same() -> None:
    asked = 0

    async def look() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.02)
        return asked

    looks = Looks()
    assert await asyncio.gather(*(looks.at("a", look) for _ in range(5))) == [1] * 5


async def test_a_look_that_failed_is_not_kept() -> None:
    looks = Looks()

    async def fail() -> int:
        raise LookupError

    async def succeed() -> int:
        return 1

    with pytest.raises(LookupError):
        await looks.at("a", fail)
    assert await looks.at("a", succeed) == 1
