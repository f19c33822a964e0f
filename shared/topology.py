"""The reaction map on one screen: who consumes which event, and under what policy.

The migrate step declares these consumers on the server; each service's `app.py` binds its handlers to them.
"""

from dataclasses import dataclass, replace

from shared.contracts import (
    BatchCancelled,
    BatchCompleted,
    BatchFailed,
    BatchRequested,
    ClipFailed,
    ClipReady,
    ClipRequested,
    EmbeddingsFailed,
    EmbeddingsReady,
    EmbeddingsRequested,
    Event,
    FileIngested,
    FileMissing,
    FileMoved,
    FileReturned,
    ImportApproved,
    ImportCancelled,
    ImportCompleted,
    ImportFailed,
    ImportReported,
    ImportRequested,
    NovaCompleted,
    NovaFailed,
    NovaRequested,
    Priority,
    ProxyFailed,
    ProxyReady,
    ProxyRequested,
    RebuildCancelled,
    RebuildCompleted,
    RebuildFailed,
    RebuildRequested,
    ReconcileApproved,
    ReconcileCompleted,
    ReconcileFailed,
    ReconcileRequested,
    Stage,
    StageFailed,
    StageRequested,
    TranscriptEdited,
    TranscriptFailed,
    TranscriptReady,
    TranscriptRequested,
    TranscriptSkipped,
    UploadCompleted,
    UploadRejected,
)


@dataclass(frozen=True)
class Consumer:
    """A durable pull consumer of one service.

    `ack_wait` is the lease in seconds, renewed while the work goes on, but for no longer than `limit` seconds in total.
    `attempts` is the delivery at which a passing error is final; `stage` and `failed` say what giving up means for a file.
    Of requests it takes those of its `priority` alone.
    """

    durable: str
    events: tuple[type[Event], ...]
    ack_wait: float = 30.0
    limit: float = 3600.0
    attempts: int = 8
    stage: Stage | None = None
    failed: type[StageFailed] | None = None
    priority: Priority = Priority.BULK
    service: str = ""

    @property
    def filters(self) -> list[str]:
        """The NATS subjects that it takes."""
        return [
            f"{event.subject}.{self.priority}.*" if issubclass(event, StageRequested) else event.filter()
            for event in self.events
        ]


INGEST = Consumer("ingest", (ImportRequested, ImportApproved), limit=24 * 3600.0, service="ingest")
BATCH = Consumer("batch", (BatchRequested,), service="ingest")
UPLOADS = Consumer("uploads", (UploadCompleted,), limit=6 * 3600.0, service="ingest")
PROXY = Consumer(
    "proxy",
    (FileIngested, ProxyRequested),
    limit=6 * 3600.0,
    stage=Stage.PROXY,
    failed=ProxyFailed,
    service="proxy",
)
PROXY_EXPRESS = replace(PROXY, durable="proxy-express", events=(ProxyRequested,), priority=Priority.INTERACTIVE)
RECONCILE = Consumer("reconcile", (ReconcileRequested, ReconcileApproved), limit=6 * 3600.0, service="proxy")
CLIPS = Consumer("clips", (ClipRequested,), limit=6 * 3600.0, service="proxy")
TRANSCRIBE = Consumer(
    "transcribe",
    (ProxyReady, ProxyFailed, TranscriptRequested),
    limit=48 * 3600.0,
    stage=Stage.TRANSCRIBE,
    failed=TranscriptFailed,
    service="transcribe",
)
TRANSCRIBE_EXPRESS = replace(
    TRANSCRIBE, durable="transcribe-express", events=(TranscriptRequested,), priority=Priority.INTERACTIVE
)
ANALYSE = Consumer(
    "nova-analyse",
    (TranscriptReady, TranscriptSkipped, TranscriptFailed, NovaRequested),
    stage=Stage.ANALYSE,
    failed=NovaFailed,
    service="nova",
)
ANALYSE_EXPRESS = replace(ANALYSE, durable="nova-analyse-express", events=(NovaRequested,), priority=Priority.INTERACTIVE)
EMBED = Consumer(
    "nova-embed",
    (NovaCompleted, NovaFailed, FileMoved, TranscriptEdited, EmbeddingsRequested),
    stage=Stage.EMBED,
    failed=EmbeddingsFailed,
    service="nova",
)
EMBED_EXPRESS = replace(EMBED, durable="nova-embed-express", events=(EmbeddingsRequested,), priority=Priority.INTERACTIVE)
REBUILD = Consumer("rebuild", (RebuildRequested,), limit=24 * 3600.0, service="nova")

CONSUMERS = (
    INGEST,
    BATCH,
    UPLOADS,
    PROXY,
    PROXY_EXPRESS,
    RECONCILE,
    CLIPS,
    TRANSCRIBE,
    TRANSCRIBE_EXPRESS,
    ANALYSE,
    ANALYSE_EXPRESS,
    EMBED,
    EMBED_EXPRESS,
    REBUILD,
)

TERMINAL: tuple[type[Event], ...] = (
    ImportReported,
    ImportCompleted,
    ImportCancelled,
    ImportFailed,
    UploadRejected,
    BatchCompleted,
    BatchCancelled,
    BatchFailed,
    ReconcileCompleted,
    ReconcileFailed,
    ClipReady,
    ClipFailed,
    RebuildCompleted,
    RebuildCancelled,
    RebuildFailed,
    FileMissing,
    FileReturned,
    EmbeddingsReady,
    EmbeddingsFailed,
)
"""Events that end a chain: for people, live progress and replay; no service reacts to them."""

REQUESTS: dict[Stage, type[StageRequested]] = {
    Stage.PROXY: ProxyRequested,
    Stage.TRANSCRIBE: TranscriptRequested,
    Stage.ANALYSE: NovaRequested,
    Stage.EMBED: EmbeddingsRequested,
}
"""What asks for each stage; ingest is asked for by importing the file again."""

CRASH_LIMIT = 20
"""Deliveries after which a message is taken to kill its worker. A kill -9 of an innocent worker costs one delivery, so the
limit is well above what restarts of a busy machine add up to, and low enough that a poisonous file stops within minutes."""
