"""Asking what costs money: whoever asks the same gets the same answer, and it is paid once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Protocol
from uuid import UUID

import structlog

from shared.clock import utc_now
from shared.database import Connection, Database
from shared.errors import Throttled, Transient
from shared.models.prices import Usage
from shared.paying import budgets, pace, rows
from shared.paying.calls import Answer, Call, Reply
from shared.paying.errors import BudgetExceeded, CallFault, CallUnderWay, TriedEnough, may_be_billed
from shared.paying.rows import Begun, Ending
from shared.retries import wait_before
from shared.tasks import ended

LEASE = 20.0
"""Seconds without a sign of life after which a caller is taken for dead; it gives one every quarter of that."""

Work = Callable[[], Awaitable[Reply]]
Price = Callable[[Usage], Decimal]

log = structlog.get_logger()


class Asker(Protocol):
    """Asks what may cost money."""

    async def known(self, call: Call) -> Answer | None:
        """The answer that there is already, for nothing; None if it has to be asked for."""
        ...

    async def ask(self, call: Call, work: Work, price: Price) -> Answer:
        """The answer to a call, by `work` unless it is known already."""
        ...


class _NobodyWaits(Exception):
    """Who asked went away before the call was made."""


@dataclass
class _UnderWay:
    task: asyncio.Task[Answer]
    waiters: int = field(default=0)


class PaidCalls:
    """Makes paid calls, each written into the ledger before it is made.

    A call that was made is brought to its end even if whoever asked is cancelled: it is paid, and its answer serves who asks
    next.
    """

    def __init__(self, database: Database, *, lease: float = LEASE) -> None:
        self._database = database
        self._lease = lease
        self._under_way: dict[str, _UnderWay] = {}

    async def known(self, call: Call) -> Answer | None:
        """The answer that there is already, for nothing; None if it has to be asked for."""
        async with self._database.connection() as connection:
            return await rows.answered(connection, call)

    async def ask(self, call: Call, work: Work, price: Price) -> Answer:
        """The answer to a call, by `work` unless it is known already; `price` says in USD what it took.

        Raises BudgetExceeded, Throttled while the model's turn has not come, CallUnderWay while another process asks the
        same, TriedEnough, and whatever `work` raises.
        """
        while True:
            if known := await self.known(call):
                return known
            if other := self._under_way.get(call.question):
                with suppress(BudgetExceeded):  # perhaps of somebody else's budget
                    await self._result(other)
                continue  # its answer is known now, and counts unless this call's has to be newer
            return await self._result(self._start(call, work, price))

    async def drained(self) -> None:
        """Wait until every call that is under way has ended and is written down."""
        while self._under_way:
            await asyncio.wait([one.task for one in self._under_way.values()])

    def _start(self, call: Call, work: Work, price: Price) -> _UnderWay:
        task = asyncio.create_task(self._carried_out(call, work, price))
        entry = self._under_way[call.question] = _UnderWay(task)
        task.add_done_callback(lambda _: self._ended(call.question, entry))
        return entry

    def _ended(self, question: str, entry: _UnderWay) -> None:
        if self._under_way.get(question) is entry:
            del self._under_way[question]
        error = None if entry.task.cancelled() else entry.task.exception()
        if error and not entry.waiters and not isinstance(error, _NobodyWaits):
            log.warning("a paid call that nobody waits for failed", reason=str(error))

    async def _result(self, entry: _UnderWay) -> Answer:
        entry.waiters += 1
        try:
            await asyncio.wait({entry.task})
        finally:
            entry.waiters -= 1
        return entry.task.result()

    async def _carried_out(self, call: Call, work: Work, price: Price) -> Answer:
        begun = await self._begun(call)
        if isinstance(begun, Answer):
            return begun
        async with self._alive(begun.id):
            if not self._under_way[call.question].waiters:
                del self._under_way[call.question]  # so that who comes now asks anew
                await self._written(lambda connection: rows.end_failed(connection, begun.id, CALLED_OFF))
                raise _NobodyWaits
            return await self._made(call, begun, work, price)

    async def _begun(self, call: Call) -> Begun | Answer:
        async with self._database.connection() as connection:
            await rows.give_up_silent(connection, self._lease)
        async with self._database.transaction() as connection:
            await rows.lock(connection)
            if await rows.is_under_way(connection, call.question):
                raise CallUnderWay
            if known := await rows.answered(connection, call):  # asked last: what was under way until now has answered
                return known
            await budgets.refuse_if_over(connection, call.requested_by, call.reserve.usd, utc_now())
            await pace.take(connection, call.model_id)
            return await rows.begin(connection, call)

    async def _made(self, call: Call, begun: Begun, work: Work, price: Price) -> Answer:
        try:
            reply = await work()
            usd = price(reply.usage)
        except Throttled as error:
            raise await self._throttled(call, begun, error) from error
        except Exception as error:
            if enough := await self._failed(call, begun, error):
                raise enough from error
            raise

        async def write(connection: Connection) -> None:
            await rows.end_answered(connection, begun.id, reply, usd)
            await pace.ease(connection, call.model_id)

        await self._written(write)
        told = (reply.request_id, reply.latency_ms, reply.stop_reason)
        return Answer(reply.body, reply.usage, usd, *told, cached=False, call_id=begun.id)

    async def _throttled(self, call: Call, begun: Begun, error: Throttled) -> Throttled:
        delay = error.delay

        async def write(connection: Connection) -> None:
            nonlocal delay
            await rows.end_failed(connection, begun.id, _ending(call, error))
            delay = await pace.slow_down(connection, call.model_id, begun.begun_at, error.delay)

        await self._written(write)
        return Throttled(str(error), delay)

    async def _failed(self, call: Call, begun: Begun, error: Exception) -> TriedEnough | None:
        """Write down the failure; answers with the error to raise instead if it happened as often as it may."""
        failures = 0

        async def write(connection: Connection) -> None:
            nonlocal failures
            await rows.end_failed(connection, begun.id, _ending(call, error))
            failures = await rows.failures_of(connection, call, type(error).__name__)

        await self._written(write)
        if isinstance(error, CallFault) and error.repeats is not None and failures > error.repeats:
            return TriedEnough(error, failures)
        return None

    async def _written(self, write: Callable[[Connection], Awaitable[None]]) -> None:
        """Write what became of a call, however long Postgres is away: it is known nowhere else."""
        for tries in count(1):
            try:
                async with self._database.transaction() as connection:
                    await write(connection)
            except Transient as error:
                log.warning("a paid call waits to be written down", reason=str(error), tries=tries)
                await asyncio.sleep(wait_before(tries))
            else:
                return

    @asynccontextmanager
    async def _alive(self, call_id: UUID) -> AsyncIterator[None]:
        """Give signs of life while the block runs."""
        signs = asyncio.create_task(self._signs_of_life(call_id))
        try:
            yield
        finally:
            await ended([signs])

    async def _signs_of_life(self, call_id: UUID) -> None:
        while True:
            await asyncio.sleep(self._lease / 4)
            try:
                async with self._database.connection() as connection:
                    await rows.renew(connection, call_id)
            except Transient as error:  # the next sign may come through; the call itself goes on
                log.warning("no sign of life of a paid call", reason=str(error))


CALLED_OFF = Ending("refused", Decimal(0), "CalledOff", "Whoever asked went away before the call was made.")


def _ending(call: Call, error: Exception) -> Ending:
    request_id = error.request_id if isinstance(error, CallFault) else None
    if may_be_billed(error):
        return Ending("lost", call.reserve.usd, type(error).__name__, str(error), request_id)
    return Ending("refused", Decimal(0), type(error).__name__, str(error), request_id)
