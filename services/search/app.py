"""The gateway as an ASGI application."""

import time
from functools import partial

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.search import events, files, frames, health, jobs, like, openapi, page, problems, search
from services.search.batches import routes as batches
from services.search.caching import Caching
from services.search.embeddings import routes as embeddings
from services.search.guard import Guard
from services.search.imports import routes as imports
from services.search.nova import export_routes as nova_exports
from services.search.nova import money_routes as nova_money
from services.search.nova import price_routes as nova_prices
from services.search.nova import routes as nova
from services.search.nova import stale_routes as nova_stale
from services.search.rate_limits import RateLimits, RouteClass
from services.search.reconcile import routes as reconcile
from services.search.replay import letter_routes as replay_letters
from services.search.replay import routes as replay
from services.search.resources import Resources
from services.search.settings import SearchSettings
from services.search.transcripts import editing as transcripts_editing
from services.search.transcripts import importing as transcripts_importing
from services.search.transcripts import routes as transcripts
from services.search.uploads import routes as uploads
from services.search.watches import routes as watches

VERSION = "0.1.0"
"""Of the API."""


def create_app(resources: Resources | None = None) -> FastAPI:
    """The application; without resources it can only describe itself.

    There is no page of documentation: those that FastAPI brings load their scripts from elsewhere.
    """
    settings = resources.settings if resources else SearchSettings()
    app = FastAPI(
        title="Spillway",
        version=VERSION,
        description="Finds the moment in footage.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=openapi.operation_id,
        middleware=[Middleware(Guard, limits=limits_of(settings), allowed_hosts=settings.allowed_hosts), Middleware(Caching)],
        responses=problems.DOCUMENTED,
    )
    problems.install(app)
    for module in (
        search,
        like,
        imports,
        files,
        frames,
        transcripts,
        transcripts_editing,
        transcripts_importing,
        jobs,
        batches,
        embeddings,
        reconcile,
        nova_prices,
        nova,
        nova_exports,
        nova_stale,
        nova_money,
        events,
        replay,
        replay_letters,
        health,
        uploads,
        watches,
        page,
    ):
        app.include_router(module.router)
    for router in (nova.files_router, nova_money.reports):
        app.include_router(router)
    app.state.resources = resources
    app.openapi = partial(openapi.document, app)  # type: ignore[method-assign]  # FastAPI's own way to have another
    return app


def limits_of(settings: SearchSettings) -> RateLimits:
    """How often clients may ask."""
    rates = {
        RouteClass.READS: settings.reads_per_second,
        RouteClass.WRITES: settings.writes_per_second,
        RouteClass.EXPENSIVE: settings.expensive_per_second,
    }
    return RateLimits(rates, time.monotonic)
