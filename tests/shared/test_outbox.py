"""The outbox and its relay on the real Postgres and NATS."""

from uuid import uuid4

import pytest
from nats.js import JetStreamContext

from shared.contracts import STREAM, FileIngested, Kind
from shared.database import Database
from shared.outbox import Relay, enqueue

pytestmark = pytest.mark.connected


def ingested() -> FileIngested:
    return FileIngested(file_id=uuid4(), revision=1, kind=Kind.VIDEO, path="a.mp4", size=1, fingerprint="00" * 32)


async def test_an_event_is_published_once_however_often_it_is_enqueued(database: Database, stream: JetStreamContext) -> None:
    event = ingested()
    for _ in range(2):
        async with database.transaction() as connection:
            await enqueue(connection, event, source="test")

    assert await Relay(database).publish_batch(stream) == 1
    assert await Relay(database).publish_batch(stream) == 0

    message = await stream.get_msg(STREAM, 1)
    assert message.subject == f"file.ingested.{event.file_id}"
    assert FileIngested.model_validate_json(message.data or b"") == event
    assert (message.headers or {})["Nats-Msg-Id"] == str(event.id)
