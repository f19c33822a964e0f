"""What is asked about a file, and what comes back: the values that travel between the service and its inspectors."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from shared.contracts import Kind, StageState


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to look at; `size` is what its folder said, in bytes."""

    path_raw: bytes
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says of itself: seconds, pixels as displayed, decimal degrees; None where it does not say."""

    kind: Kind
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    captured_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera: str | None = None
    has_audio: bool = False
    metadata: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that the library can take; `fingerprint` is the BLAKE3 of its content, 32 bytes."""

    path_raw: bytes
    size: int
    modified_ns: int
    fingerprint: bytes
    description: Description


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that the library does not take; `state` is failed, or skipped when nothing is wrong with it."""

    path_raw: bytes
    state: StageState
    reason: str


Outcome = Inspected | Rejected


class Refused(Exception):
    """Why a file is not taken: a sentence that says what is wrong and what to do."""

    state = StageState.FAILED


class NotOurs(Refused):
    """Nothing is wrong with the file, but it is none that Spillway works on."""

    state = StageState.SKIPPED
