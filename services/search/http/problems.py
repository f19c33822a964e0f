"""Errors as `application/problem+json` (RFC 9457): every answer that is no success has one sentence for people in `detail`."""

from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from services.search.http.conditions import Changed
from shared.errors import Conflict, Forbidden, NotFound, Permanent, SpillwayError
from shared.paying.errors import BudgetExceeded

RETRY_AFTER = 5
"""Seconds after which it is worth asking again when a part of the platform is away."""


class Fault(BaseModel):
    """What is wrong with one parameter."""

    field: str
    message: str


class Problem(BaseModel):
    """Why a request was not answered."""

    type: str = "about:blank"
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="A sentence: what is wrong and what to do.")
    errors: list[Fault] | None = Field(None, description="What is wrong with which parameter.")
    request_id: str | None = Field(None, description="As the header X-Request-Id has it; the gateway's log names it too.")


class ProblemResponse(JSONResponse):
    """A problem on the wire."""

    media_type = "application/problem+json"


UNSTORABLE = (psycopg.errors.UntranslatableCharacter, psycopg.errors.CharacterNotInRepertoire)
"""What Postgres says of text with a zero byte: only texts from outside have any."""

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request cannot be answered.", "model": Problem},
    "5XX": {"description": "Spillway cannot answer now.", "model": Problem},
}


def problem(
    status: int, detail: str, faults: list[Fault] | None = None, headers: dict[str, str] | None = None
) -> ProblemResponse:
    """The answer for a request that failed."""
    name = structlog.contextvars.get_contextvars().get("request_id")
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=faults, request_id=name)
    return ProblemResponse(body.model_dump(exclude_none=True), status, headers)


def install(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_refused)
    app.add_exception_handler(SpillwayError, on_error)
    for unstorable in UNSTORABLE:
        app.add_exception_handler(unstorable, on_unstorable)


async def on_invalid(_: Request, error: Exception) -> ProblemResponse:
    """A parameter or body that is not as the API wants it."""
    assert isinstance(error, RequestValidationError)
    faults = [Fault(field=".".join(str(part) for part in fault["loc"][1:]), message=fault["msg"]) for fault in error.errors()]
    detail = "; ".join(f"{fault.field}: {fault.message}" if fault.field else fault.message for fault in faults)
    return problem(422, f"The request is not valid: {detail}.", faults)


async def on_refused(request: Request, error: Exception) -> ProblemResponse:
    """What the framework refuses."""
    assert isinstance(error, HTTPException)
    told = {404: f"There is nothing at {request.url.path}.", 405: f"{request.url.path} cannot be asked with {request.method}."}
    return problem(error.status_code, told.get(error.status_code, str(error.detail)), headers=dict(error.headers or {}))


async def on_error(_: Request, error: Exception) -> ProblemResponse:
    """What Spillway raises on purpose, by the policy tree: the caller's fault, or a part that is away."""
    match error:
        case NotFound():
            return problem(404, str(error))
        case Forbidden():
            return problem(403, str(error))
        case Changed():
            return problem(412, str(error))
        case Conflict() | BudgetExceeded():  # 402 is reserved; this passes when the budget is raised or begins anew
            return problem(409, str(error))
        case Permanent():
            return problem(422, str(error))
        case _:
            return problem(503, str(error), headers={"Retry-After": str(RETRY_AFTER)})


async def on_unstorable(_: Request, error: Exception) -> ProblemResponse:
    """A text that no column can hold."""
    return problem(422, "The request has a text with a zero byte in it, which cannot be stored; send it without.")
