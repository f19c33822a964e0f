"""How stream and consumers are declared, and what is refused."""

import pytest
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, DeliverPolicy, RetentionPolicy, StorageType, StoreCompression

from shared import bus
from shared.contracts import EVENTS, STREAM, ImportRequested
from shared.errors import BusUnavailable
from shared.settings import PlatformSettings
from shared.topology import CONSUMERS, TRANSCRIBE


class OldServer:
    """A client that is connected to a server of version 2.10."""

    class connected_server_version:  # noqa: N801 - stands for an attribute
        major, minor = 2, 10


def test_the_stream_takes_every_subject_and_keeps_it_by_age_alone() -> None:
    config = bus.stream_config()
    assert config.subjects is not None
    assert set(config.subjects) == {event.filter() for event in EVENTS}
    assert config.retention is RetentionPolicy.LIMITS
    assert config.storage is StorageType.FILE
    assert config.compression is StoreCompression.S2
    assert config.max_age == bus.MAX_AGE.total_seconds()
    assert config.max_msgs is None
    assert config.max_bytes is None


def test_a_consumer_gets_all_events_of_its_subjects_and_is_never_cut_off() -> None:
    config = bus.consumer_config(TRANSCRIBE)
    assert config.durable_name == "transcribe"
    assert config.filter_subjects == ["proxy.ready.*", "proxy.failed.*", "transcript.requested.bulk.*"]
    assert config.deliver_policy is DeliverPolicy.ALL
    assert config.ack_policy is AckPolicy.EXPLICIT
    assert config.max_deliver == -1
    assert config.ack_wait == TRANSCRIBE.ack_wait
    assert bus.consumer_config(TRANSCRIBE, 1.5).ack_wait == 1.5


def test_an_old_server_is_refused_by_name() -> None:
    with pytest.raises(BusUnavailable, match=r"needs 2\.12 or newer"):
        bus.require_version(OldServer())  # type: ignore[arg-type]


async def test_no_server_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "CONNECT_TIMEOUT", 0.3)
    with pytest.raises(BusUnavailable, match="cannot be reached"):
        await bus.connect("nats://127.0.0.1:9", name="test")


@pytest.mark.connected
async def test_the_server_has_what_was_declared(stream: JetStreamContext) -> None:
    config = (await stream.stream_info(STREAM)).config
    assert set(config.subjects or ()) == {event.filter() for event in EVENTS}
    assert config.compression == StoreCompression.S2
    for consumer in CONSUMERS:
        declared = (await stream.consumer_info(STREAM, consumer.durable)).config
        names = declared.filter_subjects or [declared.filter_subject]
        assert set(names) == set(consumer.filters)
        assert declared.ack_wait == consumer.ack_wait
        assert declared.max_deliver == -1


@pytest.mark.connected
async def test_declaring_again_changes_what_differs_and_loses_nothing(stream: JetStreamContext) -> None:
    await stream.publish(ImportRequested.subject, b"{}", stream=STREAM)
    older = bus.stream_config()
    older.duplicate_window = 1.0
    await stream.update_stream(older)
    await bus.declare(stream, ack_wait=2.5)
    info = await stream.stream_info(STREAM)
    assert info.config.duplicate_window == bus.DUPLICATE_WINDOW.total_seconds()
    assert info.state.messages == 1
    assert (await stream.consumer_info(STREAM, "proxy")).config.ack_wait == 2.5


@pytest.mark.connected
async def test_inspection_says_how_far_the_stream_goes_and_each_consumer_got(stream: JetStreamContext) -> None:
    await stream.publish(ImportRequested.subject, b"{}", stream=STREAM)
    await stream.publish(ImportRequested.subject, b"{}", stream=STREAM)
    subscription = await stream.pull_subscribe_bind("ingest", STREAM)
    [message] = await subscription.fetch(1, timeout=5)
    await message.ack_sync()
    await subscription.unsubscribe()

    state = await bus.inspect(stream)

    assert state is not None
    assert state.last_sequence == 2
    assert state.handled["ingest"] == 1
    assert set(state.handled) == {consumer.durable for consumer in CONSUMERS}
    assert state.created_at


@pytest.mark.connected
async def test_a_missing_stream_or_consumer_is_noticed(stream: JetStreamContext) -> None:
    await stream.delete_consumer(STREAM, "proxy")
    assert await bus.inspect(stream) is None
    await stream.delete_stream(STREAM)
    assert await bus.inspect(stream) is None


@pytest.mark.connected
async def test_a_closed_connection_is_an_outage(settings: PlatformSettings) -> None:
    client = await bus.connect(settings.nats_url.get_secret_value(), name="test")
    await client.close()
    with pytest.raises(BusUnavailable, match="does not answer"):
        await bus.inspect(client.jetstream())
