"""SQL of the files that a request for analyses names."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from shared.contracts import Kind, Stage
from shared.database import Connection
from shared.errors import NotFound

MEANT = """
    SELECT id, path, kind, EXISTS (
        SELECT FROM file_stages
        WHERE file_id = files.id AND stage = ANY(%(stages)s::text[]) AND state = 'pending' AND run_id IS NULL
    ) AS first_way
    FROM files WHERE id = ANY(%(ids)s::uuid[]) ORDER BY id
"""

UP_TO = list(Stage)[: list(Stage).index(Stage.ANALYSE) + 1]
"""Stages that come by themselves and end with an analysis."""


@dataclass(frozen=True)
class Meant:
    """A file, and whether its analysis is still to come by itself."""

    id: UUID
    path: str
    kind: Kind
    first_way: bool


async def meant(connection: Connection, file_ids: Sequence[UUID]) -> list[Meant]:
    """The files with these ids; raises NotFound if there is one less."""
    async with connection.cursor(row_factory=class_row(Meant)) as cursor:
        await cursor.execute(MEANT, {"ids": list(file_ids), "stages": list(map(str, UP_TO))})
        found = await cursor.fetchall()
    known = {one.id for one in found}
    if unknown := next((file_id for file_id in file_ids if file_id not in known), None):
        raise NotFound("file", unknown)
    return found
