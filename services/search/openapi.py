"""The API as OpenAPI 3.1, for people and for generators: `python -m services.search.openapi` writes docs/openapi.json."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

PATH = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
PROBLEM = "application/problem+json"
TOO_LONG = "The address is longer than 64 kB; the server says so by itself, without a body."
HEADERS = {
    "X-Request-Id": {"description": "The name of the request, given or made.", "schema": {"type": "string"}},
}

Document = dict[str, Any]


def operation_id(route: APIRoute) -> str:
    """The name of an operation, by its method and path: it stays the same whatever its function is called."""
    method = min(route.methods or {"GET"})
    path = route.path_format.removeprefix("/api")
    words = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"\{(\w+)\}", r"by_\1", path)).strip("_")
    return f"{method.lower()}_{words}"


def document(app: FastAPI) -> Document:
    """The application's description, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        for operations in made["paths"].values():
            for operation in operations.values():
                _complete(operation)
        made["components"]["headers"] = HEADERS
        app.openapi_schema = made
    return app.openapi_schema


def documented(media_types: Mapping[Any, str]) -> dict[int | str, Document]:
    """What a route answers that gives the same in several formats, none of them described further."""
    content: Document = {media_type.partition(";")[0]: {"schema": {}} for media_type in media_types.values()}
    return {200: {"description": "The bytes, in the format that was asked for.", "content": content}}


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

    return json.dumps(document(create_app()), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(rendered(), encoding="utf-8")
