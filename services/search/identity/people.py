"""The rows of people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from services.search.identity.callers import NO_NAMES
from services.search.identity.roles import Role
from shared.database import Connection
from shared.errors import Conflict, NotFound
from shared.identifiers import new_id

COLUMNS = """
    id, name, display_name, email, role, password_hash IS NOT NULL AS has_password, issuer,
    created_at, disabled_at, last_seen_at, version
"""

ADD = sql.SQL("""
    INSERT INTO people (id, name, display_name, email, role, password_hash, issuer, subject)
    VALUES (%(id)s, %(name)s, %(display_name)s, %(email)s, %(role)s, %(password_hash)s, %(issuer)s, %(subject)s)
    RETURNING {}
""").format(sql.SQL(COLUMNS))

CHANGE = sql.SQL("""
    UPDATE people SET role = coalesce(%(role)s, role), display_name = coalesce(%(display_name)s, display_name),
        email = CASE WHEN %(email)s::text IS NULL THEN email ELSE nullif(%(email)s, '') END,
        disabled_at = CASE %(disabled)s::boolean WHEN true THEN coalesce(disabled_at, now()) WHEN false THEN NULL
                      ELSE disabled_at END,
        version = version + 1
    WHERE id = %(id)s RETURNING {}
""").format(sql.SQL(COLUMNS))

PEOPLE = sql.SQL("SELECT {} FROM people ").format(sql.SQL(COLUMNS))

# The rows stay locked: of two that demote each other at once, the second sees what the first has done.
ACTIVE_ADMINS = "SELECT id FROM people WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id FOR UPDATE"

BY_NAME = "SELECT id, password_hash FROM people WHERE name = %(name)s AND disabled_at IS NULL"
LOCKED = "SELECT password_hash FROM people WHERE id = %(id)s AND disabled_at IS NULL FOR UPDATE"


@dataclass(frozen=True)
class Person:
    """A person, as everything but the password tells it."""

    id: UUID
    name: str
    display_name: str
    email: str | None
    role: Role
    has_password: bool
    issuer: str | None
    created_at: datetime
    disabled_at: datetime | None
    last_seen_at: datetime | None
    version: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", Role(self.role))


async def people(connection: Connection) -> list[Person]:
    """Everybody, by name."""
    async with connection.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(PEOPLE + sql.SQL("ORDER BY name"))
        return await cursor.fetchall()


async def is_nobody_there(connection: Connection) -> bool:
    """Whether there are no people at all."""
    cursor = await connection.execute("SELECT NOT EXISTS (SELECT FROM people)")
    row = await cursor.fetchone()
    assert row is not None
    return bool(row[0])


async def find(connection: Connection, person_id: UUID, *, lock: bool = False) -> Person:
    """The person, kept as it is until the transaction ends if so asked; raises NotFound."""
    person = await _one(connection, "WHERE id = %(who)s FOR UPDATE" if lock else "WHERE id = %(who)s", person_id)
    if person is None:
        raise NotFound("person", person_id)
    return person


async def named(connection: Connection, name: str) -> Person | None:
    """The person with this name."""
    return await _one(connection, "WHERE name = %(who)s", name)


async def vouched_for(connection: Connection, issuer: str, subject: str) -> Person | None:
    """The person whom another service knows so."""
    return await _one(connection, "WHERE issuer = %(issuer)s AND subject = %(who)s", subject, issuer=issuer)


async def add(
    connection: Connection,
    *,
    name: str,
    role: Role,
    display_name: str | None = None,
    email: str | None = None,
    password_hash: str | None = None,
    issuer: str | None = None,
    subject: str | None = None,
) -> Person:
    """A new person; raises Conflict if the name is taken or cannot be, or somebody is vouched for so already."""
    if name in NO_NAMES:
        raise Conflict(f"{name} stands in ledgers and logs for who is not known; give the person another name.")
    values: dict[str, Any] = {
        "id": new_id(),
        "name": name,
        "display_name": display_name or name,
        "email": email,
        "role": role,
        "password_hash": password_hash,
        "issuer": issuer,
        "subject": subject,
    }
    async with connection.cursor(row_factory=class_row(Person)) as cursor:
        try:
            await cursor.execute(ADD, values)
        except UniqueViolation as error:
            raise Conflict(f"There is somebody called {name} already; people are told apart by their names.") from error
        person = await cursor.fetchone()
    assert person is not None
    return person


async def change(
    connection: Connection,
    person_id: UUID,
    *,
    role: Role | None = None,
    display_name: str | None = None,
    email: str | None = None,
    disabled: bool | None = None,
) -> Person:
    """Set what is not None, an email to none if it is empty; raises NotFound, and Conflict for the last administrator."""
    if (disabled or role not in (None, Role.ADMIN)) and await lock_admins(connection) == [person_id]:
        raise Conflict("This is the last active administrator; make somebody else one first.")
    values = {"id": person_id, "role": role, "display_name": display_name, "email": email, "disabled": disabled}
    async with connection.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(CHANGE, values)
        person = await cursor.fetchone()
    if person is None:
        raise NotFound("person", person_id)
    return person


async def lock_admins(connection: Connection) -> list[UUID]:
    """The active administrators, who stay so until the transaction ends; to be called before any one person is locked."""
    cursor = await connection.execute(ACTIVE_ADMINS)
    return [row[0] for row in await cursor.fetchall()]


async def password_of(connection: Connection, name: str) -> tuple[UUID, str | None] | None:
    """Id and hash of who may sign in so; None for nobody, and for who is disabled."""
    row = await (await connection.execute(BY_NAME, {"name": name})).fetchone()
    return (row[0], row[1]) if row else None


async def lock_password(connection: Connection, person_id: UUID) -> str | None:
    """The hash, which stays as it is until the transaction ends; None for who has none, or is disabled."""
    row = await (await connection.execute(LOCKED, {"id": person_id})).fetchone()
    return row[0] if row else None


async def set_password(connection: Connection, person_id: UUID, password_hash: str) -> None:
    """Replace the password; raises NotFound."""
    statement = "UPDATE people SET password_hash = %(hash)s WHERE id = %(id)s"
    cursor = await connection.execute(statement, {"hash": password_hash, "id": person_id})
    if cursor.rowcount == 0:
        raise NotFound("person", person_id)


async def _one(connection: Connection, condition: LiteralString, who: UUID | str, **values: str) -> Person | None:
    async with connection.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(PEOPLE + sql.SQL(condition), {"who": who, **values})
        return await cursor.fetchone()
