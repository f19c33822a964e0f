"""All processes keep one pace for a model."""

import asyncio
from datetime import UTC, datetime

import pytest

from shared.clock import utc_now
from shared.database import Database
from shared.errors import Throttled
from shared.paying import pace
from shared.paying.asking import PaidCalls
from tests.support.paying import Provider, a_call, ask

pytestmark = pytest.mark.connected

MODEL = a_call().model_id
SET = """
    INSERT INTO model_pace (model_id, spacing_s, next_at, throttled_at)
    VALUES (%s, %s, now() + make_interval(secs => %s), now())
    ON CONFLICT (model_id) DO UPDATE SET spacing_s = excluded.spacing_s, next_at = excluded.next_at
"""


async def set_pace(database: Database, spacing: float, free_in: float) -> None:
    async with database.connection() as connection:
        await connection.execute(SET, (MODEL, spacing, free_in))


async def spacing_of(database: Database) -> float:
    async with database.connection() as connection:
        return (await pace.of_model(connection, MODEL)).spacing


async def test_without_a_refusal_nobody_waits(database: Database) -> None:
    async with database.transaction() as connection:
        for _ in range(3):
            await pace.take(connection, MODEL)


async def test_of_many_one_has_the_turn_and_the_others_wait_for_the_next(database: Database) -> None:
    await set_pace(database, 30.0, -1.0)
    provider = Provider()
    processes = [PaidCalls(database) for _ in range(5)]
    results = await asyncio.gather(
        *(ask(calls, a_call(f"question {number}"), provider) for number, calls in enumerate(processes)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, Throttled)]
    assert provider.asked == 1
    assert len(refused) == 4
    assert all(25 < error.delay <= 45 for error in refused)


async def test_each_refusal_doubles_the_spacing_for_everybody(database: Database) -> None:
    async with database.transaction() as connection:
        await pace.slow_down(connection, MODEL, utc_now(), 0.0)
    assert await spacing_of(database) == 0.5
    async with database.transaction() as connection:
        delay = await pace.slow_down(connection, MODEL, datetime(2100, 1, 1, tzinfo=UTC), 7.0)
    assert delay >= 7.0
    assert await spacing_of(database) == 1.0


async def test_calls_that_were_refused_together_count_once(database: Database) -> None:
    begun_at = utc_now()
    for _ in range(6):
        async with database.transaction() as connection:
            await pace.slow_down(connection, MODEL, begun_at, 0.0)
    assert await spacing_of(database) == 0.5


async def test_an_answer_lets_the_next_be_asked_sooner(database: Database) -> None:
    await set_pace(database, 4.0, -1.0)
    await ask(PaidCalls(database), a_call(), Provider())
    assert await spacing_of(database) == pytest.approx(3.2)


async def test_a_turn_that_a_refused_call_did_not_need_is_not_taken(database: Database) -> None:
    await set_pace(database, 30.0, -1.0)
    calls, provider = PaidCalls(database), Provider(held=True)
    asking = asyncio.create_task(ask(calls, a_call("one"), provider))
    await provider.reached.wait()
    await set_pace(database, 30.0, -1.0)
    with pytest.raises(Exception, match="asked already"):
        await ask(PaidCalls(database), a_call("one"), provider)
    async with database.transaction() as connection:
        await pace.take(connection, MODEL)
    provider.may_answer.set()
    await asking
