"""Routes of models and prices: which there are, what a question would cost, what the provider says of them now."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.search.identity.asking import Asking
from services.search.nova import estimating
from services.search.nova.catalogue import refreshed_at
from services.search.nova.models import told_catalogue
from services.search.nova.schemas import EstimateAsk, EstimateTold, Models
from services.search.resources import Provided, Resources
from shared.analyses import LOCAL
from shared.clock import utc_now
from shared.contracts import Kind
from shared.models import refresh

router = APIRouter(prefix="/api/nova", tags=["nova"])


@router.get("/models", response_model=Models)
async def list_models(resources: Provided) -> JSONResponse:
    """The models that there are, what each can do and costs, and whether it can be asked here."""
    return JSONResponse(await catalogue_of(resources, None))


@router.get("/image/models", response_model=Models)
async def list_image_models(resources: Provided) -> JSONResponse:
    """The same models; `usable` says whether they can be asked about images."""
    return JSONResponse(await catalogue_of(resources, Kind.IMAGE))


@router.post("/models/refresh", response_model=Models)
async def refresh_models(resources: Provided) -> JSONResponse:
    """Ask the provider which models and profiles it has now; takes AWS credentials."""
    models = await refresh.refreshed(resources.bedrock)
    async with resources.platform.database.transaction() as connection:
        await refresh.save(connection, models, utc_now())
    return JSONResponse(await catalogue_of(resources, None))


@router.post("/estimate-cost", response_model=EstimateTold)
async def estimate_cost(resources: Provided, asking: Asking, ask: EstimateAsk) -> JSONResponse:
    """What analyses would cost, low and high, and in a batch of the provider; nothing is begun."""
    async with resources.platform.database.connection() as connection:
        return JSONResponse(await estimating.estimated(connection, resources, ask, asking.name))


async def catalogue_of(resources: Resources, kind: Kind | None) -> dict[str, Any]:
    """The catalogue as the API tells it."""
    settings = resources.bedrock
    default = settings.default_model if resources.settings.analyst == "bedrock" else LOCAL
    async with resources.platform.database.connection() as connection:
        catalogue = await resources.catalogues.current(connection, settings)
        at = await refreshed_at(connection)
    return told_catalogue(catalogue, settings, default, today=utc_now().date(), refreshed_at=at, kind=kind)
