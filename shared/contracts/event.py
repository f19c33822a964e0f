"""What every event is: a frozen class with its subject and version, and an id that follows from what it says."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

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


class Priority(StrEnum):
    """Whether somebody waits: interactive requests have workers of their own, so that no bulk job is in their way."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


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
