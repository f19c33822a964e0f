"""Routes of saved searches: what somebody looks for again and again, kept for themselves or for everybody."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from services.search.files.members import naming
from services.search.http import cursors
from services.search.http.conditions import require, version
from services.search.http.versions import IfMatch
from services.search.identity.asking import Asking
from services.search.identity.callers import Caller
from services.search.identity.roles import Scope
from services.search.moments import search_cursors
from services.search.moments.queries import fit
from services.search.moments.routes import Search, answered
from services.search.resources import Provided
from services.search.saved import repository
from services.search.saved.reading import read, tidied
from services.search.saved.schemas import NewSearch, SavedSearch, SavedSearches, SearchChange
from services.search.schemas import SearchAnswer
from services.search.tags.routes import LONGEST_CURSOR
from shared.database import Connection
from shared.errors import Conflict, Forbidden, Invalid
from shared.labels import LONGEST, label

NOT_YOURS = "This search is {owner}'s; save it under a name of your own to change it."
NOT_SHARED = "Viewers, and keys that may not write, keep searches for themselves; ask an editor to share one."
BROKEN = "The search “{name}” cannot be answered as it was saved. {reason} Change it, or save it anew."
FIRST = ("", UUID(int=0))
"""Before every search."""

router = APIRouter(prefix="/api/searches", tags=["search"])


@router.get("")
async def list_searches(
    resources: Provided,
    asking: Asking,
    q: Annotated[str, Query(max_length=LONGEST, description="Part of the name.")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next_cursor` of the page before.")] = None,
) -> SavedSearches:
    """Your own searches, and those that are shared, by name; administrators see all."""
    after = place_of(cursor) if cursor else FIRST
    async with resources.platform.database.connection() as connection:
        found = await repository.page(connection, asking, q and fit(q), after, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    following = cursors.write_text(json.dumps([last.key, str(last.id)])) if last else None
    return SavedSearches(searches=[await told(saved) for saved in found[:limit]], next_cursor=following)


@router.post("", status_code=201)
async def save_search(resources: Provided, asking: Asking, ask: NewSearch) -> SavedSearch:
    """Keep a search, under a name that no other search of yours has."""
    _require_may_share(asking, ask.shared)
    name, query = label(ask.name), await checked(ask.query)
    async with resources.platform.database.transaction() as connection:
        await naming(connection, "searches")
        await _refuse_taken(connection, asking.name, name, None)
        search_id = await repository.add(connection, owner=asking.name, name=name, shared=ask.shared, query=query)
        return await told(await repository.find(connection, asking, search_id))


@router.get("/{search_id}")
async def get_search(resources: Provided, asking: Asking, search_id: UUID) -> SavedSearch:
    """A saved search."""
    async with resources.platform.database.connection() as connection:
        return await told(await repository.find(connection, asking, search_id))


@router.patch("/{search_id}")
async def change_search(
    resources: Provided, asking: Asking, search_id: UUID, change: SearchChange, if_match: IfMatch = None
) -> SavedSearch:
    """Rename, alter, share or hide a search of yours; administrators may change any."""
    _require_may_share(asking, change.shared)
    query = None if change.query is None else await checked(change.query)
    async with resources.platform.database.transaction() as connection:
        await naming(connection, "searches")
        before = await _own(connection, asking, search_id, if_match)
        name = before.name if change.name is None else label(change.name)
        await _refuse_taken(connection, before.owner, name, search_id)
        shared = before.shared if change.shared is None else change.shared
        await repository.change(connection, search_id, name=name, shared=shared, query=query or before.query)
        return await told(await repository.find(connection, asking, search_id))


@router.delete("/{search_id}", status_code=204)
async def remove_search(resources: Provided, asking: Asking, search_id: UUID, if_match: IfMatch = None) -> Response:
    """Forget a search of yours; administrators may remove any."""
    async with resources.platform.database.transaction() as connection:
        await _own(connection, asking, search_id, if_match)
        await repository.remove(connection, search_id)
    return Response(status_code=204)


@router.get("/{search_id}/answer", response_model=SearchAnswer)
async def answer_search(
    resources: Provided,
    asking: Asking,
    search_id: UUID,
    limit: Annotated[int | None, Query(ge=1, le=100, description="In place of the saved one.")] = None,
    cursor: Annotated[
        str | None, Query(max_length=search_cursors.LONGEST, description="`next_cursor` of the page before.")
    ] = None,
    facets: Annotated[bool | None, Query(description="In place of the saved one.")] = None,
) -> JSONResponse:
    """The answer of a saved search, as it is now."""
    async with resources.platform.database.connection() as connection:
        saved = await repository.find(connection, asking, search_id)
    return JSONResponse(
        await answered(await search_of(saved, limit=limit, cursor=cursor, facets=facets), resources, asking.name)
    )


async def search_of(saved: repository.Saved, *, limit: int | None, cursor: str | None, facets: bool | None) -> Search:
    """The search that was saved; raises Conflict if it means nothing any more."""
    try:
        return await read(saved.query, limit=limit, cursor=cursor, facets=facets)
    except Invalid as error:
        raise Conflict(BROKEN.format(name=saved.name, reason=error)) from error


async def checked(query: str) -> str:
    """The query string as it is kept; raises Invalid unless GET /api/search would take it."""
    kept = tidied(query)
    await read(kept)
    return kept


async def told(saved: repository.Saved) -> SavedSearch:
    """A search as the API tells it."""
    try:
        await read(saved.query)
        problem = None
    except Invalid as error:
        problem = BROKEN.format(name=saved.name, reason=error)
    names = (name for name in SavedSearch.model_fields if name not in ("problem", "version"))
    return SavedSearch(**{name: getattr(saved, name) for name in names}, problem=problem, version=version_of(saved))


async def _own(connection: Connection, asking: Caller, search_id: UUID, if_match: str | None) -> repository.Saved:
    """The search as the client has seen it, held; raises NotFound, Changed, and Forbidden if it is another's."""
    saved = await repository.find(connection, asking, search_id, hold=True)
    if saved.owner != asking.name and not asking.may(Scope.MANAGE):
        raise Forbidden(NOT_YOURS.format(owner=saved.owner))
    require(if_match, version_of(saved), "search")
    return saved


def _require_may_share(asking: Caller, shared: bool | None) -> None:
    if shared and not asking.may(Scope.WRITE):
        raise Forbidden(NOT_SHARED)


async def _refuse_taken(connection: Connection, owner: str, name: str, search_id: UUID | None) -> None:
    known = await repository.named(connection, owner, name)
    if known and known.id != search_id:
        raise Conflict(f"There is a search “{known.name}” of {owner} already; take another name, or change that one.")


def place_of(cursor: str) -> tuple[str, UUID]:
    """The key and id after which to go on; raises Invalid."""
    try:
        key, search_id = json.loads(cursors.read_text(cursor))
        return str(key), UUID(search_id)
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid(cursors.FOREIGN) from error


def version_of(saved: repository.Saved) -> str:
    """The version of what people have set."""
    return version({name: getattr(saved, name) for name in ("name", "shared", "query")})
