"""Routes of API keys: one's own, made from a session, or by a key that may manage people."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Response

from services.search.audit.notes import Noting
from services.search.identity import keys, people
from services.search.identity.asking import Asking
from services.search.identity.keys import Key
from services.search.identity.lives import expiry
from services.search.identity.roles import Scope
from services.search.identity.schemas import KeyMade, Keys, KeyTold, NewKey
from services.search.resources import Provided
from shared.clock import utc_now
from shared.database import Connection
from shared.errors import Invalid, NotFound

router = APIRouter(prefix="/api/keys", tags=["identity"])


@router.get("")
async def list_keys(
    resources: Provided,
    asking: Asking,
    person: Annotated[str | None, Query(max_length=100, description="Whose, by name or id; one's own, unless given.")] = None,
) -> Keys:
    """Keys, also those that work no more; those of others only for who may manage people."""
    assert asking.person_id is not None
    async with resources.platform.database.connection() as connection:
        meant = await _meant(connection, person) if person else asking.person_id
        if meant != asking.person_id and not asking.may(Scope.MANAGE):
            raise HTTPException(403, "Only an administrator sees the keys of others.")
        if meant is None:
            raise NotFound("person", person)
        return Keys(keys=[told(key) for key in await keys.keys(connection, meant)])


@router.post("", status_code=201)
async def make_key(resources: Provided, asking: Asking, notes: Noting, ask: NewKey) -> KeyMade:
    """Make a key that may do as much as who asks, or less; it is told this once."""
    assert asking.person_id is not None
    if more := ask.scopes - asking.scopes:
        raise Invalid(f"You may give a key only what you may do yourself; leave out {', '.join(sorted(more))}.")
    ends = expiry(utc_now(), days=ask.days, until=ask.expires_at, is_until_given="expires_at" in ask.model_fields_set)
    async with resources.platform.database.transaction() as connection:
        key_id, secret = await keys.add(connection, asking.person_id, name=ask.name, scopes=ask.scopes, expires_at=ends)
        made = told(await keys.find(connection, key_id))
    notes.add(key_id=made.id, prefix=made.prefix, expires_at=made.expires_at)
    return KeyMade(key=made, secret=secret)


@router.delete("/{key_id}", status_code=204)
async def revoke_key(resources: Provided, asking: Asking, key_id: UUID) -> Response:
    """Have a key work no more; those of others only for who may manage people."""
    async with resources.platform.database.transaction() as connection:
        owner = await keys.revoke(connection, key_id, of=None if asking.may(Scope.MANAGE) else asking.person_id)
    resources.known.forget(owner)
    return Response(status_code=204)


async def _meant(connection: Connection, written: str) -> UUID | None:
    """The person with this name or id; None for nobody."""
    try:
        return UUID(written)
    except ValueError:
        found = await people.named(connection, written)
        return found.id if found else None


def told(key: Key) -> KeyTold:
    """A key as the API tells it."""
    scopes = [Scope(scope) for scope in key.scopes]
    return KeyTold(**{**vars(key), "prefix": f"spw_{key.prefix}", "scopes": scopes})
