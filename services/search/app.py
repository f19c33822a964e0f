"""The gateway as an ASGI application."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.search import events, files, health, jobs, page, problems, search
from services.search.batches import routes as batches
from services.search.embeddings import routes as embeddings
from services.search.guard import Guard
from services.search.imports import routes as imports
from services.search.nova import export_routes as nova_exports
from services.search.nova import money_routes as nova_money
from services.search.nova import price_routes as nova_prices
from services.search.nova import routes as nova
from services.search.nova import stale_routes as nova_stale
from services.search.reconcile import routes as reconcile
from services.search.resources import Resources
from services.search.transcripts import editing as transcripts_editing
from services.search.transcripts import importing as transcripts_importing
from services.search.transcripts import routes as transcripts
from services.search.uploads import routes as uploads
from services.search.watches import routes as watches

VERSION = "0.1.0"
"""Of the API."""


def create_app(resources: Resources | None = None, *, allowed_hosts: tuple[str, ...] = ()) -> FastAPI:
    """The application; without resources it can only describe itself.

    There is no page of documentation: those that FastAPI brings load their scripts from elsewhere.
    """
    app = FastAPI(
        title="Spillway",
        version=VERSION,
        description="Finds the moment in footage.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Guard, allowed_hosts=allowed_hosts)],
        responses=problems.DOCUMENTED,
    )
    problems.install(app)
    for module in (
        search,
        imports,
        files,
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
        health,
        uploads,
        watches,
        page,
    ):
        app.include_router(module.router)
    for router in (nova.files_router, nova_money.reports):
        app.include_router(router)
    app.state.resources = resources
    return app
