"""Routes of one's own sessions and password."""

from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response

from services.search.audit.notes import Noting
from services.search.identity import people, sessions, signing_in
from services.search.identity.asking import Asking
from services.search.identity.callers import Caller, Means
from services.search.identity.people_routes import told
from services.search.identity.roles import Scope
from services.search.identity.schemas import PasswordChange, Sessions, SessionTold, SignedIn, SignIn, WhoIAm
from services.search.identity.tokens import csrf_token
from services.search.resources import Provided, Resources
from shared.clock import utc_now
from shared.errors import Conflict, Invalid

router = APIRouter(prefix="/api", tags=["identity"])


@router.post("/session")
async def sign_in(resources: Provided, request: Request, response: Response, notes: Noting, ask: SignIn) -> SignedIn:
    """Sign in by name and password; the answer sets a cookie. Who fails often has to wait (429)."""
    person, begun = await signing_in.by_password(resources, request, ask.name, ask.password)
    signing_in.set_cookie(response, begun, resources.settings)
    request.scope["caller"] = Caller(person.name, Means.SESSION, person.id, begun.id, person.role)  # for the audit log
    notes.add(signs_in_by="password", person_id=person.id, session_id=begun.id)
    return SignedIn(person=told(person), csrf_token=csrf_token(begun.token), expires_at=begun.expires_at)


@router.get("/session")
async def who_am_i(resources: Provided, request: Request, response: Response, asking: Asking) -> WhoIAm:
    """Who asks, and what he may; 401 for nobody that is known."""
    response.headers["Cache-Control"] = "no-store"  # the token is not to lie in the browser's cache
    assert asking.person_id is not None
    assert asking.role is not None
    async with resources.platform.database.connection() as connection:
        person = await people.find(connection, asking.person_id)
    return WhoIAm(
        person=told(person),
        role=asking.role,
        scopes=[scope for scope in Scope if asking.may(scope)],
        means=asking.means,
        csrf_token=signing_in.csrf_token(request, resources.settings) if asking.means is Means.SESSION else None,
        expires_at=asking.expires_at,
    )


@router.delete("/session", status_code=204)
async def sign_out(resources: Provided, asking: Asking) -> Response:
    """End the session that asks."""
    assert asking.means_id is not None
    await _end(resources, asking, asking.means_id)
    response = Response(status_code=204)
    signing_in.clear_cookie(response, resources.settings)
    return response


@router.get("/sessions")
async def list_sessions(resources: Provided, asking: Asking) -> Sessions:
    """One's own sessions that go on."""
    assert asking.person_id is not None
    now, idle = utc_now(), resources.settings.session_idle
    async with resources.platform.database.connection() as connection:
        found = await sessions.sessions(connection, asking.person_id, now=now, idle=idle)
    return Sessions(sessions=[SessionTold(**vars(one), current=one.id == asking.means_id) for one in found])


@router.delete("/sessions", status_code=204)
async def end_other_sessions(resources: Provided, asking: Asking) -> Response:
    """End all of one's own sessions but the one that asks."""
    assert asking.person_id is not None
    async with resources.platform.database.transaction() as connection:
        await sessions.end_all(connection, asking.person_id, but=asking.means_id)
    resources.known.forget(asking.person_id)
    return Response(status_code=204)


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(resources: Provided, asking: Asking, session_id: UUID) -> Response:
    """End one of one's own sessions."""
    await _end(resources, asking, session_id)
    return Response(status_code=204)


@router.put("/session/password", status_code=204)
async def change_password(resources: Provided, request: Request, asking: Asking, ask: PasswordChange) -> Response:
    """Change one's own password, and end all other sessions."""
    assert asking.person_id is not None
    if ask.new == ask.current:
        raise Invalid("The new password is the old one; think of another.")
    await signing_in.begin_try(resources, asking.name, signing_in.address_of(request), utc_now())
    async with resources.platform.database.connection() as connection:
        found = await people.password_of(connection, asking.name)
    kept = found[1] if found else None
    if kept is None:
        raise Conflict("You sign in elsewhere and have no password here; an administrator can give you one.")
    if not await resources.passwords.fits(kept, ask.current):
        raise HTTPException(403, "The current password is not right.")
    newer = await resources.passwords.hashed(ask.new)
    async with resources.platform.database.transaction() as connection:
        if await people.lock_password(connection, asking.person_id) != kept:
            raise Conflict("Your password was changed meanwhile.")
        await people.set_password(connection, asking.person_id, newer)
        await sessions.end_all(connection, asking.person_id, but=asking.means_id)
        await signing_in.end_try(connection, asking.name, request)
    resources.known.forget(asking.person_id)
    return Response(status_code=204)


async def _end(resources: Resources, asking: Caller, session_id: UUID) -> None:
    assert asking.person_id is not None
    async with resources.platform.database.transaction() as connection:
        await sessions.end(connection, asking.person_id, session_id)
    resources.known.forget(asking.person_id)
