"""The contracts as AsyncAPI 3.0, for people and for generators: `python -m shared.asyncapi` writes docs/asyncapi.json.

FastStream's own generator is not used: it names channels twice, forgets consumers and headers, and orders by hash.
"""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts import EVENTS, STREAM, Event, FileEvent, Priority, StageRequested
from shared.topology import CONSUMERS, Consumer

PATH = Path(__file__).resolve().parent.parent / "docs" / "asyncapi.json"

Document = dict[str, Any]

HEADERS: Document = {
    "type": "object",
    "description": "CloudEvents 1.0 attributes, what deduplicates, and the W3C trace context of the cause.",
    "required": ["Nats-Msg-Id", "ce-specversion", "ce-id", "ce-type", "ce-source", "ce-time"],
    "properties": {
        "Nats-Msg-Id": {"type": "string", "format": "uuid", "description": "Equals ce-id."},
        "content-type": {"const": "application/json"},
        "ce-specversion": {"const": "1.0"},
        "ce-id": {"type": "string", "format": "uuid", "description": "Follows from what the event says."},
        "ce-type": {"type": "string", "description": "spillway.<subject>.v<version>"},
        "ce-source": {"type": "string", "description": "/spillway/<service>"},
        "ce-time": {"type": "string", "format": "date-time"},
        "ce-subject": {"type": "string", "format": "uuid", "description": "The file, for events about one."},
        "traceparent": {"type": "string"},
        "tracestate": {"type": "string"},
    },
}


def document() -> Document:
    """The whole catalogue with its consumers; equal for equal contracts."""
    _, schema = models_json_schema([(event, "serialization") for event in EVENTS], ref_template="#/components/schemas/{model}")
    receiving = {
        f"{consumer.durable}.{event.subject}": receive(consumer, event) for consumer in CONSUMERS for event in consumer.events
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Spillway events",
            "version": "1.0.0",
            "description": f"Facts on the JetStream stream {STREAM}. Contracts change by addition, or by a new version.",
        },
        "defaultContentType": "application/json",
        "channels": {event.subject: channel(event) for event in EVENTS},
        "operations": receiving | {f"publish.{event.subject}": publish(event) for event in EVENTS},
        "components": {
            "messages": {event.__name__: message(event) for event in EVENTS},
            "schemas": {"Headers": HEADERS, **schema["$defs"]},
        },
    }


def channel(event: type[Event]) -> Document:
    """Where an event is published."""
    described: Document = {"address": event.subject, "messages": {event.__name__: {"$ref": message_path(event)}}}
    if issubclass(event, FileEvent):
        described["address"] = f"{event.subject}.{{file_id}}"
        described["parameters"] = {"file_id": {"description": "The file's id, so that its history can be filtered."}}
    if issubclass(event, StageRequested):
        described["address"] = f"{event.subject}.{{priority}}.{{file_id}}"
        described["parameters"]["priority"] = {"enum": list(Priority), "description": "Each has workers of its own."}
    return described


def message(event: type[Event]) -> Document:
    """An event's headers and body."""
    kind = {"type": "object", "properties": {"ce-type": {"const": event.type()}}}
    return {
        "name": event.type(),
        "title": event.__name__,
        "summary": event.__doc__,
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/Headers"}, kind]},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
    }


def publish(event: type[Event]) -> Document:
    """The outbox relay publishes every event."""
    return {"action": "send", **on_channel(event)}


def receive(consumer: Consumer, event: type[Event]) -> Document:
    """A durable consumer takes an event; one with several events has an operation for each."""
    return {
        "action": "receive",
        "title": f"{consumer.durable} takes {event.subject}",
        "x-consumer": {
            "durable": consumer.durable,
            "filters": consumer.filters,
            "ack_wait_seconds": consumer.ack_wait,
            "limit_seconds": consumer.limit,
            "attempts": consumer.attempts,
            "on_failure": consumer.failed.subject if consumer.failed else None,
        },
        **on_channel(event),
    }


def on_channel(event: type[Event]) -> Document:
    """References to an event's channel and message."""
    place = f"#/channels/{event.subject}"
    return {"channel": {"$ref": place}, "messages": [{"$ref": f"{place}/messages/{event.__name__}"}]}


def message_path(event: type[Event]) -> str:
    """Reference to an event's message."""
    return f"#/components/messages/{event.__name__}"


def rendered() -> str:
    """The document as it is kept: sorted, so that a change of the contracts is all that a diff shows."""
    return json.dumps(document(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(rendered(), encoding="utf-8")
