"""docs/asyncapi.json says what the contracts say."""

import json
from typing import Any

from shared import asyncapi
from shared.contracts import EVENTS, FileIngested, ProxyRequested
from shared.topology import CONSUMERS, TRANSCRIBE


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []


def resolved(document: Any, reference: str) -> Any:
    node = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_the_document_is_current() -> None:
    assert asyncapi.PATH.read_text(encoding="utf-8") == asyncapi.rendered(), "run: python -m shared.asyncapi"


def test_every_reference_leads_somewhere() -> None:
    document = json.loads(asyncapi.rendered())
    found = references(document)
    assert len(found) > len(EVENTS)
    assert all(resolved(document, reference) is not None for reference in found)  # a schema that takes anything is empty


def test_every_event_has_channel_message_and_schema() -> None:
    document = asyncapi.document()
    for event in EVENTS:
        message = document["components"]["messages"][event.__name__]
        assert document["channels"][event.subject]["messages"].keys() == {event.__name__}
        assert message["summary"] == event.__doc__
        assert message["headers"]["allOf"][1]["properties"]["ce-type"] == {"const": event.type()}
        assert set(resolved(document, message["payload"]["$ref"])["properties"]) == set(event.model_fields)
        assert document["operations"][f"publish.{event.subject}"]["action"] == "send"


def test_an_address_names_its_parameters() -> None:
    channel = asyncapi.document()["channels"][FileIngested.subject]
    assert channel["address"] == "file.ingested.{file_id}"
    assert channel["parameters"].keys() == {"file_id"}
    requests = asyncapi.document()["channels"][ProxyRequested.subject]
    assert requests["address"] == "proxy.requested.{priority}.{file_id}"
    assert requests["parameters"].keys() == {"priority", "file_id"}


def test_every_consumer_has_an_operation_for_each_of_its_events() -> None:
    operations = asyncapi.document()["operations"]
    received = {name for name, operation in operations.items() if operation["action"] == "receive"}
    assert received == {f"{consumer.durable}.{event.subject}" for consumer in CONSUMERS for event in consumer.events}
    assert operations["transcribe.proxy.failed"]["x-consumer"] == {
        "durable": "transcribe",
        "filters": ["proxy.ready.*", "proxy.failed.*", "transcript.requested.bulk.*"],
        "ack_wait_seconds": TRANSCRIBE.ack_wait,
        "limit_seconds": TRANSCRIBE.limit,
        "attempts": TRANSCRIBE.attempts,
        "on_failure": "transcript.failed",
    }
