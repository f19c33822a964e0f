"""Routes of what is stale: which analyses are, what renewing them costs, and the renewal."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.search.audit.notes import Noting
from services.search.batches import changes as batches_changes
from services.search.batches.actions import analysis_options
from services.search.http import cursors
from services.search.http.cursors import Cursor
from services.search.http.idempotency import Key, begun, id_named
from services.search.identity.asking import Asking
from services.search.nova import stale
from services.search.nova.choosing import chosen
from services.search.nova.filters import Chosen
from services.search.nova.gate import admitted, find_model, price_of
from services.search.nova.pricing import FREE_NOTE, nothing, told
from services.search.nova.schemas import ModelKey
from services.search.nova.stale import COLUMNS, MEANINGS, RENEWED, Counts, Reason
from services.search.nova.stale_schemas import RenewAsk, Renewing, Stale
from services.search.resources import Provided, Resources
from shared.analyses import LOCAL, PROMPT_VERSION, AnalysisOptions
from shared.batch_requests import MOST_FILES, BatchRequest
from shared.contracts import Priority, Stage
from shared.database import Connection
from shared.errors import Conflict, KeyReused
from shared.selection import Filter

router = APIRouter(prefix="/api/nova/stale", tags=["nova"])

NOTHING_STALE = "No analysis is stale for these reasons, or all that are wait or are being renewed already."


@router.get("", response_model=Stale)
async def list_stale(
    resources: Provided,
    wanted: Chosen,
    model: Annotated[ModelKey | None, Query(description="Which is to answer; the default, unless given.")] = None,
    reason: Annotated[list[Reason] | None, Query(description="Only files that are stale for one of these.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> JSONResponse:
    """Files whose analysis came from older prompts, another model, rules over words, or an older transcript."""
    key = key_of(resources, AnalysisOptions(model=model))
    at = cursors.read(cursor) if cursor else None
    async with resources.platform.database.connection() as connection:
        if key != LOCAL:
            await find_model(connection, resources, key)
        rows = await stale.page(
            connection, wanted, key, reason or list(Reason), before=at.last if at else None, limit=limit + 1
        )
    look = partial(look_at, resources, wanted, key)
    found, renewal = await resources.looks.at(("stale", key, wanted), look)
    following = cursors.write(Cursor(rows[limit - 1]["file_id"], found.files)) if len(rows) > limit else None
    return JSONResponse(
        {
            "model": key,
            "prompt_version": PROMPT_VERSION,
            "total": found.files,
            "analysed": found.analysed,
            "counts": {str(one): getattr(found, one) for one in Reason},
            "meanings": MEANINGS,
            "renewable": found.renewable,
            "renewal": None if at else renewal,
            "files": [told_file(row) for row in rows[:limit]],
            "next_cursor": following,
        }
    )


async def look_at(resources: Resources, wanted: Filter, key: str) -> tuple[Counts, dict[str, Any]]:
    """How many files are stale, and what renewing them would cost."""
    async with resources.platform.database.connection() as connection:
        found = await stale.counts(connection, wanted, key)
        if key == LOCAL:
            return found, {**nothing(LOCAL, None, FREE_NOTE), "files": found.renewable, "cached_files": 0, "by_kind": {}}
        model = await find_model(connection, resources, key)
        condition, values = stale.condition(wanted, key, RENEWED)
        price = await price_of(connection, resources, model, AnalysisOptions(model=key), condition, values)
    return found, told(price, model)


@router.post("/renew", status_code=202, response_model=Renewing)
async def renew_stale(resources: Provided, asking: Asking, notes: Noting, ask: RenewAsk, key: Key = None) -> JSONResponse:
    """Have stale analyses done again, as a batch; refused if a budget does not allow it."""
    job_id, asked = id_named(asking, "nova renewal", key), ask.model_dump(mode="json")
    async with resources.platform.database.connection() as connection:
        if known := await begun(connection, job_id):
            if known.progress["asked"] != asked:
                raise KeyReused
            notes.add_job(known.progress)
            return JSONResponse(answer(known.progress), 202)
        request, remaining = await request_of(connection, resources, ask)
        admission = await admitted(connection, resources, request, asking.name, job_id)
    about = {**admission.told, "remaining": remaining, "asked": asked}
    effects = resources.platform.effects
    told_back = await batches_changes.begin(effects, Stage.ANALYSE, admission.request, job_id, about, asked_by=asking.name)
    notes.add_job(told_back)
    return JSONResponse(answer(told_back), 202)


async def request_of(connection: Connection, resources: Resources, ask: RenewAsk) -> tuple[BatchRequest, int]:
    """The stale files as a request, and how many did not fit into it; raises Conflict if none is stale."""
    named = {"model": ask.model, "analysis_types": ask.analysis_types and list(ask.analysis_types)}
    options = analysis_options({**ask.options, **{name: value for name, value in named.items() if value is not None}})
    key = key_of(resources, AnalysisOptions.model_validate(options))
    reasons = ask.reasons or RENEWED
    # Of an older transcript alone the question is the same as before: it is asked anew only by force.
    fresh = {"fresh": True} if Reason.TRANSCRIPT in reasons else {}
    found = await stale.ids(connection, ask.filter, key, reasons, limit=MOST_FILES + 1)
    if not found:
        raise Conflict(NOTHING_STALE)
    counted = len(found) if len(found) <= MOST_FILES else (await stale.counts(connection, ask.filter, key)).files
    request = BatchRequest(file_ids=tuple(found[:MOST_FILES]), options={**options, **fresh}, force=True, priority=Priority.BULK)
    return request, max(0, counted - MOST_FILES)


def key_of(resources: Resources, options: AnalysisOptions) -> str:
    """The model that is to answer."""
    return chosen(options, analyst=resources.settings.analyst, default=resources.bedrock.default_model)


def answer(told: dict[str, Any]) -> dict[str, Any]:
    """What a renewal is answered with; the field names are those of `Renewing`."""
    told_of = {name: told[name] for name in ("total_files", "remaining", "model", "cost")}
    return {"nova_job_id": told["job_id"], "status": "pending", **told_of}


def told_file(row: dict[str, Any]) -> dict[str, Any]:
    """A stale file as the API tells it."""
    return {
        **{name: row[name] for name in ("path", "kind", "model", "version")},
        "file_id": str(row["file_id"]),
        "created_at": row["created_at"].isoformat(),
        "reasons": [reason for reason, column in COLUMNS.items() if row[column]],
    }
