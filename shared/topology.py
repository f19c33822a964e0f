"""The reaction map on one screen: who consumes which event, and under what policy.

The migrate step declares these consumers on the server; each service's `app.py` binds its handlers to them.
"""

from dataclasses import dataclass

from shared.contracts import (
    EmbeddingsFailed,
    EmbeddingsReady,
    Event,
    FileIngested,
    ImportCompleted,
    ImportFailed,
    ImportRequested,
    NovaCompleted,
    NovaFailed,
    ProxyFailed,
    ProxyReady,
    Stage,
    StageFailed,
    TranscriptFailed,
    TranscriptReady,
    TranscriptSkipped,
)


@dataclass(frozen=True)
class Consumer:
    """A durable pull consumer.

    `ack_wait` is the lease in seconds, renewed while the work goes on, but for no longer than `limit` seconds in total.
    `attempts` is the delivery at which a passing error is final; `stage` and `failed` say what giving up means for a file.
    """

    durable: str
    events: tuple[type[Event], ...]
    ack_wait: float = 30.0
    limit: float = 3600.0
    attempts: int = 8
    stage: Stage | None = None
    failed: type[StageFailed] | None = None


INGEST = Consumer("ingest", (ImportRequested,), limit=24 * 3600.0)
PROXY = Consumer("proxy", (FileIngested,), limit=6 * 3600.0, stage=Stage.PROXY, failed=ProxyFailed)
TRANSCRIBE = Consumer(
    "transcribe", (ProxyReady, ProxyFailed), limit=12 * 3600.0, stage=Stage.TRANSCRIBE, failed=TranscriptFailed
)
ANALYSE = Consumer(
    "nova-analyse",
    (TranscriptReady, TranscriptSkipped, TranscriptFailed),
    stage=Stage.ANALYSE,
    failed=NovaFailed,
)
EMBED = Consumer("nova-embed", (NovaCompleted, NovaFailed), stage=Stage.EMBED, failed=EmbeddingsFailed)

CONSUMERS = (INGEST, PROXY, TRANSCRIBE, ANALYSE, EMBED)

TERMINAL: tuple[type[Event], ...] = (ImportCompleted, ImportFailed, EmbeddingsReady, EmbeddingsFailed)
"""Events that end a chain: for people, live progress and replay; no service reacts to them."""

CRASH_LIMIT = 20
"""Deliveries after which a message is taken to kill its worker. A kill -9 of an innocent worker costs one delivery, so the
limit is well above what restarts of a busy machine add up to, and low enough that a poisonous file stops within minutes."""
