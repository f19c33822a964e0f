"""What the audit log says of a request before it is carried out: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.datastructures import Headers
from starlette.types import Scope

from services.search.audit.refusals import Refusal, neighbourhood
from services.search.audit.secrets import KeptBody, ids_in, kept_parameters, shortened
from services.search.identity.callers import Caller

LONGEST_AGENT = 300
"""Characters of what a client calls itself."""


@dataclass(frozen=True)
class Intent:
    """Who asks for what, by what means and from where; parameters and body are JSON text."""

    actor: str
    person_id: UUID | None
    means: str
    means_id: UUID | None
    method: str
    route: str
    path_params: Mapping[str, Any]
    query: Mapping[str, Any]
    body: KeptBody
    request_id: str | None
    address: str | None
    user_agent: str | None

    @property
    def about(self) -> list[UUID]:
        """The ids that stand in it."""
        return ids_in(str(dict(self.path_params)), str(dict(self.query)), self.body.text)


def intent_of(scope: Scope, caller: Caller, route: str, body: KeptBody, request_id: str | None) -> Intent:
    """What a request is about to do."""
    agent = Headers(scope=scope).get("user-agent")
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    return Intent(
        actor=caller.name,
        person_id=caller.person_id,
        means=caller.means,
        means_id=caller.means_id,
        method=scope["method"],
        route=route,
        path_params=kept_parameters(scope.get("path_params", {}).items()),
        query=kept_parameters(query),
        body=body,
        request_id=request_id,
        address=address_of(scope),
        user_agent=agent and shortened(agent)[:LONGEST_AGENT],
    )


def refusal_of(scope: Scope, caller: Caller, route: str, status: int, now: datetime) -> Refusal:
    """A refused request as it is counted."""
    return Refusal(
        minute=now.replace(second=0, microsecond=0),
        actor=caller.name,
        person_id=None if caller.person_id is None else str(caller.person_id),
        means=caller.means,
        means_id=None if caller.means_id is None else str(caller.means_id),
        method=scope["method"],
        route=route,
        status=status,
        address=neighbourhood(address_of(scope)),
    )


def address_of(scope: Scope) -> str | None:
    """Where a request came from, as far as this machine can tell."""
    client = scope.get("client")
    return str(client[0]) if client else None


def outcome_of(status: int | None, ended_at: datetime | None) -> str:
    """What became of a request, in a word."""
    if ended_at is None:
        return "unknown"
    if status is None:
        return "broken off"
    return "done" if status < 400 else "refused" if status < 500 else "failed"
