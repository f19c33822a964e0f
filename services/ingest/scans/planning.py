"""What to write for items of a report, given what the library has now: it may have changed since the report was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.ingest.library import Entry, Existing, added, updated
from services.ingest.outcome import Inspected
from services.ingest.reasons import COPY, OVERTAKEN
from services.ingest.scans.roots import moved_root, root_of
from shared.changes import Change
from shared.contracts import StageState
from shared.paths import shown


@dataclass(frozen=True)
class Step:
    """An item to be applied; `finding` is what lies at its path, None for what is missing or was not read."""

    path_raw: bytes
    change: Change
    file_id: UUID | None = None
    finding: Inspected | None = None

    @property
    def place(self) -> bytes:
        """The path itself: an item of a file whose place another has taken has a zero byte after it."""
        return self.path_raw.rstrip(b"\0")


@dataclass(frozen=True)
class Known:
    """What the library has: files at the steps' places, files that the steps are about, and files of the same contents."""

    places: Mapping[bytes, Existing]
    files: Mapping[UUID, Existing]
    contents: Mapping[bytes, Existing]


@dataclass(frozen=True)
class Grounds:
    """The known roots, and the one of files that lie in none of them."""

    roots: frozenset[str]
    fallback: str

    def root_of(self, path: str) -> str:
        """The root of a file at a path, as shown."""
        return root_of(path, self.roots, self.fallback)


@dataclass(frozen=True)
class Move:
    """A file that lies elsewhere now, or is there again."""

    file: Existing
    path_raw: bytes
    root: str
    size: int
    modified_ns: int
    change: Change


@dataclass(frozen=True)
class Settled:
    """What became of an item."""

    path_raw: bytes
    state: StageState = StageState.DONE
    reason: str | None = None
    file_id: UUID | None = None


@dataclass
class Plan:
    """What is to be written: files, files that lost their place to others, and the items' results."""

    added: list[Entry] = field(default_factory=list)
    updated: list[Entry] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    missing: list[Existing] = field(default_factory=list)
    displaced: list[Existing] = field(default_factory=list)
    tried_again: list[UUID] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)

    def settle(self, step: Step, file_id: UUID | None, state: StageState = StageState.DONE, reason: str | None = None) -> None:
        """Note what became of a step."""
        self.settled.append(Settled(step.path_raw, state, reason, file_id))

    def refuse(self, step: Step) -> None:
        """Leave a step that the library has overtaken."""
        self.settle(step, step.file_id, StageState.FAILED, OVERTAKEN)

    def take_place(self, step: Step, known: Known, file_id: UUID | None = None) -> None:
        """Let the file that is noted at the step's place give it up to another."""
        holder = known.places.get(step.place)
        if holder and holder.id != file_id:
            self.displaced.append(holder)


def plan(steps: Sequence[Step], known: Known, grounds: Grounds) -> Plan:
    """What to write for these steps, none of which depends on another."""
    made = Plan()
    for step in steps:
        subject = known.files.get(step.file_id) if step.file_id else None
        match step.change:
            case Change.MISSING:
                _lose(step, subject, made)
            case Change.MOVED | Change.RENAMED | Change.RETURNED:
                _move(step, subject, known, grounds, made)
            case Change.CHANGED:
                _change(step, subject, made)
            case Change.UNCHANGED:
                _touch(step, subject, made)
            case _:
                _add(step, known, grounds, made)
    return made


def _lose(step: Step, subject: Existing | None, made: Plan) -> None:
    if subject is None or subject.path_raw != step.place:
        made.refuse(step)
        return
    made.missing.append(subject)
    made.settle(step, subject.id)


def _move(step: Step, subject: Existing | None, known: Known, grounds: Grounds, made: Plan) -> None:
    finding, holder = step.finding, known.places.get(step.place)
    if subject is None or finding is None or subject.fingerprint != finding.fingerprint:
        made.refuse(step)
        return
    if holder and holder.id != subject.id and holder.fingerprint == subject.fingerprint:
        made.refuse(step)
        return
    made.take_place(step, known, subject.id)
    root = moved_root(subject.root, subject.path, shown(step.place), grounds.roots, grounds.fallback)
    made.moves.append(Move(subject, step.place, root, finding.size, finding.modified_ns, step.change))
    made.tried_again.append(subject.id)
    made.settle(step, subject.id)


def _change(step: Step, subject: Existing | None, made: Plan) -> None:
    if subject is None or step.finding is None or subject.path_raw != step.place:
        made.refuse(step)
        return
    made.updated.append(updated(step.finding, subject))
    made.settle(step, subject.id)


def _touch(step: Step, subject: Existing | None, made: Plan) -> None:
    if subject is None or subject.path_raw != step.place:
        made.refuse(step)
        return
    if step.finding and step.finding.fingerprint == subject.fingerprint:
        made.updated.append(updated(step.finding, subject))
    made.tried_again.append(subject.id)
    made.settle(step, subject.id)


def _add(step: Step, known: Known, grounds: Grounds, made: Plan) -> None:
    if step.finding is None:
        made.refuse(step)
        return
    holder, copied = known.places.get(step.place), known.contents.get(step.finding.fingerprint)
    if holder and holder.fingerprint == step.finding.fingerprint:
        made.settle(step, holder.id)  # another job was faster
    elif copied and step.change is not Change.DUPLICATE:
        made.settle(step, copied.id, StageState.SKIPPED, COPY % copied.path)
    else:
        made.take_place(step, known)
        made.added.append(added(step.finding, grounds.root_of(shown(step.place))))
        made.settle(step, made.added[-1].id)
