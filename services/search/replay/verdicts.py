"""What sending an event again to one consumer would do: by what has become of its file or job since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.search.replay.consumers import takers, takes
from shared.contracts import StageState
from shared.topology import Consumer


class Act(StrEnum):
    """What is done: a stage runs again under a new run, an event of a job is published again, or nothing."""

    RERUN = "rerun"
    SEND = "send"
    NOTHING = "nothing"


class Why(StrEnum):
    """Why something is done or nothing."""

    RUN_AGAIN = "run_again"
    SENT_AGAIN = "sent_again"
    FOREIGN = "not_for_this_consumer"
    GONE = "gone"
    SUPERSEDED = "superseded"
    ON_ITS_WAY = "on_its_way"
    WAITS = "waits_already"
    DONE = "done_since"
    TWICE = "once_is_enough"
    APPLIED = "applied"
    ENDED = "job_ended"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Standing:
    """An event, and how its file or job stands now.

    `present` is the file's revision; `state`, `stage_run` and `settled_at` are those of the consumer's stage, `first_way`
    says whether the file has yet to come there by itself; `applied_at` is when the consumer's service applied the event.
    """

    id: UUID
    position: int
    sequence: int | None
    subject: str
    address: str
    key: UUID
    created_at: datetime
    path: str | None = None
    revision: int | None = None
    run_id: UUID | None = None
    present: int | None = None
    state: str | None = None
    stage_run: UUID | None = None
    settled_at: datetime | None = None
    first_way: bool = False
    job_state: str | None = None
    applied_at: datetime | None = None
    options: Mapping[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True)
class Verdict:
    """What would be done with an event, why, and that as a sentence."""

    act: Act
    why: Why
    sentence: str


def decide(consumer: Consumer, event: Standing, *, redo: bool = True, stuck: bool = False) -> Verdict:
    """What sending the event to the consumer does.

    Unless `redo`, what was done since stays as it is; an event that is `stuck` is one that nobody could read, so that what
    waits for it waits in vain.
    """
    if not takes(consumer, event.address):
        others = " and ".join(other.durable for other in takers(event.address))
        return _nothing(Why.FOREIGN, f"Not for {consumer.durable}: {others or 'nobody'} takes {event.subject}.")
    if consumer.stage is None:
        return _of_job(event, stuck=stuck)
    return _of_file(consumer, event, redo=redo, stuck=stuck)


def decide_all(consumer: Consumer, events: Sequence[Standing]) -> list[Verdict]:
    """The same for events in the order in which they were told; of several that rerun the same file only the last does."""
    verdicts = [decide(consumer, event) for event in events]
    last = {event.key: place for place, event in enumerate(events) if verdicts[place].act is Act.RERUN}
    return [
        _nothing(Why.TWICE, "Once is enough: a later one of these events has the file run again.")
        if verdict.act is Act.RERUN and last[event.key] != place
        else verdict
        for place, (event, verdict) in enumerate(zip(events, verdicts, strict=True))
    ]


def _of_file(consumer: Consumer, event: Standing, *, redo: bool, stuck: bool) -> Verdict:
    if event.present is None or event.state is None or event.revision is None:
        return _nothing(Why.GONE, "The file is no longer in the library.")
    if event.revision != event.present:
        return _nothing(Why.SUPERSEDED, f"Superseded: the file is at revision {event.present}, this is of {event.revision}.")
    if event.first_way:
        return _nothing(Why.ON_ITS_WAY, "The file is on its first way through; this comes by itself.")
    if event.state == StageState.PENDING and not (stuck and event.stage_run == event.run_id):
        return _nothing(Why.WAITS, f"{_name(event)} waits for {consumer.stage} already.")
    if event.state in {StageState.DONE, StageState.SKIPPED} and not redo:
        return _nothing(Why.DONE, f"{_name(event)} has been {event.state} since ({_time(event.settled_at)}).")
    last = f"last {event.state} {_time(event.settled_at)}" if event.settled_at else "never run to an end"
    return Verdict(Act.RERUN, Why.RUN_AGAIN, f"Runs {consumer.stage} of {_name(event)} again ({last}).")


def _of_job(event: Standing, *, stuck: bool) -> Verdict:
    if event.applied_at is not None:
        return _nothing(Why.APPLIED, f"Applied at {_time(event.applied_at)}; ask for a new job to have it done again.")
    if event.job_state is None:
        return _nothing(Why.GONE, "The job is no longer there.")
    if event.job_state in {"done", "cancelled", "reported"}:
        return _nothing(Why.ENDED, f"The job needs it no more: it is {event.job_state}. Ask for a new one.")
    if event.job_state != "failed" and not stuck:
        return _nothing(Why.WAITS, f"The job is {event.job_state}: the event waits, or is being worked on.")
    return Verdict(Act.SEND, Why.SENT_AGAIN, f"Sends {event.subject} again: the job goes on with what it has left.")


def _nothing(why: Why, sentence: str) -> Verdict:
    return Verdict(Act.NOTHING, why, sentence)


def _name(event: Standing) -> str:
    return (event.path or str(event.key)).replace("\\", "/").rpartition("/")[2]


def _time(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "at an unknown time"
