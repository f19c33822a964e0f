"""How fast a batch goes and how long it will take: numbers in, numbers and a sentence out.

A photo is not a film: what is left is counted by kind, in minutes of video and sound where their lengths are known, in photos
otherwise, each at the rate at which its kind went lately. Kinds share the workers, so the slowest is what to wait for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts import Kind, Stage

WINDOW = timedelta(seconds=60)
"""What `lately` means: long enough to be steady, short enough to notice what changes."""

NOUNS = {Kind.VIDEO: ("video", "videos"), Kind.IMAGE: ("photo", "photos"), Kind.AUDIO: ("recording", "recordings")}
MATTER = {Kind.VIDEO: "video", Kind.IMAGE: "photos", Kind.AUDIO: "sound"}
BY_LENGTH = frozenset({Stage.PROXY, Stage.TRANSCRIBE})
"""Stages that take the longer the longer a file lasts; the others read what was written down, whose length nobody knows."""

TIMES = "\N{MULTIPLICATION SIGN}"

NOT_LISTED = "The files are still being listed."
NOTHING_LEFT = "Nothing is left."
FIRST = "The first files are under way; how fast they go will be known soon."
WAITS = "Nothing is under way: other work comes first, or no worker runs."


@dataclass(frozen=True)
class Counts:
    """Files of one kind in a batch.

    `bytes` and `seconds` are of all, `..._left` of those without a result; `unmeasured` of those have no known length.
    `last_before` is when the last of them was settled before the window.
    """

    kind: Kind
    pending: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    bytes: int = 0
    bytes_left: int = 0
    seconds_left: float = 0.0
    unmeasured: int = 0
    last_before: datetime | None = None


@dataclass(frozen=True)
class Measured:
    """What was worked off since some time: files, bytes, and seconds of media."""

    files: float = 0.0
    bytes: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Work:
    """A file that is being worked on, and how far: seconds of media, of which some an earlier worker had done."""

    kind: Kind
    done: float
    started_at: datetime
    heard_at: datetime
    begun_with: float = 0.0

    @property
    def own(self) -> float:
        """The seconds of media that were done since the work began."""
        return max(0.0, self.done - self.begun_with)

    @property
    def speed(self) -> float | None:
        """Seconds of media a second, None until they can be told."""
        elapsed = (self.heard_at - self.started_at).total_seconds()
        return self.own / elapsed if elapsed > 0 and self.own > 0 else None

    def since(self, time: datetime) -> float:
        """The seconds of media that were done after the time."""
        elapsed = (self.heard_at - self.started_at).total_seconds()
        within = (self.heard_at - max(time, self.started_at)).total_seconds()
        return self.own * max(0.0, min(1.0, within / elapsed)) if elapsed > 0 else self.own


@dataclass(frozen=True)
class Estimate:
    """Seconds that are left, None if nobody can tell; and what that rests on, or why not."""

    seconds: float | None
    basis: str


def recently(kinds: Sequence[Counts], started: datetime, now: datetime) -> datetime:
    """From when on to measure: at least the window, and since the last result before it of each kind that has files left.

    Work on what was settled within the window began there, however long it took; never before the job.
    """
    times = [counts.last_before or started for counts in kinds if counts.pending]
    return max(started, min([now - WINDOW, *times]))


def measured_in(settled: Mapping[Kind, Measured], work: Sequence[Work], since: datetime) -> dict[Kind, Measured]:
    """What was worked off: files with a result, and of those under way the seconds of media that are done."""
    found = {kind: settled.get(kind, Measured()) for kind in Kind}
    for piece in work:
        sofar = found[piece.kind]
        found[piece.kind] = Measured(sofar.files, sofar.bytes, sofar.seconds + piece.since(since))
    return found


def unmoved(stage: Stage, kinds: Sequence[Counts], measured: Mapping[Kind, Measured]) -> list[Kind]:
    """Kinds that have files left, of which nothing was worked off."""
    return [counts.kind for counts in kinds if counts.pending and not _pace(stage, counts, measured[counts.kind])]


def estimate(
    stage: Stage, kinds: Sequence[Counts], measured: Mapping[Kind, Measured], work: Sequence[Work], span: timedelta
) -> Estimate:
    """How long a batch will take, by what was worked off within the last `span`."""
    left = [counts for counts in kinds if counts.pending]
    if not left:
        return Estimate(0.0, NOTHING_LEFT)
    still = unmoved(stage, kinds, measured)
    if len(still) == len(left):
        return Estimate(None, FIRST if work else WAITS)
    if still:
        [counts] = [counts for counts in left if counts.kind == still[0]]
        noun = NOUNS[counts.kind][0]
        return Estimate(None, f"No {noun} has been finished yet, so nobody can tell how long {_files(counts)} will take.")
    seconds = max(1.0, span.total_seconds())
    times, parts = [], []
    for counts in left:
        amount = _amount(stage, counts, work)
        rate = _pace(stage, counts, measured[counts.kind]) / seconds
        times.append(amount / rate)
        parts.append(f"{_told(stage, counts, amount)} left at {_speed(stage, counts, rate)}")
    return Estimate(round(max(times), 1), f"{_joined(parts)}, measured over the last {length(seconds)}.")


def length(seconds: float) -> str:
    """A time span as people say it."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def _unit(stage: Stage, counts: Counts) -> str:
    if stage not in BY_LENGTH or counts.kind is Kind.IMAGE:
        return "files"
    return "bytes" if counts.unmeasured else "seconds"


def _pace(stage: Stage, counts: Counts, measured: Measured) -> float:
    pace: float = getattr(measured, _unit(stage, counts))
    return pace


def _amount(stage: Stage, counts: Counts, work: Sequence[Work]) -> float:
    """What is left, in the kind's unit; of files under way only what is not done yet."""
    match _unit(stage, counts):
        case "files":
            return float(counts.pending)
        case "bytes":
            return float(counts.bytes_left)
        case _:
            under_way = sum(piece.done for piece in work if piece.kind is counts.kind)
            return max(0.0, counts.seconds_left - under_way)


def _told(stage: Stage, counts: Counts, amount: float) -> str:
    match _unit(stage, counts):
        case "files":
            return _files(counts)
        case "bytes":
            return f"{_size(amount)} of {MATTER[counts.kind]}"
        case _:
            return f"{length(amount)} of {MATTER[counts.kind]}"


def _speed(stage: Stage, counts: Counts, rate: float) -> str:
    match _unit(stage, counts):
        case "files":
            return f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.1f} a minute"
        case "bytes":
            return f"{_size(rate)} a second"
        case _:
            return f"{rate:.{1 if rate >= 0.1 else 2}f}{TIMES} real time"


def _files(counts: Counts) -> str:
    return f"{counts.pending} {NOUNS[counts.kind][counts.pending != 1]}"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
