"""Who may do what: three roles, and the scopes by which a key may be allowed less than its owner."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is to this installation, from the least to the most."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether who has this role may do what the other may."""
        return ORDER.index(self) >= ORDER.index(other)


ORDER = tuple(Role)


class Scope(StrEnum):
    """Kinds of things that can be done."""

    READ = "read"
    """Search, look, play, export."""
    WRITE = "write"
    """Change the library: imports, uploads, transcripts, tags; what runs here and costs nothing."""
    SPEND = "spend"
    """Ask for what AWS is paid for."""
    MANAGE = "manage"
    """People, budgets, the event log and dead letters."""


ALLOWED: Mapping[Role, frozenset[Scope]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.EDITOR: frozenset({Scope.READ, Scope.WRITE, Scope.SPEND}),
    Role.ADMIN: frozenset(Scope),
}
"""The scopes of each role."""
