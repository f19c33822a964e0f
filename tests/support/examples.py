"""One example of every event, with no field left at its default."""

from uuid import UUID

from shared.contracts import (
    EmbeddingsFailed,
    EmbeddingsReady,
    Event,
    FileIngested,
    ImportCompleted,
    ImportFailed,
    ImportRequested,
    Kind,
    NovaCompleted,
    NovaFailed,
    ProxyFailed,
    ProxyReady,
    TranscriptFailed,
    TranscriptReady,
    TranscriptSkipped,
)

JOB = UUID("019a9f00-0000-7000-8000-000000000001")
FILE = UUID("019a9f00-0000-7000-8000-000000000002")
OTHER = UUID("019a9f00-0000-7000-8000-000000000003")

EXAMPLES: tuple[Event, ...] = (
    ImportRequested(job_id=JOB),
    ImportCompleted(job_id=JOB, done=3, skipped=1, failed=2),
    ImportFailed(job_id=JOB, reason="The folder is not there; check the path."),
    FileIngested(
        file_id=FILE,
        revision=2,
        kind=Kind.VIDEO,
        path="holidays/falls.mp4",
        size=1234,
        fingerprint="ab" * 32,
        duration=12.5,
        has_audio=True,
    ),
    ProxyReady(
        file_id=FILE, revision=2, kind=Kind.VIDEO, renditions={"proxy": f"proxy/{FILE}/r2/720p.mp4"}, has_speech_track=True
    ),
    ProxyFailed(file_id=FILE, revision=2, kind=Kind.VIDEO, reason="The file is damaged; copy it again."),
    TranscriptReady(file_id=FILE, revision=2, kind=Kind.VIDEO, transcript_id=OTHER, model="small", language="en", segments=4),
    TranscriptSkipped(file_id=FILE, revision=2, kind=Kind.VIDEO, reason="The file has no sound."),
    TranscriptFailed(file_id=FILE, revision=2, kind=Kind.VIDEO, reason="The model is not there; set a folder."),
    NovaCompleted(file_id=FILE, revision=2, kind=Kind.VIDEO, analysis_id=OTHER, model="local", analyst_version="1"),
    NovaFailed(file_id=FILE, revision=2, kind=Kind.VIDEO, reason="The analyst gave up; try again later."),
    EmbeddingsReady(file_id=FILE, revision=2, kind=Kind.VIDEO, model="all-MiniLM-L6-v2", moments=7),
    EmbeddingsFailed(file_id=FILE, revision=2, kind=Kind.VIDEO, reason="The weights are missing; set up again."),
)
