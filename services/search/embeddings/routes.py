"""Routes of the vectors by which files are found: which embedder makes them, and having them made."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.search.audit.notes import Noting
from services.search.batches import changes as batches_changes
from services.search.batches.routes import request_of
from services.search.batches.schemas import BatchAccepted, BatchAsk
from services.search.embeddings.rest import Rest, price, rest
from services.search.embeddings.schemas import EmbeddersTold
from services.search.http.idempotency import Key, id_named
from services.search.identity.asking import Asking
from services.search.nova.gate import is_begun
from services.search.resources import Provided, Resources
from shared import embedders
from shared.batch_requests import BatchRequest, selected
from shared.clock import utc_now
from shared.contracts import Stage
from shared.database import Connection
from shared.embedders import InUse
from shared.minilm import MODEL
from shared.nova_embedder import KEY, scope_of
from shared.paying import budgets

router = APIRouter(prefix="/api/nova/embeddings", tags=["nova"])


@router.get("", response_model=EmbeddersTold)
async def get_embedders(resources: Provided) -> JSONResponse:
    """Which embedder answers searches, which is to take its place, and what is left to do until then."""
    return JSONResponse(await resources.looks.at("embedders", partial(look, resources)))


@router.post("/generate", status_code=202, response_model=BatchAccepted)
async def generate(resources: Provided, asking: Asking, notes: Noting, ask: BatchAsk, key: Key = None) -> JSONResponse:
    """Have files embedded: those that lack vectors of an embedder in use, or all by `force`."""
    request = request_of("embeddings", ask)
    job_id = id_named(asking, f"batch {Stage.EMBED}", key)
    async with resources.platform.database.connection() as connection:
        usd = await require_affordable(connection, resources, request, asking.name, job_id)
    begun = await batches_changes.begin(resources.platform.effects, Stage.EMBED, request, job_id, asked_by=asking.name)
    notes.add_job(begun)
    notes.add(usd_high=float(usd))
    return JSONResponse(begun, 202)


async def require_affordable(
    connection: Connection, resources: Resources, request: BatchRequest, requested_by: str, job_id: UUID | None
) -> Decimal:
    """What embedding these files costs; raises BudgetExceeded if a budget leaves less. What is begun costs nothing more."""
    in_use = await embedders.in_use(connection)
    if len(in_use) < 2 or (job_id is not None and await is_begun(connection, job_id)):
        return Decimal(0)
    serving, building = in_use
    condition, values = selected(request)
    found = await rest(connection, serving.model, building.model, condition, values)
    usd, _ = await price_of(connection, resources, found, building)
    await budgets.refuse_if_over(connection, requested_by, usd, utc_now())
    return usd


async def look(resources: Resources) -> dict[str, Any]:
    """The state as the API tells it."""
    async with resources.platform.database.connection() as connection:
        in_use = await embedders.in_use(connection)
        serving, building = in_use[0], next(iter(in_use[1:]), None)
        left = await rest(connection, serving.model, building.model) if building else None
        usd, as_of = await price_of(connection, resources, left, building) if left and building else (Decimal(0), None)
    return {
        "serving": told(serving),
        "building": told(building) if building else None,
        "left": left and left_told(left, usd, as_of),
    }


async def price_of(connection: Connection, resources: Resources, left: Rest, building: InUse) -> tuple[Decimal, date | None]:
    """What the rest costs, and as of when; nothing where it is made on this machine."""
    if building.model == MODEL:
        return Decimal(0), None
    catalogue = await resources.catalogues.current(connection, resources.bedrock)
    model = catalogue.find(KEY)
    usd = price(left, building.model, model, scope_of(model, resources.bedrock), resources.embedder)
    return usd, catalogue.prices_as_of


def told(row: InUse) -> dict[str, Any]:
    """An embedder as the API tells it."""
    return {"model": row.model, "dimensions": row.dimensions, "since": row.since.isoformat()}


def left_told(left: Rest, usd: Decimal, as_of: date | None) -> dict[str, Any]:
    """The rest as the API tells it."""
    return {
        "files": left.files,
        "texts": left.texts,
        "images": left.images,
        "video_seconds": left.video_seconds,
        "usd": float(usd),
        "prices_as_of": as_of and as_of.isoformat(),
    }
