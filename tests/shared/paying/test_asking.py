"""What is paid for is asked once, whoever asks, and written down before it is made."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg.pq import TransactionStatus

from shared.database import Connection, Database
from shared.errors import Unavailable
from shared.identifiers import new_id
from shared.models.prices import Usage
from shared.paying import ledger, rows
from shared.paying.asking import PaidCalls
from shared.paying.calls import Reply
from tests.support.library import add_file, count
from tests.support.paying import COST, HELD, REPLY, USAGE, Provider, a_call, ask, ledger_rows, patiently

pytestmark = pytest.mark.connected

RUN = """
    INSERT INTO analysis_runs (id, file_id, revision, model, prompt_version, analyses, requested_by)
    VALUES (%s, %s, 1, '2-lite', 'nova-1', '{summary}', 'ada')
"""


@pytest.fixture
def calls(database: Database) -> PaidCalls:
    return PaidCalls(database)


async def a_run(database: Database) -> UUID:
    run_id = new_id()
    async with database.transaction() as connection:
        event = await add_file(connection)
        await connection.execute(RUN, (run_id, event.file_id))
    return run_id


async def test_an_answer_is_paid_and_written_down(database: Database, calls: PaidCalls) -> None:
    answer = await ask(calls, a_call(), Provider())
    assert (answer.body, answer.usage, answer.usd, answer.cached) == (REPLY.body, USAGE, COST, False)
    [row] = await ledger_rows(database)
    assert (row["id"], row["state"], row["usd"], row["usd_reserved"]) == (answer.call_id, "answered", COST, HELD)
    assert (row["input_tokens"], row["output_tokens"], row["request_id"]) == (1000, 200, "request-1")
    assert (row["latency_ms"], row["stop_reason"], row["answer"]) == (1200, "end_turn", REPLY.body)
    assert (row["model"], row["requested_by"], row["fault"], row["error"]) == ("2-lite", "ada", None, None)


async def test_the_row_is_there_before_the_provider_is_asked(database: Database, calls: PaidCalls) -> None:
    provider = Provider(held=True)
    asking = asyncio.create_task(ask(calls, a_call(), provider))
    await provider.reached.wait()
    [row] = await ledger_rows(database)
    assert (row["state"], row["usd_reserved"], row["ended_at"]) == ("begun", HELD, None)
    provider.may_answer.set()
    await asking


async def test_a_second_time_it_costs_nothing_and_says_so(database: Database, calls: PaidCalls) -> None:
    first = await ask(calls, a_call(), Provider())
    again = Provider()
    second = await ask(PaidCalls(database), a_call(), again)
    assert again.asked == 0
    assert second == replace(first, cached=True, usd=Decimal(0))
    assert await count(database, "model_calls") == 1


async def test_another_question_is_another_call(database: Database, calls: PaidCalls) -> None:
    provider = Provider()
    await ask(calls, a_call("one"), provider)
    await ask(calls, a_call("other"), provider)
    assert provider.asked == 2
    assert await count(database, "model_calls", "state = 'answered'") == 2


async def test_fresh_pays_again_but_once_in_each_run(database: Database, calls: PaidCalls) -> None:
    provider = Provider()
    one, other = await a_run(database), await a_run(database)
    await ask(calls, a_call(), provider)
    for run_id in (one, one, other, other):
        await ask(calls, a_call(analysis_run_id=run_id, fresh=True), provider)
    assert provider.asked == 3
    answer = await ask(calls, a_call(analysis_run_id=one), provider)
    assert answer.cached


async def test_fresh_without_a_run_is_paid_each_time(calls: PaidCalls) -> None:
    provider = Provider()
    for _ in range(2):
        await ask(calls, a_call(fresh=True), provider)
    assert provider.asked == 2


async def test_ten_who_ask_at_once_pay_once(database: Database, calls: PaidCalls) -> None:
    provider = Provider(held=True)
    askers = [asyncio.create_task(ask(calls, a_call(), provider)) for _ in range(10)]
    await provider.reached.wait()
    provider.may_answer.set()
    answers = await asyncio.gather(*askers)
    assert provider.asked == 1
    assert [answer.body for answer in answers] == [REPLY.body] * 10
    assert sum(answer.usd for answer in answers) == COST
    assert await count(database, "model_calls") == 1


async def test_ten_who_ask_in_as_many_processes_pay_once(database: Database) -> None:
    provider = Provider(held=True)
    processes = [PaidCalls(database) for _ in range(10)]  # which share nothing but the ledger
    askers = [asyncio.create_task(patiently(lambda calls=calls: ask(calls, a_call(), provider))) for calls in processes]  # type: ignore[misc]
    await provider.reached.wait()
    with pytest.raises(Unavailable, match="asked already"):
        await ask(PaidCalls(database), a_call(), provider)
    provider.may_answer.set()
    answers = await asyncio.gather(*askers)
    assert provider.asked == 1
    assert sorted(answer.cached for answer in answers) == [False] + [True] * 9


async def test_an_answer_that_comes_while_another_looks_for_it_is_found(
    database: Database, calls: PaidCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(held=True)
    asking = asyncio.create_task(ask(calls, a_call(), provider))
    await provider.reached.wait()
    other = PaidCalls(database)
    assert await other.known(a_call()) is None

    def answering_after(look: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def looked(connection: Connection, *about: Any) -> Any:
            found = await look(connection, *about)
            if connection.info.transaction_status is TransactionStatus.INTRANS:  # once it has been decided to ask
                provider.may_answer.set()
                await asyncio.wait({asking})
            return found

        return looked

    for name in ("answered", "is_under_way"):
        monkeypatch.setattr(rows, name, answering_after(getattr(rows, name)))
    assert (await patiently(lambda: ask(other, a_call(), provider))).cached
    assert provider.asked == 1


async def test_fresh_askers_of_two_runs_each_have_their_own(database: Database, calls: PaidCalls) -> None:
    provider = Provider()
    runs = [await a_run(database) for _ in range(2)]
    asked = [a_call(analysis_run_id=run_id, fresh=True) for run_id in runs for _ in range(3)]
    answers = await asyncio.gather(*(ask(calls, call, provider) for call in asked))
    assert provider.asked == 2
    assert sum(not answer.cached for answer in answers) == 2


async def test_what_postgres_cannot_keep_is_kept_as_well_as_it_can(calls: PaidCalls) -> None:
    reply = Reply({"te\x00xt": ["a\x00b", "\ud83d"], "score": float("nan")}, Usage(1, 1), None, None, None)
    await ask(calls, a_call(), Provider(reply=reply))
    known = await ask(calls, a_call(), Provider())
    assert known.body == {"te\ufffdxt": ["a\ufffdb", "?"], "score": None}


async def test_a_file_that_is_gone_meanwhile_leaves_the_money(database: Database, calls: PaidCalls) -> None:
    await ask(calls, a_call(file_id=new_id(), analysis_run_id=new_id()), Provider())
    [row] = await ledger_rows(database)
    assert (row["file_id"], row["analysis_run_id"], row["usd"]) == (None, None, COST)


async def test_an_answer_that_is_forgotten_is_paid_again(database: Database, calls: PaidCalls) -> None:
    first = await ask(calls, a_call(), Provider())
    async with database.connection() as connection:
        await ledger.forget_answers(connection, [first.call_id])
    second = await ask(calls, a_call(), Provider())
    assert not second.cached
    assert sum(row["usd"] for row in await ledger_rows(database)) == 2 * COST
