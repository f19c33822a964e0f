"""Where a value comes from: its source, the words that say it, and how far to trust them."""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

UNKNOWN: Final = "unknown"

Confidence = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[FiniteFloat, Field(ge=0)]


class Source(StrEnum):
    """What was read or watched; `shots` are measured cuts, which say when but not what."""

    VISUAL = "visual"
    TRANSCRIPT = "transcript"
    FILENAME = "filename"
    PATH = "path"
    EXIF = "exif"
    SHOTS = "shots"


class Frozen(BaseModel):
    """A value: immutable, compared by content."""

    model_config = ConfigDict(frozen=True)


class Evidence(Frozen):
    """The words that say it, as written or spoken; times in seconds where the source has times."""

    source: Source
    phrase: str
    start: Seconds | None = None
    end: Seconds | None = None


class Fact(Frozen):
    """One extracted value, `unknown` unless something says otherwise."""

    value: str = UNKNOWN
    evidence: tuple[Evidence, ...] = ()
    confidence: Confidence = 0.0

    @model_validator(mode="after")
    def _known_by_evidence(self) -> Self:
        if (self.value == UNKNOWN) == bool(self.evidence):
            raise ValueError(f"{self.value!r} has {len(self.evidence)} pieces of evidence; only {UNKNOWN!r} has none")
        return self

    @property
    def known(self) -> bool:
        """Whether anything says what the value is."""
        return self.value != UNKNOWN

    @property
    def sources(self) -> tuple[Source, ...]:
        """The distinct sources of the evidence, in its order."""
        return tuple(dict.fromkeys(piece.source for piece in self.evidence))
