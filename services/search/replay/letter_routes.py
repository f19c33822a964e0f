"""Routes of dead letters: listed, shown, put right and sent again."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from services.search.audit.notes import Notes, Noting
from services.search.identity.asking import Asking
from services.search.replay import letters, mending, resending
from services.search.replay.choice import require_subjects
from services.search.replay.consumers import consumer_named
from services.search.replay.letters import Letter, State
from services.search.replay.pricing import costs_of
from services.search.replay.resending import Judged, judged
from services.search.replay.routes import read_position, told_time, write_position
from services.search.replay.schemas import (
    MOST_LETTERS,
    LetterDetail,
    LetterEdit,
    Letters,
    ResendAsk,
    ResendManyAsk,
    Resent,
)
from services.search.replay.verdicts import Act
from services.search.resources import Provided, Resources
from shared.contracts import event_class
from shared.database import Connection
from shared.errors import Conflict
from shared.paying.errors import BudgetExceeded

router = APIRouter(prefix="/api/dead-letters", tags=["dead letters"])

LetterId = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get("", response_model=Letters)
async def list_letters(
    resources: Provided,
    consumer: Annotated[str | None, Query(max_length=100, description="As nova-analyse, or the stage: analyse.")] = None,
    subject: Annotated[str | None, Query(max_length=100, description="A subject of the catalogue.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Given up at this time or later.")] = None,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> JSONResponse:
    """Messages that were given up, the latest first, and how many there are by consumer and kind of error."""
    wanted = wanted_of(consumer, subject, since, state)
    beyond = {"before": read_position(cursor)} if cursor else {}
    async with resources.platform.database.connection() as connection:
        found = await letters.page(connection, {**wanted, **beyond}, limit=limit + 1)
        counts = await letters.counts(connection, wanted)
    following = write_position(found[limit - 1].id) if len(found) > limit else None
    told = [{**one, "latest": told_time(one["latest"])} for one in counts]
    return JSONResponse({"letters": [summary(one) for one in found[:limit]], "counts": told, "next_cursor": following})


@router.get("/{letter_id}", response_model=LetterDetail)
async def get_letter(resources: Provided, letter_id: LetterId) -> JSONResponse:
    """One of them: what it says, what went wrong each time, and what sending it again would do."""
    async with resources.platform.database.connection() as connection:
        return JSONResponse(await detail(connection, letter_id))


@router.patch("/{letter_id}", response_model=LetterDetail)
async def edit_letter(resources: Provided, asking: Asking, letter_id: LetterId, edit: LetterEdit) -> JSONResponse:
    """Put a letter right: the body given is sent in place of the one that came, which is kept beside it."""
    database = resources.platform.database
    async with database.connection() as connection, connection.transaction(force_rollback=edit.dry_run):
        letter = await letters.find(connection, letter_id, hold=True)
        body = None if edit.body is None else mending.mended(letter, edit.body)
        await letters.edit(connection, letter_id, body, asking.name)
        return JSONResponse(await detail(connection, letter_id))


@router.post("/resend", response_model=Resent)
async def resend_letters(resources: Provided, asking: Asking, notes: Noting, ask: ResendManyAsk) -> JSONResponse:
    """Send letters again, at most a thousand at a time, the latest first; those for which nothing is to be done say why."""
    async with resources.platform.database.connection() as connection:
        if ask.ids is not None:
            found = [await letters.find(connection, letter_id) for letter_id in dict.fromkeys(ask.ids)]
        else:
            wanted = wanted_of(ask.consumer, ask.subject, ask.since, "dead")
            found = await letters.page(connection, wanted, limit=MOST_LETTERS)
        foreseen = [await judged(connection, letter) for letter in found]
    told = await carried_out(resources, foreseen, asking.name, dry_run=ask.dry_run)
    note(notes, told)
    return JSONResponse(told)


@router.post("/{letter_id}/resend", response_model=Resent)
async def resend_letter(
    resources: Provided, asking: Asking, notes: Noting, letter_id: LetterId, ask: ResendAsk
) -> JSONResponse:
    """Send a letter again; refused, saying why, if that would do nothing."""
    async with resources.platform.database.connection() as connection:
        foreseen = await judged(connection, await letters.find(connection, letter_id))
    if foreseen.verdict.act is Act.NOTHING and not ask.dry_run:
        raise Conflict(foreseen.verdict.sentence)
    told = await carried_out(resources, [foreseen], asking.name, dry_run=ask.dry_run)
    note(notes, told)
    return JSONResponse(told)


def note(notes: Notes, told: dict[str, Any]) -> None:
    """Note what became of letters, and at which price."""
    usd = sum(cost["usd_high"] for cost in told["costs"])
    notes.add(applied=told["applied"], acts=told["acts"], usd_high=usd)


async def carried_out(resources: Resources, foreseen: list[Judged], asked_by: str, *, dry_run: bool) -> dict[str, Any]:
    """Send the letters again, or tell what that would do; raises BudgetExceeded if it may cost more than is allowed."""
    refused = None
    async with resources.platform.database.connection() as connection:
        try:
            costs = await costs_of(connection, resources, foreseen, asked_by)
        except BudgetExceeded as refusal:
            if not dry_run:
                raise
            costs, refused = [], str(refusal)
    done = foreseen
    if not dry_run:
        letter_ids = [one.letter.id for one in foreseen]
        done = await resending.resent(resources.platform.effects, letter_ids, asked_by)
    return {**resending.told_of(done, applied=not dry_run), "costs": costs, "refused": refused}


def wanted_of(consumer: str | None, subject: str | None, since: Any, state: State | None) -> dict[str, Any]:
    """The conditions that are given; raises Invalid for a consumer or subject that there is not."""
    require_subjects((subject,) if subject is not None else ())
    named = consumer_named(consumer).durable if consumer is not None else None
    wanted = {"consumer": named, "subject": subject, "since": since, "state": state}
    return {name: value for name, value in wanted.items() if value is not None}


async def detail(connection: Connection, letter_id: int) -> dict[str, Any]:
    """A letter in full, as the API tells it; raises NotFound."""
    letter = await letters.find(connection, letter_id)
    return {
        **summary(letter),
        "headers": letter.headers,
        "body": mending.shown(letter.body),
        "text": letter.body.decode("utf-8", "replace"),
        "edited_body": mending.shown(letter.edited),
        "edited_at": told_time(letter.edited_at),
        "edited_by": letter.edited_by,
        "resent_as": letter.resent_as and str(letter.resent_as),
        "history": letter.history,
        "resend": resending.told_one(await judged(connection, letter)),
    }


def summary(letter: Letter) -> dict[str, Any]:
    """A letter in a list, as the API tells it."""
    names = ("id", "consumer", "address", "path", "error", "error_type", "deliveries", "state", "resent_by")
    kind = event_class(letter.address)
    return {
        **{name: getattr(letter, name) for name in names},
        "event_id": str(letter.event_id),
        "subject": kind.subject if kind else None,
        "file_id": letter.file_id and str(letter.file_id),
        "edited": letter.edited is not None,
        "buried_at": told_time(letter.buried_at),
        "resent_at": told_time(letter.resent_at),
    }
