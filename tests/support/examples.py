"""One example of every event, with no field left at its default."""

from typing import TypedDict
from uuid import UUID

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
    Kind,
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
    TranscriptEdited,
    TranscriptFailed,
    TranscriptReady,
    TranscriptRequested,
    TranscriptSkipped,
    UploadCompleted,
    UploadRejected,
)

JOB = UUID("019a9f00-0000-7000-8000-000000000001")
FILE = UUID("019a9f00-0000-7000-8000-000000000002")
OTHER = UUID("019a9f00-0000-7000-8000-000000000003")


class FileWords(TypedDict):
    """What every event about a file says."""

    file_id: UUID
    revision: int
    kind: Kind
    run_id: UUID


AGAIN: FileWords = {"file_id": FILE, "revision": 2, "kind": Kind.VIDEO, "run_id": JOB}
URGENT = Priority.INTERACTIVE

EXAMPLES: tuple[Event, ...] = (
    ImportRequested(job_id=JOB),
    ImportReported(job_id=JOB),
    ImportApproved(job_id=JOB),
    ImportCompleted(job_id=JOB, done=3, skipped=1, failed=2),
    ImportCancelled(job_id=JOB),
    ImportFailed(job_id=JOB, reason="The folder is not there; check the path."),
    UploadCompleted(job_id=JOB),
    UploadRejected(job_id=JOB, reason="The file is no video; upload another."),
    BatchRequested(job_id=JOB),
    BatchCompleted(job_id=JOB, done=3, skipped=1, failed=2),
    BatchCancelled(job_id=JOB),
    BatchFailed(job_id=JOB, reason="No file fits the filter; widen it."),
    ReconcileRequested(job_id=JOB),
    ReconcileApproved(job_id=JOB),
    ReconcileCompleted(job_id=JOB, done=3, skipped=1, failed=2),
    ReconcileFailed(job_id=JOB, reason="The store refused; check its keys."),
    ClipRequested(job_id=JOB),
    ClipReady(job_id=JOB, object_key=f"clips/{'ab' * 32}.mp4"),
    ClipFailed(job_id=JOB, reason="The span has no picture; choose another."),
    RebuildRequested(job_id=JOB),
    RebuildCompleted(job_id=JOB, done=3, skipped=1, failed=2),
    RebuildCancelled(job_id=JOB),
    RebuildFailed(job_id=JOB, reason="The disk of Postgres is full; make room."),
    FileIngested(
        **AGAIN,
        path="holidays/falls.mp4",
        size=1234,
        fingerprint="ab" * 32,
        duration=12.5,
        has_audio=True,
    ),
    FileMoved(**AGAIN, path="holidays/2026/falls.mp4"),
    FileMissing(**AGAIN),
    FileReturned(**AGAIN),
    ProxyRequested(**AGAIN, priority=URGENT, options={"encoder": "x264"}),
    ProxyReady(**AGAIN, renditions={"proxy": f"proxy/{FILE}/r2/720p.mp4"}, has_speech_track=True),
    ProxyFailed(**AGAIN, reason="The file is damaged; copy it again."),
    TranscriptRequested(**AGAIN, priority=URGENT, options={"model": "small"}),
    TranscriptReady(**AGAIN, transcript_id=OTHER, model="small", language="en", segments=4),
    TranscriptSkipped(**AGAIN, reason="The file has no sound."),
    TranscriptFailed(**AGAIN, reason="The model is not there; set a folder."),
    TranscriptEdited(**AGAIN, transcript_id=OTHER),
    NovaRequested(**AGAIN, priority=URGENT, options={"depth": "brief"}),
    NovaCompleted(**AGAIN, analysis_id=OTHER, model="local", analyst_version="1"),
    NovaFailed(**AGAIN, reason="The analyst gave up; try again later."),
    EmbeddingsRequested(**AGAIN, priority=URGENT, options={"model": "all-MiniLM-L6-v2"}),
    EmbeddingsReady(**AGAIN, model="all-MiniLM-L6-v2", moments=7),
    EmbeddingsFailed(**AGAIN, reason="The weights are missing; set up again."),
)
