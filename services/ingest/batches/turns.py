"""Whether a file of a batch is handed out to the stage now, by how far the file is."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts import Kind, StageState

GONE = "The file is no longer in the library."
UNDER_WAY = "The file is being worked on already."
DONE_MEANWHILE = "The file was done meanwhile."
ON_ITS_WAY = "The file is on its first way through; this comes by itself. Ask again when it is done."


@dataclass(frozen=True)
class Item:
    """A file of a batch that has no result yet; without an id it was removed from the library."""

    path_raw: bytes
    file_id: UUID | None
    kind: Kind


@dataclass(frozen=True)
class Standing:
    """How far a file is in the stage.

    `current` says whether that is about the file's present revision, `run_id` for which run it waits, and `first_way` whether
    the file has yet to come there by itself.
    """

    file_id: UUID
    revision: int
    current: bool
    state: StageState
    run_id: UUID | None
    first_way: bool


@dataclass(frozen=True)
class Ask:
    """Hand the file out."""

    item: Item
    revision: int


@dataclass(frozen=True)
class Settle:
    """Note a result for the item and leave the file alone."""

    item: Item
    state: StageState
    reason: str


def decide(item: Item, standing: Standing | None, job_id: UUID, *, force: bool) -> Ask | Settle | None:
    """What becomes of an item in its turn; None if it was handed out before."""
    if standing is None:
        return Settle(item, StageState.FAILED, GONE)
    if standing.state is StageState.PENDING and standing.run_id == job_id:
        return None
    if reason := _why_not(standing, force=force):
        return Settle(item, StageState.SKIPPED, reason)
    return Ask(item, standing.revision)


def _why_not(standing: Standing, *, force: bool) -> str | None:
    if standing.first_way:
        return ON_ITS_WAY
    if force or not standing.current:
        return None
    return {StageState.PENDING: UNDER_WAY, StageState.DONE: DONE_MEANWHILE}.get(standing.state)
