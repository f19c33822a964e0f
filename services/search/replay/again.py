"""Sends an event to one consumer again, so that it is not dropped: not by NATS, nor by inbox or stage.

For a consumer of a stage the event gets a new run, for which the stage is reopened: no other consumer's stage waits for that
run, so that the event is history to all but one. An event of a job has one consumer, and is published under another id.
"""

import json
from collections.abc import Mapping
from uuid import UUID

from shared import outbox, stages
from shared.contracts import Event, FileEvent
from shared.effects import Effect
from shared.identifiers import new_id
from shared.topology import Consumer

# A batch that was given up goes on with what it had not handed out, which was settled with the job's own reason.
TAKE_UP_ITEMS = """
    UPDATE job_items SET state = 'pending', reason = NULL, settled_at = NULL
    FROM jobs WHERE jobs.id = %(job_id)s AND jobs.state = 'failed' AND job_items.job_id = jobs.id
      AND job_items.state = 'failed' AND job_items.reason = jobs.error
"""

# Pending, so that the sweeper looks after it as after any other.
TAKE_UP = "UPDATE jobs SET state = 'pending', error = NULL, finished_at = NULL WHERE id = %(job_id)s AND state = 'failed'"

SEND = """
    UPDATE outbox SET headers = (headers::jsonb || %(headers)s::jsonb)::json, body = %(body)s::json,
        published_at = NULL, sequence = NULL
    WHERE id = %(id)s
"""


async def rerun(effect: Effect, consumer: Consumer, event: FileEvent, headers: Mapping[str, str]) -> Event:
    """Reopen the consumer's stage of the file, and send it the event for that; the event as it is sent."""
    assert consumer.stage is not None
    again = event.model_copy(update={"run_id": new_id()})
    assert again.run_id is not None
    await stages.reopen(effect.connection, consumer.stage, [event.file_id], again.run_id)
    await _publish(effect, again, headers)
    return again


async def send(effect: Effect, event: Event, job_id: UUID, headers: Mapping[str, str]) -> Event:
    """Take up a job that was given up, and publish its event again; the event as it is sent."""
    await effect.connection.execute(TAKE_UP_ITEMS, {"job_id": job_id})
    await effect.connection.execute(TAKE_UP, {"job_id": job_id})
    await _publish(effect, event, headers)
    return event


async def _publish(effect: Effect, event: Event, headers: Mapping[str, str]) -> None:
    """Have the relay publish the event, whether or not it was before; NATS drops what comes twice under one id."""
    await outbox.enqueue(effect.connection, event, source=effect.service)
    more = json.dumps({"Nats-Msg-Id": str(new_id()), **headers})
    await effect.connection.execute(SEND, {"id": event.id, "headers": more, "body": event.model_dump_json()})
