"""The gateway as an ASGI application."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.search import events, files, health, jobs, page, problems, search
from services.search.guard import Guard
from services.search.resources import Resources

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
    for module in (search, files, jobs, events, health, page):
        app.include_router(module.router)
    app.state.resources = resources
    return app
