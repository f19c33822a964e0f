"""Events as listeners are told them: which of them a listener wants, and what goes over the wire."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.search.identity.roles import Scope
from services.search.live.places import Place
from shared.contracts import EVENTS, FileEvent

PROGRESS = "job.progress"
"""What the gateway tells by itself about a job that somebody listens to."""
END = "stream.end"
"""What a listener is told last, with the reason."""
SUBJECTS = (*(event.subject for event in EVENTS), PROGRESS)
SEEN_WITH: Mapping[str, Scope] = {"rebuild": Scope.MANAGE}
"""The scope without which nobody is told of events whose subjects begin so; READ for all others."""
PING = b": ping\n\n"
"""A comment, which shows that the connection lives."""


@dataclass(frozen=True, slots=True)
class Fact:
    """An event of the stream: its place, what it is about, and how it is told.

    `job` is the job that it names, or the run for which a file was worked on again.
    """

    place: Place
    subject: str
    file: str | None
    job: str | None
    wire: bytes


@dataclass(frozen=True)
class Wanted:
    """What a listener asks for, and may see; what is not given does not matter."""

    file_id: UUID | None = None
    job_id: UUID | None = None
    subjects: frozenset[str] = frozenset()
    scopes: frozenset[Scope] = frozenset(Scope)

    def filters(self) -> list[str]:
        """The subjects of NATS under which it can be; empty for all, and if nothing in the stream can be meant."""
        named = [event for event in EVENTS if not self.subjects or event.subject in self.subjects]
        if self.file_id is None:
            return [event.filter() for event in named] if self.subjects else []
        about = [event for event in named if issubclass(event, FileEvent)]
        return [f"{event.filter().removesuffix('*')}{self.file_id}" for event in about]

    @property
    def is_of_the_stream(self) -> bool:
        """Whether anything in the stream can be meant."""
        return bool(self.filters()) or not (self.file_id or self.subjects)

    @property
    def progress(self) -> bool:
        """Whether the progress of the job is wanted too."""
        return self.job_id is not None and (not self.subjects or PROGRESS in self.subjects)

    def admits(self, fact: Fact, jobs_of_file: Mapping[str, Collection[str]]) -> bool:
        """Whether the fact is wanted; `jobs_of_file` has the jobs of files about which facts name none."""
        if scope_of(fact.subject) not in self.scopes or (self.subjects and fact.subject not in self.subjects):
            return False
        if self.file_id and fact.file != str(self.file_id):
            return False
        if self.job_id is None:
            return True
        return str(self.job_id) in ([fact.job] if fact.job else jobs_of_file.get(fact.file or "", ()))


def scope_of(subject: str) -> Scope:
    """What is needed to be told of an event."""
    return SEEN_WITH.get(subject.partition(".")[0], Scope.READ)


def fact_of(place: Place, subject: str, headers: Mapping[str, str], data: dict[str, Any]) -> Fact:
    """A fact, of what is published."""
    told = {
        "type": headers.get("ce-type"),
        "id": headers.get("ce-id"),
        "sequence": place.sequence,
        "time": headers.get("ce-time"),
        "file_id": data.get("file_id"),
        "job_id": data.get("job_id"),
        "data": data,
    }
    job = data.get("job_id") or data.get("run_id")
    return Fact(place, subject, data.get("file_id"), job, frame(subject, told, str(place)))


def frame(event: str, data: Mapping[str, Any], place: str | None = None) -> bytes:
    """One event on the wire; without a place, so that the listener goes on from where it was."""
    named = f"id: {place}\n" if place else ""
    return f"{named}event: {event}\ndata: {json.dumps(data)}\n\n".encode()


def ending(reason: str) -> bytes:
    """The last frame; the client comes back with the id that it has seen last."""
    return frame(END, {"reason": reason})
