"""The outbox: an event is first a row, in the transaction of its cause; the relay publishes rows to JetStream.

NATS may lose in a power cut what it acknowledged, so rows stay after publishing and the sweeper can publish them again.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import PubAck
from opentelemetry import propagate

from shared.clock import utc_now
from shared.contracts import STREAM, Event, FileEvent
from shared.database import Connection, Database
from shared.errors import BusUnavailable, Unavailable
from shared.metrics import OUTBOX_PUBLISHED

BATCH = 500
"""Rows a turn: publishing is then bound by the window, not by the round trip to Postgres (13 times faster than one by one)."""
PUBLISH_TIMEOUT = 5.0
"""Seconds for the acknowledgements of one batch; what is not acknowledged by then stays in the outbox."""
LANES = 3
"""Batches under way at once: while one is published, others are read and marked, which would be a third of the time."""
POLL_INTERVAL = 1.0
"""Seconds between looks when nobody wakes the relay: how late an event is whose process died before publishing it."""

log = structlog.get_logger()

# One JSON document, and no arrays: psycopg escapes those in Python, which was a fifth of the time of a large import.
ENQUEUE = """
    INSERT INTO outbox (id, subject, address, key, revision, run_id, headers, body)
    SELECT id, subject, address, key, revision, run_id, headers, body FROM json_to_recordset(%(events)s::json)
        AS event (id uuid, subject text, address text, key uuid, revision int, run_id uuid, headers json, body json)
    ON CONFLICT (id) DO NOTHING
"""

UNPUBLISHED = """
    SELECT position, address, headers, body::text FROM outbox
    WHERE published_at IS NULL ORDER BY position LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""

PUBLISHED = """
    UPDATE outbox SET published_at = now(), sequence = published.sequence
    FROM unnest(%(positions)s::bigint[], %(sequences)s::bigint[]) AS published (position, sequence)
    WHERE outbox.position = published.position
"""


def cloud_event_headers(event: Event, time: datetime, source: str) -> dict[str, str]:
    """CloudEvents 1.0 attributes in NATS's binary content mode, the deduplication id, and the trace that caused the event."""
    headers = {
        "Nats-Msg-Id": str(event.id),
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": str(event.id),
        "ce-type": event.type(),
        "ce-source": f"/spillway/{source}",
        "ce-time": time.isoformat(),
    }
    if isinstance(event, FileEvent):
        headers["ce-subject"] = str(event.file_id)
    propagate.inject(headers)
    return headers


async def enqueue(connection: Connection, *events: Event, source: str) -> None:
    """Put events into the outbox, in one statement; an event that is there already stays as it is."""
    now = utc_now()
    rows = ",".join(row_of(event, now, source) for event in events)
    await connection.execute(ENQUEUE, {"events": f"[{rows}]"})


def row_of(event: Event, time: datetime, source: str) -> str:
    """The event's row, as JSON; the body is written by pydantic, once."""
    row = {
        "id": str(event.id),
        "subject": event.subject,
        "address": event.address,
        "key": str(event.key()[0]),
        "revision": event.revision if isinstance(event, FileEvent) else None,
        "run_id": str(event.run_id) if isinstance(event, FileEvent) and event.run_id else None,
        "headers": cloud_event_headers(event, time, source),
    }
    return f'{json.dumps(row)[:-1]},"body":{event.model_dump_json()}}}'


class Relay:
    """Moves rows of the outbox to the stream; any number may run at once, each takes rows that no other holds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._work = asyncio.Event()

    def wake(self) -> None:
        """Say that there is something to publish; without it the relay looks every `POLL_INTERVAL`."""
        self._work.set()

    async def run(self, stream: JetStreamContext) -> None:
        """Publish until cancelled; an outage is waited out."""
        while True:
            try:
                await self.publish_waiting(stream)
                await self._pause()
            except* Unavailable as outage:
                log.warning("relay waits", reason=str(outage.exceptions[0]))
                await asyncio.sleep(POLL_INTERVAL)

    async def publish_waiting(self, stream: JetStreamContext) -> None:
        """Publish what waits now: the first batch alone, and all that a full one announces in several lanes."""
        if await self.publish_batch(stream) == BATCH:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(LANES):
                    lanes.create_task(self._publish_on(stream))

    async def _publish_on(self, stream: JetStreamContext) -> None:
        while await self.publish_batch(stream) == BATCH:
            pass

    async def publish_batch(self, stream: JetStreamContext) -> int:
        """Publish up to `BATCH` rows; answers with how many were published."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(UNPUBLISHED, {"limit": BATCH})
            rows = await cursor.fetchall()
            if not rows:
                return 0
            sequences = await publish_rows(stream, rows)
            published = [(row[0], sequence) for row, sequence in zip(rows, sequences, strict=True) if sequence]
            await connection.execute(
                PUBLISHED,
                {"positions": [row[0] for row in published], "sequences": [row[1] for row in published]},
            )
        OUTBOX_PUBLISHED.inc(len(published))
        if not published:
            raise BusUnavailable("NATS took none of the events that wait in the outbox.")
        return len(published)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._work.wait(), POLL_INTERVAL)
        except TimeoutError:
            return
        self._work.clear()


async def publish_rows(stream: JetStreamContext, rows: Sequence[tuple[Any, ...]]) -> list[int | None]:
    """Publish with all acknowledgements under way at once; answers with each row's stream sequence, None if refused."""
    if not stream._nc.is_connected:  # the client would buffer them, and with every turn lose a slot of its window for good
        raise BusUnavailable("NATS cannot be reached: the connection is down.")
    pending: list[asyncio.Future[PubAck]] = []
    try:
        async with asyncio.timeout(PUBLISH_TIMEOUT):  # not wait_stall: that costs a task per event and swallows cancellation
            for _, address, headers, body in rows:
                pending.append(await stream.publish_async(address, body.encode(), stream=STREAM, headers=headers))
    except (OSError, NatsError) as error:
        for future in pending:
            future.cancel()
        raise BusUnavailable(f"NATS cannot be reached: {error}") from error
    await asyncio.wait(pending, timeout=PUBLISH_TIMEOUT)
    return [sequence_of(future) for future in pending]


def sequence_of(future: "asyncio.Future[PubAck]") -> int | None:
    """The stream sequence that an acknowledgement names; None, and the future is given up, if there is none yet."""
    if not future.done():
        future.cancel()
        return None
    return None if future.cancelled() or future.exception() else future.result().seq
