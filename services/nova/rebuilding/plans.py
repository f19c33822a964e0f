"""What is decided when the tables of search are made anew: where a file's rows come from, and whose vectors are made."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.contracts import StageState
from shared.errors import Permanent

QUICK, PATIENT = "100ms", "1500ms"
"""So long searches wait at most behind a rebuild that waits; autovacuum gives way to who waits for a second."""
QUICK_TRIES = 20
PAUSE, LONGEST_PAUSE = 0.2, 5.0

MADE = frozenset({StageState.DONE, StageState.FAILED})


class Phase(StrEnum):
    """How far a rebuild is."""

    WAITING = "waiting"
    FILLING = "filling"
    COMPARING = "comparing"
    EMBEDDING = "embedding"
    INDEXING = "indexing"
    SWAPPING = "swapping"


class Source(StrEnum):
    """What a file's rows are made of: its record, or the rows that there are, where its record is just being made."""

    RECORD = "record"
    ROWS = "rows"


@dataclass(frozen=True)
class Subject:
    """A file, and how far its embed stage is; `prior` is what the stage was before it was asked for again."""

    revision: int
    kind: str
    state: str | None
    prior: str | None


class CalledOff(Exception):
    """The rebuild was cancelled."""


class CostsMoney(Permanent):
    """Vectors have to be paid for, and nobody has agreed to it."""

    def __init__(self, usd: Decimal, moments: int) -> None:
        super().__init__(
            f"{moments} moments have no vectors any more, neither in the tables nor in the ledger; to have them made again "
            f"costs about ${usd:.4f}. Look with --dry-run, and agree with --yes (`pay` in the API)."
        )


class NoRoom(Permanent):
    """The disk is full."""

    def __init__(self, reason: object) -> None:
        super().__init__(
            f"The disk of Postgres is full ({reason}). Searches answer from the old tables; a rebuild needs as much room again "
            "as these take. Make room, then begin it again."
        )


class InTheWay(Permanent):
    """Something else has a name that the tables need."""

    def __init__(self, reason: object) -> None:
        super().__init__(
            f"The new tables cannot take their place: {reason}. Rename or drop that, then begin the rebuild again."
        )


def source_of(subject: Subject) -> Source:
    """Where the rows of a file come from: one that is on its way to the stage for the first time has none of its own yet."""
    return Source.RECORD if subject.state in MADE or subject.prior in MADE else Source.ROWS


def is_wanted(subject: Subject, *, serves: bool, is_free: bool) -> bool:
    """Whether an embedder's vectors are made where none are known: of the one that serves; paid ones of whole files alone.

    One that is to follow gets its vectors as before, by the job that somebody asks for.
    """
    return serves and (is_free or StageState.DONE in (subject.state, subject.prior))


def patience(tries: int) -> str:
    """How long the tables are waited for at a try, while searches wait behind: rarely so long that autovacuum gives way."""
    return PATIENT if tries % QUICK_TRIES == 0 else QUICK


def pause(tries: int) -> float:
    """Seconds until tables that somebody uses are asked for again; meanwhile those who waited behind go first."""
    return min(PAUSE * tries, LONGEST_PAUSE)
