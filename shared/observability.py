"""Logs by structlog, traces by OpenTelemetry; metrics are in `shared.metrics`."""

import logging
import os
import sys

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

TRACER = trace.get_tracer("spillway")


def configure(service: str, *, level: str, style: str) -> None:
    """Set up this process's logs and, where an OTLP endpoint is named (OTEL_EXPORTER_OTLP_ENDPOINT), its traces."""
    configure_logs(level=level, style=style)
    structlog.contextvars.bind_contextvars(service=service)
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        configure_traces(service)


def configure_logs(*, level: str, style: str) -> None:
    """One line per event on stderr, for people (`console`) or machines (`json`); other libraries' logs go the same way."""
    chain: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if style == "json" else "%H:%M:%S", utc=style == "json"),
    ]
    renderer = RENDERERS["json" if style == "json" else "console"]()
    structlog.configure(
        processors=[*chain, *renderer],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # past the logging module, which would take half the time
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("botocore", "boto3", "urllib3", "faster_whisper", "httpx", "uvicorn.access", "PIL", "nats"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def json_lines() -> list[structlog.typing.Processor]:
    """For machines: an object in each line."""
    tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(tracebacks), structlog.processors.JSONRenderer()]


def console_lines() -> list[structlog.typing.Processor]:
    """For people, in colours on a terminal."""
    tracebacks = structlog.dev.plain_traceback
    colours = sys.stderr.isatty()
    return [structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0, pad_level=False, exception_formatter=tracebacks)]


RENDERERS = {"json": json_lines, "console": console_lines}
"""Tracebacks are told without the values of variables, as structlog would by itself: some of them are secrets."""


def configure_traces(service: str) -> None:
    """Send spans to the OTLP endpoint of the environment."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - costs 200 ms

    provider = TracerProvider(resource=Resource.create({"service.name": f"spillway-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
