"""Whatever Bedrock does, the ledger has at least what Bedrock bills, and nothing is billed that need not be."""

from decimal import Decimal

import pytest

from shared.bedrock.client import Bedrock
from shared.database import Database
from shared.errors import SpillwayError, Throttled
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import load
from shared.models.prices import Usage, cost
from shared.paying.asking import PaidCalls
from shared.paying.calls import Answer
from shared.paying.errors import TriedEnough
from tests.support.bedrock.fake import FakeBedrock
from tests.support.bedrock.faults import Fault, Trouble
from tests.support.library import count
from tests.support.paying import a_call, conversation, ledger_rows

pytestmark = pytest.mark.connected

PATIENCE = 12
"""Tries: more than any fault is repeated."""


def price(usage: Usage) -> Decimal:
    return cost(load().find("2-lite"), usage, "us")


async def ask(calls: PaidCalls, client: Bedrock) -> Answer:
    return await calls.ask(a_call(), lambda: client.converse(conversation("Describe a dog.")), price)


async def persistently(database: Database, calls: PaidCalls, client: Bedrock) -> Answer | SpillwayError:
    """The answer, or the error after which nobody tries again; whoever is throttled waits for the turn."""
    error: SpillwayError
    for _ in range(PATIENCE):
        try:
            return await ask(calls, client)
        except SpillwayError as fault:
            error = fault
        if isinstance(error, Throttled):
            async with database.connection() as connection:
                await connection.execute("UPDATE model_pace SET next_at = now()")
        if isinstance(error, TriedEnough):
            break
    return error


@pytest.fixture
def calls(database: Database) -> PaidCalls:
    return PaidCalls(database)


@pytest.mark.parametrize(
    ("trouble", "states"),
    [
        (Trouble.THROTTLED, ["refused", "answered"]),
        (Trouble.INTERNAL, ["refused", "answered"]),
        (Trouble.UNAVAILABLE, ["refused", "answered"]),
        (Trouble.MODEL_ERROR, ["refused", "answered"]),
        (Trouble.TIMED_OUT, ["lost", "answered"]),
        (Trouble.DROPPED, ["lost", "answered"]),
        (Trouble.DROPPED_AFTER_METERING, ["lost", "answered"]),
    ],
)
async def test_a_passing_fault_is_passed(
    database: Database, calls: PaidCalls, bedrock: FakeBedrock, trouble: Trouble, states: list[str]
) -> None:
    client = Bedrock(BedrockSettings())
    bedrock.script(Fault(trouble))
    answer = await persistently(database, calls, client)
    assert isinstance(answer, Answer)
    rows = await ledger_rows(database)
    assert [row["state"] for row in rows] == states
    assert len(bedrock.calls) == len(rows)
    told = [call.request_id for call in bedrock.calls]
    assert rows[-1]["request_id"] == told[-1]
    billed = {call.request_id for call in bedrock.billed}
    free = {told[number] for number, row in enumerate(rows) if row["usd"] == 0}
    assert not billed & free
    assert (await ask(calls, client)).cached
    assert len(bedrock.calls) == len(rows)


@pytest.mark.parametrize(("trouble", "tries"), [(Trouble.TIMED_OUT, 2), (Trouble.MODEL_ERROR, 3), (Trouble.DROPPED, 3)])
async def test_a_fault_that_does_not_pass_is_given_up_with_a_sentence(
    database: Database, calls: PaidCalls, bedrock: FakeBedrock, trouble: Trouble, tries: int
) -> None:
    bedrock.script(Fault(trouble, times=PATIENCE))
    error = await persistently(database, calls, Bedrock(BedrockSettings()))
    assert isinstance(error, TriedEnough)
    assert f"This happened {tries} times" in str(error)
    assert len(bedrock.calls) == tries


async def test_a_model_that_throttles_is_asked_less_and_less_and_then_answers(
    database: Database, calls: PaidCalls, bedrock: FakeBedrock
) -> None:
    bedrock.script(Fault(Trouble.THROTTLED, times=4))
    assert isinstance(await persistently(database, calls, Bedrock(BedrockSettings())), Answer)
    assert await count(database, "model_pace", "spacing_s BETWEEN 3.1 AND 3.3") == 1
    assert await count(database, "model_calls", "state = 'refused' AND usd = 0") == 4
