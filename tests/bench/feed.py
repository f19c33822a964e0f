"""The events that are consumed and relayed: `file.ingested` of about 256 bytes, with the headers that the outbox gives them."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from nats.js import JetStreamContext

from shared.clock import utc_now
from shared.contracts import FileIngested, Kind
from shared.outbox import cloud_event_headers

NAMESPACE = UUID("3b7d5a44-6f0b-5c6f-9b57-4d3a3a0a6f11")


def event(position: int) -> FileIngested:
    """The event of a position: always the same one."""
    return FileIngested(
        file_id=uuid5(NAMESPACE, str(position)),
        revision=1,
        kind=Kind.VIDEO,
        path=f"Footage/2026/Harbour {position:06d}.mp4",
        size=48_000_000 + position,
        fingerprint=f"{position:064x}",
        duration=61.5,
        has_audio=True,
    )


def events(count: int) -> list[FileIngested]:
    """The first `count` events."""
    return [event(position) for position in range(count)]


async def publish(stream: JetStreamContext, batch: Sequence[FileIngested]) -> None:
    """Put events on the stream as the relay does, each acknowledged."""
    now = utc_now()
    pending = [
        await stream.publish_async(
            each.address, each.model_dump_json().encode(), headers=cloud_event_headers(each, now, "bench")
        )
        for each in batch
    ]
    for acknowledgement in pending:
        await acknowledgement
