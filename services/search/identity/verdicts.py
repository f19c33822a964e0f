"""Whether who asks may, and how it is said if not."""

from collections.abc import Collection
from dataclasses import dataclass

from services.search.identity.access import Access
from services.search.identity.callers import Caller, Means
from services.search.identity.roles import Role, Scope
from services.search.identity.shown import CSRF_HEADER


@dataclass(frozen=True)
class Refusal:
    """Status and sentence."""

    status: int
    sentence: str


UNKNOWN = {
    Means.NOTHING: "Sign in, or send an API key as `Authorization: Bearer <key>`.",
    Means.SESSION: "Your session has ended; sign in again.",
    Means.KEY: "This API key is not known here, has expired or was revoked; use another.",
}
FORGEABLE = Refusal(403, f"Send the header {CSRF_HEADER} with the `csrf_token` that GET /api/session tells.")
NO_KEYS = "This takes your own session and no API key; sign in first."


def unknown(means: Means) -> Refusal:
    """What is said to nobody that is known, by what was shown."""
    return Refusal(401, UNKNOWN[means])


def refusal(access: Access, caller: Caller) -> Refusal | None:
    """Why the caller, who is known, may not ask this; None if he may."""
    if access.role is None:
        return None
    if caller.role is None or not caller.role.covers(access.role):
        wanted = " or ".join(role for role in Role if role.covers(access.role))
        return Refusal(403, f"This takes the role {wanted}, and yours is {caller.role}; ask an administrator.")
    if access.scope is not None:
        return None if caller.may(access.scope) else lacking({access.scope}, caller)
    if caller.means is not Means.KEY or caller.scopes & access.key_scopes:
        return None
    return lacking(access.key_scopes, caller) if access.key_scopes else Refusal(403, NO_KEYS)


def lacking(wanted: Collection[Scope], caller: Caller) -> Refusal:
    """What is said to a key that was given less."""
    given = ", ".join(scope for scope in Scope if scope in caller.scopes) or "none that your role still has"
    return Refusal(403, f"This takes an API key with the scope {' or '.join(sorted(wanted))}; yours has {given}.")
