"""Saved searches read by the very parser of GET /api/search, so that what is saved is what would be answered."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI, Request, Response
from starlette.types import Message, Scope

from services.search.http import problems
from services.search.moments.routes import Search, Searched
from shared.errors import Invalid

PAGED = frozenset({"cursor"})
"""Parameters that are of an answer and not of a search."""
MOST = 200
"""Parameters of a search."""

reader = FastAPI()
"""Answers nothing: it leaves the search in the request's scope."""
problems.install(reader)


@reader.get("/")
async def leave(request: Request, asked: Searched) -> Response:
    """Leave the search that is asked for where `read` finds it."""
    request.scope["asked"].append(asked)
    return Response(status_code=204)


NAMES = frozenset(parameter["name"] for parameter in reader.openapi()["paths"]["/"]["get"]["parameters"])
"""Every parameter of a search."""


def tidied(query: str) -> str:
    """A query string with the parameters that have values, in one notation; raises Invalid for those that no search has."""
    try:
        given = parse_qsl(query.removeprefix("?"), max_num_fields=MOST)
    except ValueError as error:
        raise Invalid(f"A search has at most {MOST} parameters; leave some out.") from error
    if paged := sorted({name for name, _ in given} & PAGED):
        raise Invalid(f"Leave out {', '.join(paged)}: a search is saved from its first page on.")
    if unknown := sorted({name for name, _ in given} - NAMES):
        known = ", ".join(sorted(NAMES - PAGED))
        raise Invalid(f"GET /api/search has no parameter {', '.join(unknown)}. There are {known}.")
    return urlencode(given)


async def read(query: str, **options: Any) -> Search:
    """The search that a query string means, with these options of the answer in place of its own; raises Invalid."""
    chosen = {name: str(value) for name, value in options.items() if value is not None}
    kept = [(name, value) for name, value in parse_qsl(tidied(query)) if name not in chosen]
    found: list[Search] = []
    answer: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answer.append(message)

    await reader(scope_of(urlencode([*kept, *chosen.items()]), found), receive, send)
    if not found:
        problem = json.loads(b"".join(message.get("body", b"") for message in answer))
        raise Invalid(str(problem["detail"]))
    return found[0]


def scope_of(query: str, found: list[Search]) -> Scope:
    """A request for a search, in ASGI's words."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": query.encode(),
        "root_path": "",
        "headers": [],
        "client": None,
        "server": None,
        "asked": found,
    }
