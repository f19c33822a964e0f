"""SQL of how things stand between events and a consumer."""

from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from services.search.replay.choice import Choice, conditions
from services.search.replay.verdicts import Standing
from shared.contracts import Stage
from shared.database import Connection
from shared.topology import Consumer

STANDING = """
    SELECT outbox.id, outbox.position, outbox.sequence, outbox.subject, outbox.address, outbox.key, outbox.created_at,
           files.path, outbox.revision, outbox.run_id, files.revision AS present, own.state, own.run_id AS stage_run,
           own.settled_at, jobs.state AS job_state, inbox.applied_at, outbox.body->'options' AS options,
           EXISTS (
               SELECT FROM file_stages AS earlier WHERE earlier.file_id = outbox.key AND earlier.state = 'pending'
                 AND earlier.stage = ANY(%(earlier)s::text[]) AND earlier.run_id IS NULL
           ) AS first_way
    FROM {events} AS outbox
    LEFT JOIN files ON files.id = outbox.key
    LEFT JOIN file_stages AS own ON own.file_id = outbox.key AND own.stage = %(stage)s
    LEFT JOIN jobs ON jobs.id = outbox.key
    LEFT JOIN inbox ON inbox.consumer = %(service)s AND inbox.event_id = outbox.id
    ORDER BY outbox.position
"""

CHOSEN = "(SELECT * FROM outbox WHERE {conditions} ORDER BY position LIMIT %(limit)s)"

GIVEN = """
    (SELECT %(id)s::uuid AS id, 0::bigint AS position, NULL::bigint AS sequence, %(subject)s::text AS subject,
            %(address)s::text AS address, %(key)s::uuid AS key, now() AS created_at, %(revision)s::integer AS revision,
            %(run_id)s::uuid AS run_id, %(body)s::json AS body)
"""

HOLD = """
    SELECT FROM file_stages WHERE file_id = %(key)s AND stage = %(stage)s FOR NO KEY UPDATE
"""

HOLD_JOB = "SELECT FROM jobs WHERE id = %(key)s FOR NO KEY UPDATE"


async def of_choice(connection: Connection, consumer: Consumer, choice: Choice, *, limit: int) -> list[Standing]:
    """Events that are chosen, in the order in which they were told."""
    condition, values = conditions(choice)
    events = sql.SQL(CHOSEN).format(conditions=condition)
    return await _standings(connection, consumer, events, {**values, "limit": limit})


async def of_event(connection: Connection, consumer: Consumer, event: dict[str, Any], *, hold: bool) -> Standing:
    """One event, by the columns that it has in the log; if `hold`, it stays so until the transaction ends."""
    if hold:
        statement = HOLD if consumer.stage else HOLD_JOB
        await connection.execute(statement, {"key": event["key"], "stage": consumer.stage})
    [standing] = await _standings(connection, consumer, sql.SQL(GIVEN), event)
    return standing


async def _standings(
    connection: Connection, consumer: Consumer, events: sql.Composable, values: dict[str, Any]
) -> list[Standing]:
    order = list(Stage)
    earlier = order[: order.index(consumer.stage)] if consumer.stage else []
    named = {"stage": consumer.stage, "service": consumer.service, "earlier": earlier}
    async with connection.cursor(row_factory=class_row(Standing)) as cursor:
        await cursor.execute(sql.SQL(STANDING).format(events=events), {**values, **named})
        return await cursor.fetchall()


def files_of(standings: list[Standing]) -> tuple[UUID, ...]:
    """The files that events are about, each once."""
    return tuple(dict.fromkeys(standing.key for standing in standings))
