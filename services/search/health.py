"""Health and metrics, as every service has them."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.search.resources import Provided
from shared.errors import SpillwayError

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def alive() -> PlainTextResponse:
    """Answers as long as the process can answer at all."""
    return PlainTextResponse("alive\n")


@router.get("/readyz")
async def ready(resources: Provided) -> PlainTextResponse:
    """200 while Postgres and NATS can be used, else 503 with what is away."""
    away = [] if resources.nats.is_connected else ["nats"]
    try:
        async with resources.platform.database.connection() as connection:
            await connection.execute("SELECT 1")
    except SpillwayError:
        away.append("postgres")
    return PlainTextResponse(f"away: {', '.join(away)}\n", 503) if away else PlainTextResponse("ready\n")


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
