"""Sign-in by password: a try counts before it is made, all that fails is answered alike, and each session is a new one."""

import math
from datetime import datetime
from uuid import UUID

from fastapi import HTTPException, Request, Response

from services.search.identity import passwords, people, sessions, throttle, tokens
from services.search.identity.people import Person
from services.search.identity.sessions import Begun
from services.search.resources import Resources
from services.search.settings import SearchSettings
from shared.clock import utc_now
from shared.database import Connection

WRONG = "The name or the password is not right."
NO_PASSWORDS = "Passwords are switched off here; sign in by the service that the sign-in page names."


async def by_password(resources: Resources, request: Request, name: str, password: str) -> tuple[Person, Begun]:
    """The person and a new session; raises 401 if either is wrong, 429 for who has to wait, 403 where none are taken."""
    if not resources.takes_passwords:
        raise HTTPException(403, NO_PASSWORDS)
    now, database = utc_now(), resources.platform.database
    await begin_try(resources, name, address_of(request), now)
    async with database.connection() as connection:
        found = await people.password_of(connection, name)
    person_id, kept = found or (None, None)
    if not await resources.passwords.fits(kept, password) or person_id is None or kept is None:
        raise HTTPException(401, WRONG, {"WWW-Authenticate": "Bearer"})
    newer = await resources.passwords.hashed(password) if passwords.is_outdated(kept) else None
    async with database.transaction() as connection:
        if await people.lock_password(connection, person_id) != kept:  # changed or disabled while it was compared
            raise HTTPException(401, WRONG, {"WWW-Authenticate": "Bearer"})
        if newer:
            await people.set_password(connection, person_id, newer)
        await end_try(connection, name, request)
        return await people.find(connection, person_id), await begin_session(
            connection, person_id, request, resources.settings, now
        )


async def begin_try(resources: Resources, name: str, address: str, now: datetime) -> None:
    """Count a try of a password as one that fails, until `end_try`; raises 429 for who has to wait."""
    async with resources.platform.database.transaction() as connection:
        wait = await throttle.begin(connection, name, address, now)
    if wait:
        seconds = math.ceil(wait.total_seconds())
        sentence = f"There were too many tries that failed. Wait {seconds} s, as Retry-After says, and try again."
        raise HTTPException(429, sentence, {"Retry-After": str(seconds)})


async def end_try(connection: Connection, name: str, request: Request) -> None:
    """Take the try back, as the password was right."""
    await throttle.succeed(connection, name, address_of(request), utc_now())


async def begin_session(
    connection: Connection, person_id: UUID, request: Request, settings: SearchSettings, now: datetime
) -> Begun:
    """A session of somebody who has shown who he is, in the transaction that says so; `set_cookie` tells the browser."""
    return await sessions.begin(
        connection,
        person_id,
        now=now,
        lasts=settings.session_lasts,
        address=address_of(request),
        user_agent=request.headers.get("user-agent"),
    )


def set_cookie(response: Response, begun: Begun, settings: SearchSettings) -> None:
    """Have the browser keep the session's secret, out of reach of scripts and of what other sites send."""
    response.set_cookie(
        settings.session_cookie,
        begun.token,
        max_age=int(settings.session_lasts.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.is_public_by_https,
    )


def clear_cookie(response: Response, settings: SearchSettings) -> None:
    """Have the browser forget the session."""
    response.delete_cookie(settings.session_cookie, path="/", httponly=True, samesite="lax", secure=settings.is_public_by_https)


def csrf_token(request: Request, settings: SearchSettings) -> str | None:
    """The token of the session that the request shows."""
    token = request.cookies.get(settings.session_cookie)
    return tokens.csrf_token(token) if token else None


def address_of(request: Request) -> str:
    """Where a request is from."""
    return request.client.host if request.client else ""
