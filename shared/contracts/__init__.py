"""Every event that travels on the bus, declared once: class, subject, version. No subject is written anywhere else.

Events are facts, named `<noun>.<past participle>`; a request is a fact too (somebody asked). The body on the wire is the JSON
of the class; CloudEvents 1.0 attributes travel beside it as `ce-` headers. Contracts change by addition: a new optional
field; anything else is a new version of the event.
"""

from shared.contracts.event import STREAM, Event, Kind, Priority, Stage, StageState
from shared.contracts.files import (
    EmbeddingsFailed,
    EmbeddingsReady,
    EmbeddingsRequested,
    FileEvent,
    FileIngested,
    FileMissing,
    FileMoved,
    FileReturned,
    NovaCompleted,
    NovaFailed,
    NovaRequested,
    ProxyFailed,
    ProxyReady,
    ProxyRequested,
    StageFailed,
    StageRequested,
    TranscriptEdited,
    TranscriptFailed,
    TranscriptReady,
    TranscriptRequested,
    TranscriptSkipped,
)
from shared.contracts.jobs import (
    BatchCancelled,
    BatchCompleted,
    BatchFailed,
    BatchRequested,
    ImportApproved,
    ImportCancelled,
    ImportCompleted,
    ImportFailed,
    ImportReported,
    ImportRequested,
    JobCounted,
    JobEvent,
    ReconcileApproved,
    ReconcileCompleted,
    ReconcileFailed,
    ReconcileRequested,
    UploadCompleted,
    UploadRejected,
)

__all__ = [
    "BY_SUBJECT",
    "EVENTS",
    "STREAM",
    "BatchCancelled",
    "BatchCompleted",
    "BatchFailed",
    "BatchRequested",
    "EmbeddingsFailed",
    "EmbeddingsReady",
    "EmbeddingsRequested",
    "Event",
    "FileEvent",
    "FileIngested",
    "FileMissing",
    "FileMoved",
    "FileReturned",
    "ImportApproved",
    "ImportCancelled",
    "ImportCompleted",
    "ImportFailed",
    "ImportReported",
    "ImportRequested",
    "JobCounted",
    "JobEvent",
    "Kind",
    "NovaCompleted",
    "NovaFailed",
    "NovaRequested",
    "Priority",
    "ProxyFailed",
    "ProxyReady",
    "ProxyRequested",
    "ReconcileApproved",
    "ReconcileCompleted",
    "ReconcileFailed",
    "ReconcileRequested",
    "Stage",
    "StageFailed",
    "StageRequested",
    "StageState",
    "TranscriptEdited",
    "TranscriptFailed",
    "TranscriptReady",
    "TranscriptRequested",
    "TranscriptSkipped",
    "UploadCompleted",
    "UploadRejected",
    "event_class",
]

EVENTS: tuple[type[Event], ...] = (
    ImportRequested,
    ImportReported,
    ImportApproved,
    ImportCompleted,
    ImportCancelled,
    ImportFailed,
    UploadCompleted,
    UploadRejected,
    BatchRequested,
    BatchCompleted,
    BatchCancelled,
    BatchFailed,
    ReconcileRequested,
    ReconcileApproved,
    ReconcileCompleted,
    ReconcileFailed,
    FileIngested,
    FileMoved,
    FileMissing,
    FileReturned,
    ProxyRequested,
    ProxyReady,
    ProxyFailed,
    TranscriptRequested,
    TranscriptReady,
    TranscriptSkipped,
    TranscriptFailed,
    TranscriptEdited,
    NovaRequested,
    NovaCompleted,
    NovaFailed,
    EmbeddingsRequested,
    EmbeddingsReady,
    EmbeddingsFailed,
)
"""The catalogue, in the order in which a file meets it."""

BY_SUBJECT: dict[str, type[Event]] = {event.subject: event for event in EVENTS}


def event_class(address: str) -> type[Event] | None:
    """The class of what is published on `address`; None if the catalogue has no such event."""
    for cut in range(3):
        found = BY_SUBJECT.get(address.rsplit(".", cut)[0])
        if found and found.filter().count("*") == cut:
            return found
    return None
