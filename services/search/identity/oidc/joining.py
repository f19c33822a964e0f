"""What a sign-in at the provider makes of a person's row: made at the first, kept like the provider's at every other."""

from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from services.search.identity import keys, people, sessions
from services.search.identity.oidc.claims import Profile
from services.search.identity.oidc.names import candidates
from services.search.identity.people import COLUMNS, Person
from services.search.identity.roles import Role
from shared.database import Connection
from shared.errors import Conflict

# Not as people are changed by hand: here the provider decides, also over who is the last administrator.
KEEP = f"""
    UPDATE people SET role = %(role)s, display_name = coalesce(%(display_name)s, display_name), email = %(email)s,
        version = version + ((role, display_name, email)
            IS DISTINCT FROM (%(role)s, coalesce(%(display_name)s, display_name), %(email)s))::integer
    WHERE id = %(id)s RETURNING {COLUMNS}
"""  # noqa: S608 - built of constants


@dataclass(frozen=True)
class Joined:
    """The person as they are now, and the role from before; none for who is new."""

    person: Person
    role_before: Role | None


async def joined(connection: Connection, issuer: str, profile: Profile, role: Role) -> Joined:
    """The person, with the role that the groups give now. Who is disabled stays as they are."""
    before = await people.vouched_for(connection, issuer, profile.subject)
    if before is None:
        return Joined(await made(connection, issuer, profile, role), None)
    if before.disabled_at is not None:
        return Joined(before, before.role)
    return Joined(await kept(connection, before, profile, role), before.role)


async def left(connection: Connection, issuer: str, profile: Profile) -> Person | None:
    """The person, whom no group gives a role any more: sessions and keys end, and the least role stays. None for a stranger."""
    person = await people.vouched_for(connection, issuer, profile.subject)
    if person is None:
        return None
    await sessions.end_all(connection, person.id)
    await keys.revoke_all(connection, person.id)
    return await kept(connection, person, profile, Role.VIEWER)


async def kept(connection: Connection, person: Person, profile: Profile, role: Role) -> Person:
    """The person as the provider tells it now."""
    values: dict[str, Any] = {"id": person.id, "role": role, "display_name": profile.display_name, "email": profile.email}
    async with connection.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(KEEP.encode(), values)
        now = await cursor.fetchone()
    assert now is not None  # people are never deleted
    return now


async def made(connection: Connection, issuer: str, profile: Profile, role: Role) -> Person:
    """A new person with a name that nobody has; raises Conflict if none is free."""
    for name in candidates(profile, issuer):
        try:
            async with connection.transaction():
                return await people.add(
                    connection,
                    name=name,
                    role=role,
                    display_name=profile.display_name,
                    email=profile.email,
                    issuer=issuer,
                    subject=profile.subject,
                )
        except Conflict:  # the name is taken, or the same person has just been made by another sign-in
            if person := await people.vouched_for(connection, issuer, profile.subject):
                return person
    raise Conflict("No name is free for you; ask who looks after Spillway to make one.")
