"""Every event that travels on the bus, declared once: class, subject, version. No subject is written anywhere else.

Events are facts, named `<noun>.<past participle>`; a request is a fact too (somebody asked). The body on the wire is the JSON
of the class; CloudEvents 1.0 attributes travel beside it as `ce-` headers. Contracts change by addition: a new optional
field; anything else is a new version of the event.
"""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.identifiers import derived_id

STREAM = "SPILLWAY"
"""The one JetStream stream, which is also the replay log."""


class Kind(StrEnum):
    """What a file is, decided by its content."""

    VIDEO = "video"
    IMAGE = "image"
    AUDIO = "audio"


class Stage(StrEnum):
    """What every file goes through, in this order."""

    INGEST = "ingest"
    PROXY = "proxy"
    TRANSCRIBE = "transcribe"
    ANALYSE = "analyse"
    EMBED = "embed"


class StageState(StrEnum):
    """How far a file is in a stage; all but `pending` are final for the file's revision."""

    PENDING = "pending"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class Event(BaseModel):
    """A fact. Its id follows from what it says, so that telling it twice is telling the same event."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: ClassVar[str]
    version: ClassVar[int] = 1

    def key(self) -> tuple[object, ...]:
        """What tells this event from all others on its subject."""
        raise NotImplementedError

    @property
    def id(self) -> UUID:
        """CloudEvents id and `Nats-Msg-Id`."""
        return derived_id(self.subject, self.version, *self.key())

    @property
    def address(self) -> str:
        """The NATS subject to publish on."""
        return self.subject

    @classmethod
    def filter(cls) -> str:
        """The NATS subject that a consumer filters by."""
        return cls.subject

    @classmethod
    def type(cls) -> str:
        """CloudEvents type: subject and version."""
        return f"spillway.{cls.subject}.v{cls.version}"


class ImportRequested(Event):
    """Somebody asked for a file or folder to be imported."""

    subject: ClassVar[str] = "import.requested"

    job_id: UUID

    def key(self) -> tuple[object, ...]:
        return (self.job_id,)


class ImportCompleted(Event):
    """Every file of an import is in the library or has a reason why not."""

    subject: ClassVar[str] = "import.completed"

    job_id: UUID
    done: int = Field(ge=0)
    skipped: int = Field(ge=0)
    failed: int = Field(ge=0)

    def key(self) -> tuple[object, ...]:
        return (self.job_id,)


class ImportFailed(Event):
    """An import could not be carried out at all."""

    subject: ClassVar[str] = "import.failed"

    job_id: UUID
    reason: str

    def key(self) -> tuple[object, ...]:
        return (self.job_id,)


class FileEvent(Event):
    """A fact about one revision of one file; the address ends in the file's id, so that a file's history can be filtered."""

    file_id: UUID
    revision: int = Field(ge=1, description="Counts up each time the file's content changes, or is to be worked on again.")
    kind: Kind

    def key(self) -> tuple[object, ...]:
        return (self.file_id, self.revision)

    @property
    def address(self) -> str:
        return f"{self.subject}.{self.file_id}"

    @classmethod
    def filter(cls) -> str:
        return f"{cls.subject}.*"


class StageFailed(FileEvent):
    """A stage gave up on a file. The stages after it still run, with what there is."""

    reason: str = Field(description="A sentence for the person whose file it is.")


class FileIngested(FileEvent):
    """A file is in the library: identified, fingerprinted, probed. The original stays where it is."""

    subject: ClassVar[str] = "file.ingested"

    path: str = Field(description="As shown to people; names that are no UTF-8 are shown with replacement characters.")
    size: int = Field(ge=0, description="Bytes.")
    fingerprint: str = Field(description="BLAKE3 of the content, hexadecimal.")
    duration: float | None = Field(None, ge=0, description="Seconds; null for images and where the container does not say.")
    has_audio: bool = False


class ProxyReady(FileEvent):
    """The light renditions of a file are in the object store."""

    subject: ClassVar[str] = "proxy.ready"

    renditions: dict[str, str] = Field(description="Object key per rendition: proxy, thumbnail, audio.")
    has_speech_track: bool = Field(description="Whether there is 16 kHz audio to transcribe.")


class ProxyFailed(StageFailed):
    """No renditions could be made."""

    subject: ClassVar[str] = "proxy.failed"


class TranscriptReady(FileEvent):
    """What is said in a file is written down."""

    subject: ClassVar[str] = "transcript.ready"

    transcript_id: UUID
    model: str
    language: str
    segments: int = Field(ge=0)


class TranscriptSkipped(FileEvent):
    """There is nothing to transcribe."""

    subject: ClassVar[str] = "transcript.skipped"

    reason: str


class TranscriptFailed(StageFailed):
    """The speech could not be transcribed."""

    subject: ClassVar[str] = "transcript.failed"


class NovaCompleted(FileEvent):
    """A file is analysed; `model` says by whom, and `local` means that nobody looked at the pictures."""

    subject: ClassVar[str] = "nova.completed"

    analysis_id: UUID
    model: str
    analyst_version: str = Field(description="Version of the prompt, or of the local analyst.")


class NovaFailed(StageFailed):
    """A file could not be analysed."""

    subject: ClassVar[str] = "nova.failed"


class EmbeddingsReady(FileEvent):
    """A file's moments can be found by word and by meaning."""

    subject: ClassVar[str] = "embeddings.ready"

    model: str
    moments: int = Field(ge=0)


class EmbeddingsFailed(StageFailed):
    """A file's moments could not be embedded."""

    subject: ClassVar[str] = "embeddings.failed"


EVENTS: tuple[type[Event], ...] = (
    ImportRequested,
    ImportCompleted,
    ImportFailed,
    FileIngested,
    ProxyReady,
    ProxyFailed,
    TranscriptReady,
    TranscriptSkipped,
    TranscriptFailed,
    NovaCompleted,
    NovaFailed,
    EmbeddingsReady,
    EmbeddingsFailed,
)
"""The catalogue, in the order in which a file meets it."""

BY_SUBJECT: dict[str, type[Event]] = {event.subject: event for event in EVENTS}


def event_class(address: str) -> type[Event] | None:
    """The class of what is published on `address`; None if the catalogue has no such event."""
    exact = BY_SUBJECT.get(address)
    return exact or BY_SUBJECT.get(address.rpartition(".")[0])
