"""The API as OpenAPI 3.1, for people and for generators: `python -m services.search.openapi` writes docs/openapi.json."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from services.search.identity.access import ACCESS, Access
from services.search.identity.roles import Scope
from services.search.identity.shown import COOKIE, CSRF_HEADER, SAFE_METHODS

PATH = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
PROBLEM = "application/problem+json"
TOO_LONG = "The address is longer than 64 kB; the server says so by itself, without a body."
HEADERS = {
    "X-Request-Id": {"description": "The name of the request, given or made.", "schema": {"type": "string"}},
}
SECURITY_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, as POST /api/keys makes them: `spw_...`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "What POST /api/session gives; called `__Host-spillway_session` where the public address is https.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "The `csrf_token` of the session, which everything but reading takes with a session.",
    },
}

Document = dict[str, Any]


def operation_id(route: APIRoute) -> str:
    """The name of an operation, by its method and path: it stays the same whatever its function is called."""
    method = min(route.methods or {"GET"})
    path = route.path_format.removeprefix("/api")
    words = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"\{(\w+)\}", r"by_\1", path)).strip("_")
    return f"{method.lower()}_{words}"


def document(app: FastAPI, routes: Sequence[BaseRoute]) -> Document:
    """The application's description, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=routes)
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _complete(operation)
                access = ACCESS[method.upper(), path]
                operation["security"] = security(access, method)
                operation["description"] = f"{operation['description']}\n\n{who_may(access)}"
        made["components"]["headers"] = HEADERS
        made["components"]["securitySchemes"] = SECURITY_SCHEMES
        app.openapi_schema = made
    return app.openapi_schema


def documented(media_types: Mapping[Any, str]) -> dict[int | str, Document]:
    """What a route answers that gives the same in several formats, none of them described further."""
    content: Document = {media_type.partition(";")[0]: {"schema": {}} for media_type in media_types.values()}
    return {200: {"description": "The bytes, in the format that was asked for.", "content": content}}


def security(access: Access, method: str) -> list[dict[str, list[str]]]:
    """What a request must show, one or the other; nothing for what answers anybody."""
    if access.is_open:
        return []
    session: dict[str, list[str]] = {"session": []} if method.upper() in SAFE_METHODS else {"session": [], "csrf": []}
    return [{"key": []}, session] if access.scope or access.key_scopes else [session]


def who_may(access: Access) -> str:
    """The same in words."""
    if access.role is None:
        return "Answers anybody."
    scopes = {access.scope} if access.scope else access.key_scopes
    if not scopes:
        return f"Takes the role {access.role} or more, by a session and by no key."
    key = "any key" if scopes == set(Scope) else f"a key with the scope {' or '.join(sorted(scopes))}"
    return f"Takes the role {access.role} or more, by a session or by {key}."


def _complete(operation: Document) -> None:
    """Say what holds for every operation: the first sentence of its description is its summary, and errors are problems."""
    description = operation.get("description", "")
    operation["summary"] = re.split(r"(?<=[.?!])\s|[;:]\s", description)[0].rstrip(".") or operation["summary"]
    operation["responses"]["414"] = {"description": TOO_LONG}
    for status, response in operation["responses"].items():
        if status == "414":
            continue
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS} | response.get("headers", {})
        if status in ("4XX", "5XX"):
            response["content"] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def rendered() -> str:
    """The document as it is kept: sorted, so that a change of the API is all that a diff shows."""
    from services.search.app import create_app  # noqa: PLC0415 - the application describes itself with this module

    return json.dumps(create_app().openapi(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(rendered(), encoding="utf-8")
