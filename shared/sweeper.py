"""The sweeper: publishes accepted work again whose effect is missing, so that losing all of NATS loses nothing.

An event is missing its effect when its stage is pending although the stream cannot deliver it any more: the stream is
another than the one it went to, or does not reach to its sequence, or the consumer is past it. What merely waits in a long
queue is left alone.
"""

import asyncio
import time

import structlog
from nats.js import JetStreamContext

from shared import bus
from shared.bus import BusState
from shared.contracts import STREAM
from shared.database import Connection, Database
from shared.errors import Unavailable
from shared.metrics import SWEPT
from shared.outbox import Relay
from shared.topology import CONSUMERS, Consumer

SHARE = 20.0
"""The sweeper rests this many times as long as a look took, so that a huge backlog costs at most a twentieth of a core."""
LOCK = 7_205_759_403
"""Key of the advisory lock: one process sweeps at a time, whichever comes first."""

log = structlog.get_logger()

REPUBLISH_STAGE = """
    UPDATE outbox SET published_at = NULL, sequence = NULL
    FROM file_stages
    WHERE file_stages.stage = %(stage)s AND file_stages.state = 'pending'
      AND outbox.key = file_stages.file_id AND outbox.revision = file_stages.revision AND outbox.subject = ANY(%(subjects)s)
      AND outbox.run_id IS NOT DISTINCT FROM file_stages.run_id AND outbox.address LIKE ANY(%(addresses)s)
      AND outbox.published_at < now() - make_interval(secs => %(grace)s)
      AND (%(renewed)s OR outbox.sequence > %(last)s OR outbox.sequence <= %(handled)s)
"""

REPUBLISH_JOBS = """
    UPDATE outbox SET published_at = NULL, sequence = NULL
    FROM jobs
    WHERE jobs.state IN ('pending', 'running') AND outbox.key = jobs.id AND outbox.subject = ANY(%(subjects)s)
      AND NOT EXISTS (SELECT FROM inbox WHERE inbox.event_id = outbox.id AND inbox.consumer = %(service)s)
      AND outbox.published_at < now() - make_interval(secs => %(grace)s)
      AND (%(renewed)s OR outbox.sequence > %(last)s OR outbox.sequence <= %(handled)s)
"""

KNOWN = "SELECT created_at FROM bus WHERE stream = %(stream)s"

REMEMBER = """
    INSERT INTO bus (stream, created_at) VALUES (%(stream)s, %(created_at)s)
    ON CONFLICT (stream) DO UPDATE SET created_at = excluded.created_at
"""


class Sweeper:
    """Looks every `interval` seconds; events younger than `grace` seconds are on their way and not missed yet."""

    def __init__(
        self,
        database: Database,
        stream: JetStreamContext,
        relay: Relay,
        *,
        interval: float,
        grace: float,
        ack_wait: float | None = None,
    ) -> None:
        self._database = database
        self._stream = stream
        self._relay = relay
        self._interval = interval
        self._grace = grace
        self._ack_wait = ack_wait

    async def run(self) -> None:
        """Sweep until cancelled; an outage is waited out."""
        while True:
            began = time.monotonic()
            try:
                if await self.sweep():
                    self._relay.wake()
            except Unavailable as error:
                log.warning("sweeper waits", reason=str(error))
            await asyncio.sleep(max(self._interval, SHARE * (time.monotonic() - began)))

    async def sweep(self) -> int:
        """One look; answers with the number of events that will be published again."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,))
            row = await cursor.fetchone()
            if not (row and row[0]):
                return 0
            state = await self._whole_bus()
            renewed = await _remember(connection, state)
            return sum([await self._republish(connection, consumer, state, renewed=renewed) for consumer in CONSUMERS])

    async def _whole_bus(self) -> BusState:
        """The state of the bus, which is declared again first if NATS lost it."""
        state = await bus.inspect(self._stream)
        if state is None:
            log.warning("NATS has lost its store: declaring stream and consumers again")
            await bus.declare(self._stream, ack_wait=self._ack_wait)
            state = await bus.inspect(self._stream)
        if state is None:
            raise Unavailable("NATS does not keep the stream that was just declared.")
        return state

    async def _republish(self, connection: Connection, consumer: Consumer, state: BusState, *, renewed: bool) -> int:
        statement = REPUBLISH_STAGE if consumer.stage else REPUBLISH_JOBS
        cursor = await connection.execute(
            statement,
            {
                "stage": consumer.stage,
                "subjects": [event.subject for event in consumer.events],
                "addresses": [subject.replace("*", "%") for subject in consumer.filters],
                "service": consumer.service,
                "grace": 0.0 if renewed else self._grace,
                "renewed": renewed,
                "last": state.last_sequence,
                "handled": state.handled.get(consumer.durable, 0),
            },
        )
        if cursor.rowcount:
            log.warning("publishing again what had no effect", consumer=consumer.durable, events=cursor.rowcount)
            SWEPT.labels(consumer.durable).inc(cursor.rowcount)
        return cursor.rowcount


async def _remember(connection: Connection, state: BusState) -> bool:
    """Note which stream this is; True if it is another than before."""
    cursor = await connection.execute(KNOWN, {"stream": STREAM})
    row = await cursor.fetchone()
    if row and row[0] == state.created_at:
        return False
    await connection.execute(REMEMBER, {"stream": STREAM, "created_at": state.created_at})
    return row is not None
