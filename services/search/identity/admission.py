"""The door before every route: who asks is known, and may, before anything of the request is read or done."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from services.search.http.guard import swallow
from services.search.http.problems import problem
from services.search.identity.access import Access
from services.search.identity.callers import NO_CALLER, Caller, Means
from services.search.identity.shown import CSRF_HEADER, Shown, is_forgeable, shown
from services.search.identity.verdicts import FORGEABLE, Refusal, refusal, unknown
from shared.errors import SpillwayError

if TYPE_CHECKING:
    from services.search.audit.recording import Recorder
    from services.search.resources import Resources

PATIENCE = 1.0
"""Seconds to find out who asks what anybody may."""
CHALLENGE = {"WWW-Authenticate": "Bearer"}

Table = Mapping[tuple[str, str], Access]


class Door(BaseRoute):
    """A route that answers only whom its rows of the table admit; methods that it does not have it refuses as it is used to.

    It stands in the router in the route's place, so that there is no other way to it, and what is matched is matched once.
    """

    def __init__(self, route: Route, rows: Mapping[str, Access]) -> None:
        self.path = route.path
        self.methods = route.methods
        self.rows = rows
        self._route = route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the route does."""
        return self._route.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route answer whom it may; what changes something is written into the audit log, refused or not."""
        access = self.rows.get(scope["method"])
        recorder: Recorder | None = scope["app"].state.resources.recorder if access and access.changes else None
        if access is not None and (refused := await admitted(access, scope)):
            if recorder:
                recorder.refused(scope, self.path, refused.status)
            headers = Headers(scope=scope)
            await swallow(receive, headers)
            response = problem(refused.status, refused.sentence, headers=CHALLENGE if refused.status == 401 else None)
            await response(scope, receive, send)
        elif recorder:
            await recorder.around(self._route.handle, self.path, scope, receive, send)
        else:
            await self._route.handle(scope, receive, send)


def doors(routes: Sequence[BaseRoute], table: Table) -> list[BaseRoute]:
    """A door for each route; raises LookupError for one without a row."""
    return [door(context.original_route, context.path, table) for context in iter_route_contexts(routes)]


def door(route: BaseRoute, path: str | None, table: Table) -> Door:
    """The door of a route that is asked for at this path; raises LookupError if the table does not have it."""
    if not isinstance(route, Route) or route.path != path:
        raise LookupError(f"{path} is no route that can have a door; declare it with its whole path in a router of its own.")
    rows = dict(rows_of(path, route.methods or (), table))
    return Door(route, rows)


def rows_of(path: str, methods: Iterable[str], table: Table) -> Iterable[tuple[str, Access]]:
    """What each method of a route wants; to ask for the head is to ask for the whole."""
    for method in methods:
        row = table.get(("GET" if method == "HEAD" else method, path))
        if row is None:
            raise LookupError(f"{method} {path} has no row in services/search/identity/access.py; say there who may ask it.")
        yield method, row


async def admitted(access: Access, scope: Scope) -> Refusal | None:
    """Find out who asks, as `caller` of the scope, and why he is refused, if he is."""
    resources: Resources = scope["app"].state.resources
    headers = Headers(scope=scope)
    what = shown(headers.get("authorization"), cookie_parser(headers.get("cookie", "")), resources.settings.session_cookie)
    forgeable = is_forgeable(what, scope["method"], headers.get(CSRF_HEADER))
    if access.is_open:
        scope["caller"] = NO_CALLER if forgeable else await perhaps(what, resources)
        return None
    caller = await behind(what, resources)
    scope["caller"] = caller or NO_CALLER
    if caller is None:
        return unknown(what.means)
    return FORGEABLE if forgeable else refusal(access, caller)


async def behind(what: Shown, resources: "Resources") -> Caller | None:
    """Whose key or session it is; None for nobody's."""
    return await resources.known.by_secret(what.means, what.secret) if what.means is not Means.NOTHING and what.secret else None


async def perhaps(what: Shown, resources: "Resources") -> Caller:
    """The same where anybody is answered: at once also while Postgres is away, since health is asked for then."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await behind(what, resources) or NO_CALLER
    except (SpillwayError, TimeoutError):
        return NO_CALLER
