"""One message leaves one log line, one span that continues its cause's trace, and counts."""

import json
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
import structlog
from nats.js import JetStreamContext
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY
from pydantic import ValidationError

from shared import messaging
from shared.contracts import STREAM, Event, ImportRequested
from shared.database import Database
from shared.errors import BadMedia
from shared.outbox import Relay, enqueue
from shared.settings import PlatformSettings
from shared.topology import Consumer
from tests.support.delivering import Handler, publish, reacting, settled, working

CONSUMER = Consumer("test-observed", (ImportRequested,))


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch) -> trace.Tracer:
    """Delivery's tracer, whose spans are kept."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracer = provider.get_tracer("test")
    monkeypatch.setattr(messaging, "TRACER", tracer)
    return tracer


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []

    def keep(logger: Any, name: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        lines.append({**line, "level": name})
        raise structlog.DropEvent

    logger = structlog.wrap_logger(None, processors=[structlog.contextvars.merge_contextvars, keep])
    monkeypatch.setattr(messaging, "log", logger)
    return lines


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"consumer": CONSUMER.durable, **labels}) or 0.0


def deliveries(outcome: str, subject: str = "import.requested") -> float:
    return sample("spillway_deliveries_total", subject=subject, outcome=outcome)


@pytest.mark.connected
async def test_the_trace_of_the_cause_goes_on_in_the_handler(
    settings: PlatformSettings,
    database: Database,
    stream: JetStreamContext,
    spans: InMemorySpanExporter,
    tracer: trace.Tracer,
) -> None:
    seen: list[int] = []

    async def act(event: Event) -> None:
        seen.append(trace.get_current_span().get_span_context().span_id)

    handler = Handler(act)
    with tracer.start_as_current_span("cause") as cause:
        async with database.transaction() as connection:
            await enqueue(connection, ImportRequested(job_id=uuid4()), source="test")
    await Relay(database).publish_batch(stream)
    async with working(settings, database, stream, reacting(CONSUMER, handler)):
        await handler.called(1)
        await settled(stream, CONSUMER.durable)

    [span] = [span for span in spans.get_finished_spans() if span.name == "test-observed process"]
    assert span.kind is trace.SpanKind.CONSUMER
    assert identity(span) == (cause.get_span_context().trace_id, seen[0])
    assert span.parent is not None
    assert span.parent.span_id == cause.get_span_context().span_id


def identity(span: ReadableSpan) -> tuple[int, int]:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id


@pytest.mark.connected
async def test_every_message_leaves_a_line_and_counts(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, lines: list[dict[str, Any]]
) -> None:
    during: list[float] = []

    async def act(event: Event) -> None:
        during.append(sample("spillway_in_progress"))
        if len(during) == 2:
            raise BadMedia("no")

    before = deliveries("done"), deliveries("buried"), sample("spillway_dead_letters_total", error="BadMedia")
    handled = sample("spillway_handling_seconds_count")
    handler = Handler(act)
    async with working(settings, database, stream, reacting(CONSUMER, handler)):
        await publish(stream, ImportRequested(job_id=uuid4()), ImportRequested(job_id=uuid4()))
        await handler.called(2)
        await settled(stream, CONSUMER.durable)

    closing = [line for line in lines if line["event"] == "handled"]
    assert [line["outcome"] for line in closing] == ["done", "buried"]
    assert all((line["subject"], line["delivery"]) == ("import.requested", 1) for line in closing)
    assert all(0 <= line["seconds"] < 5 for line in closing)
    [reason] = [line for line in lines if line["event"] == "given up"]
    assert (reason["reason"], reason["level"], reason["exc_info"]) == ("no", "warning", False)
    after = deliveries("done"), deliveries("buried"), sample("spillway_dead_letters_total", error="BadMedia")
    assert after == tuple(count + 1 for count in before)
    assert sample("spillway_handling_seconds_count") == handled + 2
    assert during == [1.0, 1.0]
    assert sample("spillway_in_progress") == 0.0


@pytest.mark.connected
async def test_subjects_that_the_catalogue_does_not_know_share_a_label(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messaging, "event_class", lambda address: None)
    before = deliveries("buried", subject="unknown")
    async with working(settings, database, stream, reacting(CONSUMER, Handler())):
        await stream.publish(ImportRequested.subject, b"{}", stream=STREAM)
        await settled(stream, CONSUMER.durable)
    assert deliveries("buried", subject="unknown") == before + 1


PROGRAM = """
import logging, structlog
from shared.observability import configure
configure("proxy", level="INFO", style="{style}")
log = structlog.get_logger()
log.debug("hidden")
with structlog.contextvars.bound_contextvars(subject="file.ingested"):
    log.info("handled", outcome="done")
logging.getLogger("some.library").warning("careful")
logging.getLogger("botocore").info("hidden")
def sign_in(password):
    raise ValueError("a bug")
try:
    sign_in("hun" + "ter2")
except ValueError:
    log.warning("failed", exc_info=True)
"""


def logged(style: str) -> str:
    program = [sys.executable, "-c", PROGRAM.format(style=style)]
    return subprocess.run(program, capture_output=True, text=True, check=True, timeout=30).stderr


def test_logs_for_machines_are_json_with_their_context() -> None:
    handled, library, failed = [json.loads(line) for line in logged("json").splitlines()]
    assert (handled["event"], handled["outcome"], handled["level"]) == ("handled", "done", "info")
    assert (handled["service"], handled["subject"]) == ("proxy", "file.ingested")
    assert (library["event"], library["service"]) == ("careful", "proxy")
    assert failed["exception"][0]["exc_type"] == "ValueError"


def test_logs_for_people_are_plain_lines() -> None:
    text = logged("console")
    assert "handled" in text.splitlines()[0]
    assert "outcome=done" in text.splitlines()[0]
    assert "hidden" not in text
    assert "ValueError: a bug" in text


@pytest.mark.parametrize("style", ["console", "json"])
def test_tracebacks_tell_no_values_of_variables(style: str) -> None:
    text = logged(style)
    assert "sign_in" in text
    assert "hunter2" not in text


def test_the_level_may_be_written_in_small_letters(settings: PlatformSettings) -> None:
    assert PlatformSettings.model_validate({**settings.model_dump(), "log_level": "warning"}).log_level == "WARNING"
    with pytest.raises(ValidationError, match="log_level"):
        PlatformSettings.model_validate({**settings.model_dump(), "log_level": "loud"})
