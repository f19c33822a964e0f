"""The end of a sign-in, once the provider has said who it is: the person's row, a session, and a line in the audit log."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from structlog.contextvars import get_contextvars

from services.search.audit import repository as audit
from services.search.audit.intents import intent_of
from services.search.audit.notes import Notes
from services.search.audit.secrets import KeptBody
from services.search.identity import signing_in
from services.search.identity.callers import Caller, Means
from services.search.identity.oidc.claims import Profile
from services.search.identity.oidc.joining import joined, left
from services.search.identity.oidc.refusals import ANSWERS, Reason
from services.search.identity.people import Person
from services.search.identity.roles import Role
from services.search.identity.sessions import Begun
from services.search.settings import SearchSettings
from shared.clock import utc_now
from shared.database import Connection

DONE = 303
"""The status of a sign-in that ended well: the browser is sent on."""


@dataclass(frozen=True)
class Landed:
    """What became of a sign-in: a person with a session, or why there is none."""

    person: Person | None
    session: Begun | None = None
    refused: Reason | None = None


async def land(
    connection: Connection,
    request: Request,
    settings: SearchSettings,
    *,
    issuer: str,
    profile: Profile,
    role: Role | None,
) -> Landed:
    """Give the person the role of now, and a session if they may have one; all of it is there or none."""
    if role is None:
        person = await left(connection, issuer, profile)
        landed = Landed(person, refused=Reason.NO_ROLE)
        await write_down(connection, request, landed, issuer=issuer, subject=profile.subject)
        return landed
    came = await joined(connection, issuer, profile, role)
    if came.person.disabled_at is not None:
        landed = Landed(came.person, refused=Reason.DISABLED)
    else:
        landed = Landed(came.person, await signing_in.begin_session(connection, came.person.id, request, settings, utc_now()))
    before = came.role_before
    changed = before if before != came.person.role else None
    noted = {"role": came.person.role, "role_before": changed, "is_new": True if before is None else None}
    await write_down(connection, request, landed, issuer=issuer, subject=profile.subject, **noted)
    return landed


async def write_down(connection: Connection, request: Request, landed: Landed, **noted: Any) -> None:
    """Write the audit log's entry.

    The route does so itself, and only for who the provider vouches for: it answers anybody, so that otherwise anybody could
    fill the log.
    """
    person, session = landed.person, landed.session
    caller = Caller(
        name=person.name if person else "nobody",
        means=Means.SESSION if session else Means.NOTHING,
        person_id=person.id if person else None,
        means_id=session.id if session else None,
    )
    notes = Notes()
    notes.add(signs_in_by="oidc", refused=landed.refused, **noted)
    intent = intent_of(request.scope, caller, request.url.path, KeptBody(), get_contextvars().get("request_id"))
    status = ANSWERS[landed.refused][0] if landed.refused else DONE
    await audit.end(connection, await audit.begin(connection, intent), caller, status, notes.facts)
