"""Writes the audit log around routes: what is about to be done before it is done, and what became of it after."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count

import psycopg
import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.search.audit import repository
from services.search.audit.intents import address_of, intent_of, refusal_of
from services.search.audit.notes import PLACE, Notes
from services.search.audit.refusals import Refusal, Refusals, neighbourhood
from services.search.audit.secrets import KeptBody, kept_body
from services.search.http.guard import LARGEST_BODY, UPLOADS
from services.search.http.problems import RETRY_AFTER, problem
from services.search.identity.callers import Caller
from shared.clock import utc_now
from shared.database import Connection, Database
from shared.errors import SpillwayError
from shared.retries import wait_before
from shared.tasks import ended

TOGETHER = 1.0
"""Seconds for which refused requests are gathered before they are written down: a flood of them costs one write a second."""
LONG = 64 << 10
"""Bytes of a body from which on looking through it would keep others waiting, so that a thread does it."""
LAST_WRITES = 5.0
"""Seconds at a stop for what became of requests that are under way."""

UNWRITABLE = "This would change something, and the audit log cannot be written now; nothing was changed. Try again in a while."
BROKEN = "The connection ended before all of the request had come; nothing was changed. Send it again."

UNAVAILABLE = (SpillwayError, psycopg.Error)
"""What writing can end in."""

Write = Callable[[Connection], Awaitable[None]]

log = structlog.get_logger()


class Recorder:
    """Writes the entries of one process.

    A change that cannot be written down is not carried out. What became of it is written before the client is told, and
    again and again if it cannot be at once; an entry without it is one whose process was killed meanwhile.
    """

    def __init__(self, database: Database, *, together: float = TOGETHER) -> None:
        self._database = database
        self._together = together
        self._open: dict[int, tuple[Scope, Notes]] = {}
        self._refusals = Refusals()
        self._gathering: asyncio.Task[None] | None = None
        self._late: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    async def around(self, app: ASGIApp, route: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a route answer, and write down that it does; the scope has the `caller`."""
        heard = await hear(scope, receive)
        if heard is None:
            await problem(400, BROKEN)(scope, receive, send)
            return
        body, again = heard
        entry_id = await self._begun(scope, route, body)
        if entry_id is None:
            await problem(503, UNWRITABLE, headers={"Retry-After": str(RETRY_AFTER)})(scope, receive, send)
            return
        notes = scope[PLACE] = Notes()
        self._open[entry_id] = scope, notes
        answer = Answer(send, lambda status: self._ended(entry_id, route, scope, notes, status))
        try:
            await app(scope, again, answer.send)
        except Exception:
            await answer.end(500)
            raise
        finally:
            await answer.end(None)  # broken off, unless it is known better

    def refused(self, scope: Scope, route: str, status: int) -> None:
        """Count a request that was not let through to a route that changes something."""
        self._refusals.count(refusal_of(scope, scope["caller"], route, status, utc_now()))
        if self._gathering is None or self._gathering.done():
            self._gathering = asyncio.create_task(self._gathered())

    async def close(self) -> None:
        """Write down what waits, and that what is under way was broken off."""
        for entry_id, (scope, notes) in list(self._open.items()):
            self._later(end_of(entry_id, scope["caller"], None, notes))
        self._closing.set()
        if waiting := self._late | ({self._gathering} if self._gathering else set()):
            _, late = await asyncio.wait(waiting, timeout=LAST_WRITES)
            await ended(late)

    async def _begun(self, scope: Scope, route: str, body: KeptBody) -> int | None:
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        try:
            async with self._database.connection() as connection:
                return await repository.begin(connection, intent_of(scope, scope["caller"], route, body, request_id))
        except UNAVAILABLE as error:
            log.error("the audit log cannot be written", method=scope["method"], route=route, reason=str(error))
            return None

    async def _ended(self, entry_id: int, route: str, scope: Scope, notes: Notes, status: int | None) -> None:
        is_nobodys = scope["caller"].person_id is None and status is not None and 400 <= status < 500
        now, address = utc_now(), neighbourhood(address_of(scope))
        if is_nobodys and not self._refusals.keeps(address, now.replace(second=0, microsecond=0)):
            assert status is not None
            self.refused(scope, route, status)
            write = taken_back(entry_id)
        else:
            write = end_of(entry_id, scope["caller"], status, notes)
        try:
            async with self._database.connection() as connection:
                await write(connection)
        except UNAVAILABLE as error:
            log.warning("what became of a change waits to be written down", entry=entry_id, reason=str(error))
            self._later(write)
        self._open.pop(entry_id, None)

    def _later(self, write: Write) -> None:
        task = asyncio.create_task(self._written(write))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _written(self, write: Write) -> None:
        for tries in count(1):
            try:
                async with self._database.connection() as connection:
                    await write(connection)
            except UNAVAILABLE as error:
                log.warning("the audit log waits to be written", reason=str(error), tries=tries)
                await asyncio.sleep(wait_before(tries))
            else:
                return

    async def _gathered(self) -> None:
        while not self._refusals.is_empty:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._together):
                    await self._closing.wait()
            for refusal, times in self._refusals.take():
                await self._written(counted(refusal, times))


def end_of(entry_id: int, caller: Caller, status: int | None, notes: Notes) -> Write:
    """Writes down what became of a request."""
    return lambda connection: repository.end(connection, entry_id, caller, status, notes.facts)


def taken_back(entry_id: int) -> Write:
    """Removes an entry, in whose place there is a number."""
    return lambda connection: repository.take_back(connection, entry_id)


def counted(refusal: Refusal, times: int) -> Write:
    """Writes down how often something was refused."""
    return lambda connection: repository.count(connection, refusal, times)


class Answer:
    """The way out: what became of the request is written down once, before the client is told."""

    def __init__(self, send: Send, write: Callable[[int | None], Awaitable[None]]) -> None:
        self._send = send
        self._write = write
        self._writing: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """Pass a message of the route on."""
        if message["type"] == "http.response.start":
            await self.end(message["status"])
        await self._send(message)

    async def end(self, status: int | None) -> None:
        """Write the outcome down, unless there is one; it is brought to its end even if who waits for it is cancelled."""
        if self._writing is None:
            self._writing = asyncio.ensure_future(self._write(status))
        await asyncio.shield(self._writing)


async def hear(scope: Scope, receive: Receive) -> tuple[KeptBody, Receive] | None:
    """What is kept of a body, and the way for the route to receive it; None if the client went away before all of it came.

    Only JSON is read, which the guard has bounded; files go by.
    """
    headers = Headers(scope=scope)
    length = headers.get("content-length", "")
    if scope["path"].startswith(UPLOADS) and scope["method"] == "PUT":
        return KeptBody(bytes=int(length) if length.isdecimal() else None), receive
    is_json = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    if not (is_json and length.isdecimal() and 0 < int(length) <= LARGEST_BODY):
        return KeptBody(bytes=int(length) if length.isdecimal() and length != "0" else None), receive
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        messages.append(message)
    raw = b"".join(message.get("body", b"") for message in messages)
    return await asyncio.to_thread(kept_body, raw) if len(raw) > LONG else kept_body(raw), replayed(messages, receive)


def replayed(messages: list[Message], receive: Receive) -> Receive:
    """Receives what was received once, and then what comes."""
    waiting = iter(messages)

    async def again() -> Message:
        with suppress(StopIteration):
            return next(waiting)
        return await receive()

    return again
