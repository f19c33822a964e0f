"""The gateway as an ASGI application."""

import time
from functools import partial

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.search import health, openapi, page
from services.search.audit import routes as audit
from services.search.batches import routes as batches
from services.search.collections import routes as collections
from services.search.embeddings import routes as embeddings
from services.search.files import frame_routes as frames
from services.search.files import routes as files
from services.search.http import problems
from services.search.http.caching import Caching
from services.search.http.guard import Guard
from services.search.http.rate_limits import RateLimits, RouteClass
from services.search.identity import key_routes, people_routes, session_routes
from services.search.identity.access import ACCESS
from services.search.identity.admission import doors
from services.search.identity.oidc import routes as oidc
from services.search.identity.oidc import ways
from services.search.imports import routes as imports
from services.search.jobs import routes as jobs
from services.search.live import routes as events
from services.search.moments import like_routes as like
from services.search.moments import routes as search
from services.search.nova import export_routes as nova_exports
from services.search.nova import money_routes as nova_money
from services.search.nova import price_routes as nova_prices
from services.search.nova import routes as nova
from services.search.nova import stale_routes as nova_stale
from services.search.rebuilds import routes as rebuilds
from services.search.reconcile import routes as reconcile
from services.search.replay import letter_routes as replay_letters
from services.search.replay import routes as replay
from services.search.resources import Resources
from services.search.saved import routes as saved
from services.search.settings import SearchSettings
from services.search.shares import guest_routes as shares_for_guests
from services.search.shares import routes as shares
from services.search.tags import routes as tags
from services.search.transcripts import editing as transcripts_editing
from services.search.transcripts import importing as transcripts_importing
from services.search.transcripts import routes as transcripts
from services.search.uploads import routes as uploads
from services.search.watches import routes as watches

VERSION = "0.1.0"
"""Of the API."""

ROUTERS = (
    search.router,
    like.router,
    saved.router,
    tags.router,
    collections.router,
    imports.router,
    files.router,
    frames.router,
    transcripts.router,
    transcripts_editing.router,
    transcripts_importing.router,
    jobs.router,
    batches.router,
    embeddings.router,
    reconcile.router,
    nova_prices.router,
    nova.router,
    nova_exports.router,
    nova_stale.router,
    nova_money.router,
    events.router,
    replay.router,
    rebuilds.router,
    replay_letters.router,
    audit.router,
    health.router,
    uploads.router,
    watches.router,
    shares.router,
    shares_for_guests.router,
    session_routes.router,
    oidc.router,
    ways.router,
    people_routes.router,
    key_routes.router,
    page.router,
    nova.files_router,
    nova_money.reports,
    tags.of_files,
)
"""In the order in which they are asked."""


def create_app(resources: Resources | None = None) -> FastAPI:
    """The application; without resources it can only describe itself. Raises LookupError for a route that nobody may ask.

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
        middleware=[Middleware(Guard, limits=limits_of(settings), allowed_hosts=settings.hosts), Middleware(Caching)],
        responses=problems.DOCUMENTED,
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.state.resources = resources
    # FastAPI's own way to have another description; it reads the routes as they are before they have doors.
    app.openapi = partial(openapi.document, app, list(app.routes))  # type: ignore[method-assign]
    app.router.routes[:] = doors(app.routes, ACCESS)
    return app


def limits_of(settings: SearchSettings) -> RateLimits:
    """How often clients may ask."""
    rates = {
        RouteClass.READS: settings.reads_per_second,
        RouteClass.WRITES: settings.writes_per_second,
        RouteClass.EXPENSIVE: settings.expensive_per_second,
        RouteClass.SIGN_INS: settings.sign_ins_per_second,
    }
    return RateLimits(rates, time.monotonic)
