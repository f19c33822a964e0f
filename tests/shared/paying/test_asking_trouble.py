"""Whatever goes wrong with a paid call, what it may have cost is counted, and nothing is paid for twice."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from functools import partial
from typing import ClassVar

import psycopg
import pytest
from structlog.testing import capture_logs

from shared.bedrock.client import Bedrock
from shared.database import Database
from shared.errors import Permanent, Throttled, Transient
from shared.models.bedrock_settings import BedrockSettings
from shared.paying import budgets
from shared.paying.asking import PaidCalls
from shared.paying.errors import BudgetExceeded, CallFault, CallUnderWay, TriedEnough
from shared.settings import PlatformSettings
from tests.support.bedrock.fake import FakeBedrock
from tests.support.bedrock.faults import Fault, Trouble
from tests.support.library import count
from tests.support.paying import COST, HELD, Provider, a_call, ask, conversation, ledger_rows, price
from tests.support.waiting import until, until_so

pytestmark = pytest.mark.connected


MONEY_LOCK = "SELECT pg_advisory_xact_lock(hashtext('spillway: money'))"


class Refused(CallFault, Permanent):
    billed: ClassVar[bool] = False


class TimedOut(CallFault, Transient):
    repeats: ClassVar[int | None] = 1
    advice: ClassVar[str] = "Ask for less."


@pytest.fixture
def calls(database: Database) -> PaidCalls:
    return PaidCalls(database)


async def test_a_refused_call_costs_nothing(database: Database, calls: PaidCalls) -> None:
    with pytest.raises(Refused, match="No access"):
        await ask(calls, a_call(), Provider(fault=Refused("No access.", "request-9")))
    [row] = await ledger_rows(database)
    assert (row["state"], row["usd"], row["fault"], row["error"]) == ("refused", 0, "Refused", "No access.")
    assert row["request_id"] == "request-9"
    assert not (await ask(calls, a_call(), Provider())).cached


@pytest.mark.parametrize("fault", [TimedOut("It took too long."), ConnectionResetError("reset"), ValueError("a bug")])
async def test_what_may_have_been_billed_counts_at_the_price_held(
    database: Database, calls: PaidCalls, fault: Exception
) -> None:
    with pytest.raises(type(fault)):
        await ask(calls, a_call(), Provider(fault=fault))
    [row] = await ledger_rows(database)
    assert (row["state"], row["usd"]) == ("lost", HELD)


async def test_what_may_be_billed_is_not_repeated_for_ever(database: Database, calls: PaidCalls) -> None:
    provider = Provider(fault=TimedOut("It took too long."))
    with pytest.raises(TimedOut):
        await ask(calls, a_call(), provider)
    with pytest.raises(TriedEnough, match=r"It took too long. This happened 2 times.* Ask for less\.$"):
        await ask(calls, a_call(), provider)


async def test_a_run_later_than_an_hour_may_try_again(database: Database, calls: PaidCalls) -> None:
    provider = Provider(fault=TimedOut("It took too long."))
    with pytest.raises(TimedOut):
        await ask(calls, a_call(), provider)
    async with database.connection() as connection:
        await connection.execute("UPDATE model_calls SET begun_at = begun_at - interval '2 hours'")
    with pytest.raises(TimedOut):
        await ask(calls, a_call(), provider)


async def test_a_throttled_call_is_refused_with_a_delay_that_holds_for_everybody(database: Database, calls: PaidCalls) -> None:
    with pytest.raises(Throttled, match="Too many") as refused:
        await ask(calls, a_call("one"), Provider(fault=Throttled("Too many requests.", 20.0)))
    assert refused.value.delay >= 20.0
    others = Provider()
    with pytest.raises(Throttled) as later:
        await ask(PaidCalls(database), a_call("other"), others)
    assert later.value.delay > 0
    assert others.asked == 0
    assert [(row["state"], row["usd"]) for row in await ledger_rows(database)] == [("refused", 0)]
    assert not (await ask(calls, a_call("third", model_id="another model"), others)).cached


async def test_a_call_that_is_cancelled_is_brought_to_its_end(database: Database, calls: PaidCalls) -> None:
    provider = Provider(held=True)
    asking = asyncio.create_task(ask(calls, a_call(), provider))
    await provider.reached.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    again = asyncio.create_task(ask(calls, a_call(), provider))  # the message comes again before the answer does
    provider.may_answer.set()
    await calls.drained()
    assert (await again).cached
    assert provider.asked == 1
    [row] = await ledger_rows(database)
    assert (row["state"], row["usd"]) == ("answered", COST)


async def test_who_goes_away_while_the_row_is_written_pays_nothing(database: Database, calls: PaidCalls) -> None:
    provider = Provider()
    async with database.transaction() as connection:
        await connection.execute(MONEY_LOCK)
        asking = asyncio.create_task(ask(calls, a_call(), provider))
        await until_so(lambda: waits_for_the_lock(database))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    await until_so(lambda: is_called_off(database))
    await calls.drained()
    assert provider.asked == 0
    assert not (await ask(calls, a_call(), provider)).cached


async def waits_for_the_lock(database: Database) -> bool:
    return await count(database, "pg_locks", "locktype = 'advisory' AND NOT granted") == 1


async def is_called_off(database: Database) -> bool:
    return await count(database, "model_calls", "state = 'refused' AND fault = 'CalledOff' AND usd = 0") == 1


async def test_a_failure_that_nobody_waits_for_is_written_down_and_told(database: Database, calls: PaidCalls) -> None:
    provider = Provider(held=True, fault=TimedOut("It took too long."))
    asking = asyncio.create_task(ask(calls, a_call(), provider))
    await provider.reached.wait()
    asking.cancel()
    await asyncio.wait({asking})
    with capture_logs() as logs:
        provider.may_answer.set()
        await calls.drained()
    assert await count(database, "model_calls", "state = 'lost'") == 1
    assert [entry["reason"] for entry in logs if "nobody waits" in entry["event"]] == ["It took too long."]


async def test_another_persons_budget_does_not_refuse_mine(database: Database, calls: PaidCalls) -> None:
    async with database.transaction() as connection:
        await budgets.create(connection, name="Ada's", period="day", usd=Decimal(0), requested_by="ada")
    provider = Provider()
    async with database.transaction() as connection:
        await connection.execute(MONEY_LOCK)
        hers = asyncio.create_task(ask(calls, a_call(requested_by="ada"), provider))
        await until_so(lambda: waits_for_the_lock(database))
        mine = asyncio.create_task(ask(calls, a_call(requested_by="grace"), provider))
    with pytest.raises(BudgetExceeded):
        await hers
    assert (await mine).usd == COST


@pytest.fixture
def killed(settings: PlatformSettings, database: Database, bedrock: FakeBedrock) -> FakeBedrock:
    """Bedrock, which holds the answer to a process that asked "what?" and is no more."""
    held = Fault(Trouble.SLOW)
    bedrock.script(held)
    environment = {**os.environ, "SPILLWAY_DATABASE_URL": settings.database_url.get_secret_value()}
    with subprocess.Popen([sys.executable, "-m", "tests.support.paying", "what?"], env=environment) as process:
        assert bedrock.wait_for(1)
        process.send_signal(signal.SIGKILL)
    held.gate.open()
    return bedrock


async def test_a_killed_workers_call_counts_at_the_price_held(database: Database, killed: FakeBedrock) -> None:
    [row] = await ledger_rows(database)
    assert row["state"] == "begun"
    client = Bedrock(BedrockSettings())
    again = partial(client.converse, conversation("what?"))
    with pytest.raises(CallUnderWay):
        await PaidCalls(database, lease=600.0).ask(a_call(), again, price)
    async with database.connection() as connection:
        await connection.execute("UPDATE model_calls SET heard_at = heard_at - interval '1 hour'")
    answer = await PaidCalls(database, lease=0.01).ask(a_call(), again, price)
    lost, answered = await ledger_rows(database)
    assert (lost["state"], lost["usd"], lost["fault"]) == ("lost", HELD, "WorkerLost")
    assert "may have billed it" in lost["error"]
    assert (answered["state"], answered["usd"], answered["request_id"]) == ("answered", answer.usd, answer.request_id)
    await until(lambda: len(killed.billed) == 2)
    assert len(killed.calls) == 2
    assert (await PaidCalls(database).ask(a_call(), again, price)).cached
    assert len(killed.calls) == 2


async def test_who_lives_keeps_the_call(database: Database) -> None:
    provider = Provider(held=True)
    calls = PaidCalls(database, lease=0.1)
    asking = asyncio.create_task(ask(calls, a_call(), provider))
    await provider.reached.wait()
    async with database.connection() as connection:
        await connection.execute("UPDATE model_calls SET heard_at = heard_at - interval '1 hour'")

    async def heard() -> bool:
        return await count(database, "model_calls", "heard_at > now() - interval '1 minute'") == 1

    await until_so(heard)
    provider.may_answer.set()
    await asking


async def test_after_postgres_restarts_everybody_has_a_lease(database: Database) -> None:
    provider = Provider(held=True)
    asking = asyncio.create_task(ask(PaidCalls(database), a_call(), provider))
    await provider.reached.wait()
    async with database.connection() as connection:  # as if it had been away since before it started
        await connection.execute("UPDATE model_calls SET heard_at = pg_postmaster_start_time() - interval '1 hour'")
    with pytest.raises(CallUnderWay):
        await ask(PaidCalls(database, lease=3600.0), a_call(), provider)
    provider.may_answer.set()
    await asking


async def test_an_answer_that_comes_after_the_call_was_given_up_is_what_counts(database: Database) -> None:
    late = Provider(held=True)
    asking = asyncio.create_task(ask(PaidCalls(database, lease=600.0), a_call(), late))
    await late.reached.wait()
    async with database.connection() as connection:
        await connection.execute("UPDATE model_calls SET heard_at = heard_at - interval '1 hour'")
    await ask(PaidCalls(database, lease=0.01), a_call("another"), Provider())
    assert await count(database, "model_calls", "state = 'lost'") == 1
    late.may_answer.set()
    await asking
    assert await count(database, "model_calls", f"state = 'answered' AND usd = {COST}") == 2


@pytest.fixture
async def own_login(settings: PlatformSettings, database: Database) -> AsyncIterator[Database]:
    """Postgres by a role that can be shut out."""
    async with database.connection() as connection:
        await connection.execute("DROP ROLE IF EXISTS payer")
        await connection.execute("CREATE ROLE payer SUPERUSER LOGIN PASSWORD 'payer'")
    url = psycopg.conninfo.make_conninfo(settings.database_url.get_secret_value(), user="payer", password="payer")
    own = Database(url, connections=3)
    await own.open()
    yield own
    await own.close()
    async with database.connection() as connection:
        await connection.execute("DROP ROLE payer")


async def test_an_answer_is_kept_in_hand_while_postgres_is_away(database: Database, own_login: Database) -> None:
    provider = Provider(held=True)
    asking = asyncio.create_task(ask(PaidCalls(own_login), a_call(), provider))
    await provider.reached.wait()
    async with database.connection() as connection:
        await connection.execute("ALTER ROLE payer NOLOGIN")
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'payer'")
    with capture_logs() as logs:
        provider.may_answer.set()
        await until(lambda: any(entry["event"] == "a paid call waits to be written down" for entry in logs), within=20)
    assert await count(database, "model_calls", "state = 'begun'") == 1
    async with database.connection() as connection:
        await connection.execute("ALTER ROLE payer LOGIN")
    assert (await asking).usd == COST
    assert await count(database, "model_calls", f"state = 'answered' AND usd = {COST}") == 1
    assert provider.asked == 1
