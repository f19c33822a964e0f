"""The pure parts of delivery: what a message says, and what people are told of an error."""

from uuid import uuid4

import pytest
from faststream.nats import NatsBroker, TestNatsBroker

from shared.contracts import STREAM, Event, ImportRequested
from shared.database import Database
from shared.errors import BadMedia, InvalidEvent
from shared.messaging import parse, reason_for, subject_of, subscribe
from shared.topology import INGEST
from tests.support.delivering import Handler, reacting
from tests.support.examples import EXAMPLES, JOB
from tests.support.library import count


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.type())
def test_every_event_is_parsed_by_its_address(event: Event) -> None:
    assert parse(event.address, event.model_dump_json().encode()) == event
    assert subject_of(event.address) == event.subject


@pytest.mark.parametrize(
    ("address", "body", "reason"),
    [
        ("file.vanished.7", b"{}", "the catalogue has no such event"),
        ("import.requested", b"{oops", "body: Invalid JSON"),
        ("import.requested", b"{}", "job_id: Field required"),
        ("import.completed", f'{{"job_id":"{JOB}","done":-1,"skipped":0}}'.encode(), "done: .*; failed: Field required"),
    ],
)
def test_what_is_no_event_is_refused_with_every_fault(address: str, body: bytes, reason: str) -> None:
    with pytest.raises(InvalidEvent, match=f"The message on {address} is not a valid event: {reason}") as raised:
        parse(address, body)
    assert raised.value.subject == address


def test_unknown_addresses_share_a_label() -> None:
    assert subject_of("anything.at.all") == "unknown"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadMedia("The file is empty; copy it again."), "The file is empty; copy it again."),
        (TimeoutError(), "This took longer than it is allowed to; the file may be damaged."),
        (KeyError("width"), "Something unexpected went wrong (KeyError: 'width')."),
    ],
)
def test_people_are_told_a_sentence(error: Exception, told: str) -> None:
    assert reason_for(error) == told


@pytest.mark.connected
async def test_in_memory_too_an_invalid_message_is_buried_and_the_next_is_handled(database: Database) -> None:
    broker = NatsBroker(apply_types=False, logger=None)
    handler = Handler()
    subscribe(broker, reacting(INGEST, handler), database)
    event = ImportRequested(job_id=uuid4())
    async with TestNatsBroker(broker):
        await broker.publish(b'{"job_id": 7}', event.address, stream=STREAM)
        await broker.publish(event.model_dump_json().encode(), event.address, stream=STREAM)
    assert handler.events == [event]
    assert await count(database, "dead_letters", "error_type = 'InvalidEvent'") == 1
