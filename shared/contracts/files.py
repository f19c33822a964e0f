"""Events about one file: what it goes through, and who asked for it to be done again."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field, JsonValue

from shared.contracts.event import Event, Kind, Priority


class FileEvent(Event):
    """A fact about one revision of one file; the address ends in the file's id, so that a file's history can be filtered."""

    file_id: UUID
    revision: int = Field(ge=1, description="Counts up each time the file's content changes.")
    kind: Kind
    run_id: UUID | None = Field(
        None, description="What had the file worked on again, a job or an edit; null on a revision's first way through."
    )

    def key(self) -> tuple[object, ...]:
        return (self.file_id, self.revision) if self.run_id is None else (self.file_id, self.revision, self.run_id)

    @property
    def address(self) -> str:
        return f"{self.subject}.{self.file_id}"

    @classmethod
    def filter(cls) -> str:
        return f"{cls.subject}.*"


class StageFailed(FileEvent):
    """A stage gave up on a file. The stages after it still run, with what there is."""

    reason: str = Field(description="A sentence for the person whose file it is.")


class StageRequested(FileEvent):
    """Somebody asked for a stage of a file to be run again, or for the first time."""

    run_id: UUID = Field(description="The job that asks.")
    priority: Priority = Priority.BULK
    options: dict[str, JsonValue] = Field(default_factory=dict, description="In place of the service's settings.")

    @property
    def address(self) -> str:
        return f"{self.subject}.{self.priority}.{self.file_id}"

    @classmethod
    def filter(cls) -> str:
        return f"{cls.subject}.*.*"


class FileIngested(FileEvent):
    """A file is in the library: identified, fingerprinted, probed. The original stays where it is."""

    subject: ClassVar[str] = "file.ingested"

    path: str = Field(description="As shown to people; names that are no UTF-8 are shown with replacement characters.")
    size: int = Field(ge=0, description="Bytes.")
    fingerprint: str = Field(description="BLAKE3 of the content, hexadecimal.")
    duration: float | None = Field(None, ge=0, description="Seconds; null for images and where the container does not say.")
    has_audio: bool = False


class FileMoved(FileEvent):
    """A file lies elsewhere, or is called differently; all that was made of it stays."""

    subject: ClassVar[str] = "file.moved"

    run_id: UUID = Field(description="The job that found it.")
    path: str = Field(description="Where it lies now.")


class FileMissing(FileEvent):
    """A file is no longer where it was. Nothing of it is forgotten."""

    subject: ClassVar[str] = "file.missing"

    run_id: UUID = Field(description="The job that missed it.")


class FileReturned(FileEvent):
    """A file that was missing is there again."""

    subject: ClassVar[str] = "file.returned"

    run_id: UUID = Field(description="The job that found it.")


class ProxyRequested(StageRequested):
    """Somebody asked for a file's renditions to be made."""

    subject: ClassVar[str] = "proxy.requested"


class ProxyReady(FileEvent):
    """The light renditions of a file are in the object store."""

    subject: ClassVar[str] = "proxy.ready"

    renditions: dict[str, str] = Field(description="Object key per rendition: proxy, thumbnail, audio.")
    has_speech_track: bool = Field(description="Whether there is 16 kHz audio to transcribe.")


class ProxyFailed(StageFailed):
    """No renditions could be made."""

    subject: ClassVar[str] = "proxy.failed"


class TranscriptRequested(StageRequested):
    """Somebody asked for a file to be transcribed."""

    subject: ClassVar[str] = "transcript.requested"


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


class TranscriptEdited(FileEvent):
    """A person changed a file's transcript, or chose another one."""

    subject: ClassVar[str] = "transcript.edited"

    run_id: UUID = Field(description="The edit.")
    transcript_id: UUID


class NovaRequested(StageRequested):
    """Somebody asked for a file to be analysed."""

    subject: ClassVar[str] = "nova.requested"


class NovaCompleted(FileEvent):
    """A file is analysed; `model` says by whom, and `local` means that nobody looked at the pictures."""

    subject: ClassVar[str] = "nova.completed"

    analysis_id: UUID
    model: str
    analyst_version: str = Field(description="Version of the prompt, or of the local analyst.")


class NovaFailed(StageFailed):
    """A file could not be analysed."""

    subject: ClassVar[str] = "nova.failed"


class EmbeddingsRequested(StageRequested):
    """Somebody asked for a file's moments to be embedded."""

    subject: ClassVar[str] = "embeddings.requested"


class EmbeddingsReady(FileEvent):
    """A file's moments can be found by word and by meaning."""

    subject: ClassVar[str] = "embeddings.ready"

    model: str
    moments: int = Field(ge=0)


class EmbeddingsFailed(StageFailed):
    """A file's moments could not be embedded."""

    subject: ClassVar[str] = "embeddings.failed"
