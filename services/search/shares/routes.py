"""Routes of share links, for who may make them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.search.http import cursors
from services.search.http.idempotency import Key
from services.search.http.versions import IfMatch
from services.search.identity.asking import Asking
from services.search.resources import Provided
from services.search.shares import making, repository
from services.search.shares.schemas import MadeShare, NewShare, Share, ShareChange, Shares
from services.search.shares.tokens import ID_BYTES
from shared.errors import Invalid

router = APIRouter(prefix="/api/shares", tags=["shares"])


@router.post("", status_code=201)
async def make_share(resources: Provided, request: Request, wanted: NewShare, asking: Asking, key: Key = None) -> MadeShare:
    """Make a link to a file, or to a span of it, for people who have no account here. It is told now and never again."""
    share = await making.make(resources, wanted, asking, key)
    token = await resources.signer.token_of(share.id)
    base = resources.settings.public_url or str(request.base_url)
    return MadeShare.model_validate({**making.told(share), "link": f"{base.rstrip('/')}/s#{token}"})


@router.get("")
async def list_shares(
    resources: Provided,
    file_id: Annotated[UUID | None, Query(description="Only links to this file.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> Shares:
    """Links that were made, the latest first: how they stand, and how often they were used."""
    after = read_cursor(cursor) if cursor else None
    async with resources.platform.database.connection() as connection:
        found = await repository.page(connection, file_id, after=after, limit=limit + 1)
    shares = [Share.model_validate(making.told(share)) for share in found[:limit]]
    return Shares(shares=shares, next_cursor=cursors.write_place(shares[-1].id.bytes) if len(found) > limit else None)


@router.get("/{share_id}")
async def get_share(resources: Provided, share_id: UUID) -> Share:
    """How a link stands."""
    async with resources.platform.database.connection() as connection:
        return Share.model_validate(making.told(await repository.find(connection, share_id)))


@router.patch("/{share_id}")
async def change_share(
    resources: Provided, share_id: UUID, wanted: ShareChange, asking: Asking, if_match: IfMatch = None
) -> Share:
    """Change a link's label or end; it stays the same link."""
    return Share.model_validate(making.told(await making.change(resources, share_id, wanted, if_match, asking)))


@router.delete("/{share_id}", status_code=204)
async def revoke_share(resources: Provided, share_id: UUID) -> Response:
    """Let a link open nothing from now on; addresses of bytes that it gave out before work for a quarter of an hour at most."""
    async with resources.platform.database.connection() as connection:
        await repository.revoke(connection, share_id)
    return Response(status_code=204)


def read_cursor(cursor: str) -> UUID:
    """The last link of a page; raises Invalid."""
    place = cursors.read_place(cursor)
    if len(place) != ID_BYTES:
        raise Invalid(cursors.FOREIGN)
    return UUID(bytes=place)
