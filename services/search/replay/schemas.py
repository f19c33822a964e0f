"""What the API takes and answers about the log, replays and dead letters."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue, model_validator

from services.search.nova.schemas import CostEstimate
from services.search.replay.choice import Choice
from services.search.replay.letters import State
from services.search.replay.verdicts import Act, Why
from services.search.schemas import Schema
from shared.contracts import Stage, StageState

MOST_LETTERS = 1000
"""Dead letters of one request."""

LetterId = Annotated[int, Field(ge=1, lt=1 << 63)]


class LoggedEvent(Schema):
    """An event as the log has it."""

    id: UUID
    sequence: int | None = Field(description="Its place in the stream; null until it is published.")
    subject: str
    address: str
    key: UUID = Field(description="The file or job that it is about.")
    path: str | None = Field(description="Of the file that it is about.")
    revision: int | None
    run_id: UUID | None
    created_at: datetime
    published_at: datetime | None
    headers: dict[str, str]
    body: dict[str, Any]


class Log(Schema):
    """Events of the log."""

    events: list[LoggedEvent]
    next_cursor: str | None


class Taker(Schema):
    """A consumer of an event, and what has become of it there."""

    consumer: str
    service: str
    stage: Stage | None
    applied_at: datetime | None
    dead_letter: int | None
    sentence: str


class StageNow(Schema):
    """How far a file is in a stage."""

    stage: Stage
    state: StageState
    reason: str | None
    run_id: UUID | None
    settled_at: datetime | None


class FileNow(Schema):
    """The file that an event is about, as it is now."""

    id: UUID
    path: str
    revision: int
    stages: list[StageNow]


class EventDetail(LoggedEvent):
    """An event, and where it stands."""

    consumers: list[Taker] = Field(description="None for an event that ends a chain.")
    file: FileNow | None
    dead_letters: list[int]


class ReplayAsk(Choice):
    """Which events are to be sent again, and to whom; unless `apply` is set, what that would do is told and nothing is done."""

    consumer: str = Field(max_length=100, description="As nova-analyse, or the stage: analyse.")
    apply: bool = False
    limit: int = Field(100, ge=0, le=1000, description="So many of the events are told one by one.")

    def choice(self) -> Choice:
        """The events that are meant."""
        return Choice(**{name: getattr(self, name) for name in Choice.model_fields})


class EventVerdict(Schema):
    """What sending an event again does."""

    id: UUID
    sequence: int | None
    subject: str
    key: UUID
    path: str | None
    created_at: datetime
    act: Act
    why: Why
    sentence: str


class Replay(Schema):
    """What a replay does, or did."""

    consumer: str
    stage: Stage | None = Field(description="What runs again; null for a consumer of jobs, which gets the event itself again.")
    applied: bool
    job_id: UUID | None = Field(description="The batch that it is, once it is applied; null if no stage runs again.")
    chosen: int
    acts: dict[Act, int]
    reasons: dict[Why, int]
    events: list[EventVerdict] = Field(description="Those with which something is done come first.")
    untold: int
    model: str | None
    cost: CostEstimate | None = Field(description="Of analyses: what they may cost.")
    refused: str | None = Field(description="Why applying it would be refused.")


class Letter(Schema):
    """A message that was given up."""

    id: int
    consumer: str
    event_id: UUID
    address: str
    subject: str | None
    file_id: UUID | None
    path: str | None
    error: str
    error_type: str
    deliveries: int
    state: State = Field(description="`sent` is sent again, and neither applied nor given up since.")
    edited: bool
    buried_at: datetime
    resent_at: datetime | None
    resent_by: str | None


class LetterCount(Schema):
    """Dead letters of one consumer with one kind of error."""

    consumer: str
    error_type: str
    letters: int
    dead: int = Field(description="Of these, those that wait for somebody to do something about them.")
    latest: datetime


class Letters(Schema):
    """Dead letters, the latest first."""

    letters: list[Letter]
    counts: list[LetterCount] = Field(description="Of all that meet the conditions.")
    next_cursor: str | None


class LetterVerdict(Schema):
    """What sending a letter again does."""

    id: int
    consumer: str
    path: str | None
    act: Act
    why: Why
    sentence: str
    event_id: UUID | None = Field(description="The event as which it was sent again.")


class LetterDetail(Letter):
    """A dead letter in full."""

    headers: dict[str, str]
    body: JsonValue = Field(description="As it came; null if that is no JSON.")
    text: str = Field(description="The same as text, with replacement characters for what is no UTF-8.")
    edited_body: JsonValue = Field(description="What is sent in its place.")
    edited_at: datetime | None
    edited_by: str | None
    resent_as: UUID | None
    history: list[dict[str, Any]] = Field(description="Each time it was given up or sent again, the first first.")
    resend: LetterVerdict = Field(description="What sending it again would do now.")


class LetterEdit(Schema):
    """What is to be sent in place of a letter's body."""

    body: dict[str, JsonValue] | None = Field(description="The whole event; null for the body as it came.")
    dry_run: bool = Field(False, description="Whether it is only tried, and the answer is what the letter would be.")


class ResendAsk(Schema):
    """Whether to send a letter again, or only to tell what that would do."""

    dry_run: bool = False


class ResendManyAsk(ResendAsk):
    """Which letters: those named, or all dead ones of a consumer, since a time, of a subject."""

    ids: Annotated[tuple[LetterId, ...], Field(min_length=1, max_length=MOST_LETTERS)] | None = None
    consumer: Annotated[str, Field(max_length=100)] | None = None
    subject: Annotated[str, Field(max_length=100)] | None = None
    since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        others = (self.consumer, self.subject, self.since)
        if (self.ids is None) == all(other is None for other in others):
            raise ValueError("say which letters are meant: either ids, or consumer, subject or since")
        return self


class Resent(Schema):
    """What became of letters, or would become of them."""

    applied: bool
    acts: dict[Act, int]
    reasons: dict[Why, int]
    letters: list[LetterVerdict]
    costs: list[CostEstimate] = Field(description="Of analyses: what they may cost, once for each set of options.")
    refused: str | None = Field(description="Why it would be refused.")


Order = Literal["newest", "oldest"]
