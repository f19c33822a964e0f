"""Who asks: a person, by a session or by a key, or nobody that is known."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.search.identity.roles import ALLOWED, Role, Scope
from shared.analyses import NOBODY


class Means(StrEnum):
    """By what a caller is known."""

    SESSION = "session"
    KEY = "key"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Caller:
    """Who asks, and what this way of asking allows; `name` is what ledgers and logs keep of a person.

    `means_id` is the session's or the key's. What has `expires_at` behind it is nobody's any more.
    """

    name: str
    means: Means
    person_id: UUID | None = None
    means_id: UUID | None = None
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    expires_at: datetime | None = None

    def may(self, scope: Scope) -> bool:
        """Whether the role has this scope, and the key, if it is one, was given it."""
        return self.role is not None and scope in ALLOWED[self.role] and scope in self.scopes


NO_CALLER = Caller("nobody", Means.NOTHING)
"""Who shows neither a session nor a key."""
NO_NAMES = frozenset({NO_CALLER.name, NOBODY})
"""What nobody can be called: it stands in ledgers and logs for who is not known, and for what is done unasked."""
