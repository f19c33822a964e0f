"""Edits of a transcript as decisions: the segments as they were, the segments as they become, or why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from shared.errors import Conflict, Invalid
from shared.spoken import Segment, Word, glued, realigned, row_of, tokens, word_of, words_of
from shared.subtitles import clock

MEASURES = ("avg_logprob", "no_speech", "compression_ratio", "temperature")
"""What a model says of its own hearing."""
UNMEASURED: Mapping[str, Any] = dict.fromkeys(MEASURES)
"""Of a text that a person wrote a model says nothing."""


@dataclass(frozen=True, kw_only=True)
class Line(Segment):
    """A segment of a transcript with all that is known of it."""

    id: UUID
    locked: bool = False
    doubts: tuple[Mapping[str, str], ...] = ()
    avg_logprob: float | None = None
    no_speech: float | None = None
    compression_ratio: float | None = None
    temperature: float | None = None


@dataclass(frozen=True)
class Place:
    """What a segment stands between, and the seconds that its recording lasts."""

    before: Line | None
    after: Line | None
    duration: float


@dataclass(frozen=True)
class Change:
    """An edit: segments that go, and segments that come in their place, by what action."""

    action: str
    before: tuple[Line, ...]
    after: tuple[Line, ...]

    @property
    def segment_id(self) -> UUID:
        """The segment that it is about."""
        return (self.after or self.before)[0].id

    @property
    def removed(self) -> list[UUID]:
        """Segments that are no more."""
        kept = {line.id for line in self.after}
        return [line.id for line in self.before if line.id not in kept]


def revised(line: Line, wanted: Mapping[str, Any], place: Place) -> Change | None:
    """The segment with some of text, speaker, start, end and locked changed; None if it is so already. Raises Invalid.

    What a person changed is locked, and no longer doubtful if they wrote or confirmed the text.
    """
    given = {name: _tidy(value) for name, value in wanted.items()}
    changed = {name: value for name, value in given.items() if value != getattr(line, name)}
    if not changed:
        return None
    new = replace(line, **{"locked": True, **given})
    if "start" in changed or "end" in changed:
        require_fitting(new, place)
    if changed.keys() & {"text", "start", "end"} and line.words:
        new = replace(new, words=realigned(line.words, new.text, new.start, new.end))
    if "text" in changed:
        new = replace(new, **UNMEASURED, doubts=())
    elif changed.get("locked"):
        new = replace(new, doubts=())
    action = "change" if changed.keys() != {"locked"} else "lock" if new.locked else "unlock"
    return Change(action, (line,), (new,))


def inserted(new: Line, place: Place) -> Change:
    """A segment that was missing; raises Invalid."""
    line = replace(new, text=_tidy(new.text), start=_tidy(new.start), end=_tidy(new.end), locked=True)
    require_fitting(line, place)
    return Change("insert", (), (line,))


def deleted(line: Line) -> Change:
    """The transcript without a segment."""
    return Change("delete", (line,), ())


def split(line: Line, *, word: int | None, time: float | None, new_id: UUID) -> Change:
    """A segment in two: before word number `word`, or at a time. Raises Invalid."""
    parts = tokens(line.text)
    words = realigned(line.words, line.text, line.start, line.end)
    if (word is None) == (time is None):
        raise Invalid("Say where to split the segment: before a word, or at a time.")
    if time is not None and not line.start < time < line.end:
        raise Invalid(f"The segment lasts from {line.start:g} to {line.end:g} seconds; split it between them.")
    count = word if word is not None else sum((said.start + said.end) / 2 < (time or 0.0) for said in words)
    if not 0 < count < len(parts):
        raise Invalid(f"The segment has {len(parts)} words; split it where both parts have one.")
    end, start = (time, time) if time is not None else (words[count - 1].end, words[count].start)
    end, start = max(end, line.start), min(start, line.end)
    if not (line.start < end <= start < line.end):
        raise Invalid("The segment is too short to be split there.")
    first = _part(line, parts[:count], words[:count], line.start, end)
    return Change("split", (line,), (first, replace(_part(line, parts[count:], words[count:], start, line.end), id=new_id)))


def merged(first: Line, second: Line) -> Change:
    """A segment with the one after it; raises Invalid if two people speak."""
    if first.speaker and second.speaker and first.speaker != second.speaker:
        raise Invalid(f"{first.speaker} says the first segment and {second.speaker} the second; give both one speaker first.")
    line = replace(
        first,
        end=max(first.end, second.end),
        text=glued(first.text, second.text),
        speaker=first.speaker or second.speaker,
        words=(*words_of(first), *words_of(second)) if first.words or second.words else (),
        doubts=(*first.doubts, *(doubt for doubt in second.doubts if doubt not in first.doubts)),
        locked=True,
        **UNMEASURED,
    )
    return Change("merge", (first, second), (line,))


def undone(before: Sequence[Line], after: Sequence[Line], present: Sequence[Line], place: Place) -> Change:
    """An edit taken back; raises Conflict unless what it left is `present` as it left it, Invalid where it no longer fits."""
    if list(after) != list(present):
        raise Conflict("What this edit changed has been changed again since; take the later edit back first.")
    for line in before:
        require_fitting(line, place)
    return Change("undo", tuple(after), tuple(before))


def require_fitting(line: Line, place: Place) -> None:
    """Raise Invalid unless the segment has a length, lies within the recording, and begins between its neighbours."""
    if line.start >= line.end:
        raise Invalid("A segment must end after it starts.")
    if line.end > place.duration + 0.001:
        raise Invalid(f"The recording ends at {_clock(place.duration)}; the segment must end by then.")
    if place.before is not None and line.start < place.before.start:
        raise Invalid(f"The segment before it starts at {_clock(place.before.start)}; this one must not start earlier.")
    if place.after is not None and line.start > place.after.start:
        raise Invalid(f"The segment after it starts at {_clock(place.after.start)}; this one must not start later.")


def state_of(line: Line) -> dict[str, Any]:
    """A segment as the history keeps it."""
    return {
        "id": str(line.id),
        "start": line.start,
        "end": line.end,
        "text": line.text,
        "speaker": line.speaker,
        "locked": line.locked,
        "doubts": [dict(doubt) for doubt in line.doubts],
        "words": [row_of(word) for word in line.words],
        **{name: getattr(line, name) for name in MEASURES},
    }


def line_of(state: Mapping[str, Any]) -> Line:
    """A segment as the database or the history has it."""
    words = tuple(word_of(word) for word in state["words"])
    return Line(**{**state, "id": UUID(str(state["id"])), "doubts": tuple(state["doubts"]), "words": words})


def _part(line: Line, parts: Sequence[str], words: Sequence[Word], start: float, end: float) -> Line:
    text = "".join(parts).strip()
    kept = realigned(words, text, start, end) if line.words else ()
    return replace(line, text=text, start=round(start, 3), end=round(end, 3), words=kept, locked=True)


def _tidy(value: Any) -> Any:
    """Text on one line, times to the millisecond."""
    return " ".join(value.split()) if isinstance(value, str) else round(value, 3) if isinstance(value, float) else value


def _clock(seconds: float) -> str:
    return f"{clock(int(seconds))}.{int(seconds * 1000) % 1000:03d}"
