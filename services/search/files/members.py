"""Which files are in a set that people made: given and taken by ids or by a filter, for tags and collections alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from psycopg import sql
from pydantic import Field

from services.search.schemas import Schema
from shared import selection
from shared.database import Connection
from shared.errors import Invalid
from shared.selection import Filter

MOST = 10_000
"""Files that a request may name one by one: what is far from the largest body; beyond it, use a filter."""
NOT_ONE = "Say in one way which files to add: by `add`, or by a `filter` (an empty one means every file)."
NONE = "Say which files to add, by `add` or a `filter`, or which to `remove`."

# Files are held so that none goes between the choice and its row.
ADD = """
    INSERT INTO {table} ({owner}, file_id, added_by)
    SELECT %(owner)s, files.id, %(added_by)s FROM {files} ORDER BY {order} FOR KEY SHARE OF files
    ON CONFLICT DO NOTHING
"""
BY_IDS = "files JOIN unnest(%(ids)s::uuid[]) WITH ORDINALITY AS asked (id, place) ON asked.id = files.id"
REMOVE = "DELETE FROM {table} WHERE {owner} = %(owner)s AND file_id = ANY (%(ids)s::uuid[])"
NUMBER = "SELECT count(*) FROM {table} WHERE {owner} = %(owner)s"
NAMING = "SELECT pg_advisory_xact_lock(hashtextextended('naming of ' || %(sets)s, 0))"
KNOWN = "SELECT count(*) FROM files WHERE id = ANY (%(ids)s::uuid[])"


class Hold(StrEnum):
    """How a set is held until a transaction ends: not at all, so that it stays, so that nobody else changes it or its files."""

    NOT = ""
    STAYS = "FOR KEY SHARE"
    ALONE = "FOR UPDATE"


Ids = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST)]


class MembersAsk(Schema):
    """Which files to add and to remove; one that is in both is removed."""

    add: Ids | None = Field(None, description="Files, one by one, in this order.")
    filter: Filter | None = Field(None, description="In place of `add`: every file that matches; {} means all.")
    remove: Ids | None = None


class MembersChanged(Schema):
    """What came of it; files that were in before, or were not, do not count."""

    added: int
    removed: int
    unknown: int = Field(description="Of `add`: there is no file with this id.")
    files: int = Field(description="Files that are in now.")


async def naming(connection: Connection, sets: str) -> None:
    """Keep others from naming or removing such sets until the transaction ends: two of one name could come of it.

    The table itself stays free, as whoever changes a set's files holds its row first, and the table after it.
    """
    await connection.execute(NAMING, {"sets": sets})


@dataclass(frozen=True)
class Members:
    """A table of files in sets, and its column for the set."""

    table: str
    owner: str

    async def change(self, connection: Connection, owner: UUID, ask: MembersAsk, added_by: str) -> MembersChanged:
        """Add and remove files; raises Invalid unless it is said which, and in one way."""
        if ask.add is not None and ask.filter is not None:
            raise Invalid(NOT_ONE)
        if ask.add is None and ask.filter is None and ask.remove is None:
            raise Invalid(NONE)
        added = removed = 0
        if ask.add is not None or ask.filter is not None:
            added = await self.add(connection, owner, ask.filter if ask.add is None else ask.add, added_by)
        if ask.remove is not None:
            removed = await self.remove(connection, owner, ask.remove)
        unknown = await unknown_of(connection, ask.add) if ask.add else 0
        return MembersChanged(added=added, removed=removed, unknown=unknown, files=await self.number(connection, owner))

    async def add(self, connection: Connection, owner: UUID, which: Filter | Sequence[UUID] | None, added_by: str) -> int:
        """Add the files that match, or these in their order; how many were not in before."""
        files, order, values = chosen(which)
        statement = self._statement(ADD, files=files, order=order)
        cursor = await connection.execute(statement, {**values, "owner": owner, "added_by": added_by})
        return cursor.rowcount

    async def remove(self, connection: Connection, owner: UUID, ids: Sequence[UUID]) -> int:
        """Remove these files; how many were in before."""
        cursor = await connection.execute(self._statement(REMOVE), {"owner": owner, "ids": list(ids)})
        return cursor.rowcount

    async def number(self, connection: Connection, owner: UUID) -> int:
        """Files that are in."""
        cursor = await connection.execute(self._statement(NUMBER), {"owner": owner})
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    def _statement(self, template: str, **parts: sql.Composable) -> sql.Composed:
        return sql.SQL(template).format(table=sql.Identifier(self.table), owner=sql.Identifier(self.owner), **parts)


def chosen(which: Filter | Sequence[UUID] | None) -> tuple[sql.Composable, sql.Composable, dict[str, Any]]:
    """Rows of `files` as a part of a statement, their order, and the values that are named."""
    if isinstance(which, Filter) or which is None:
        condition, values = selection.conditions(which or Filter())
        return sql.SQL("files WHERE {}").format(condition), sql.SQL("files.id"), values
    return sql.SQL(BY_IDS), sql.SQL("asked.place"), {"ids": list(which)}


async def unknown_of(connection: Connection, ids: Sequence[UUID]) -> int:
    """How many of these ids no file has."""
    different = set(ids)
    cursor = await connection.execute(KNOWN, {"ids": list(different)})
    row = await cursor.fetchone()
    assert row is not None
    return len(different) - int(row[0])
