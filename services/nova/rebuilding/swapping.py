"""Puts the shadow tables in the place of the others, all at once."""

from collections.abc import Sequence
from uuid import UUID

from psycopg import errors, sql

from services.nova.rebuilding import shadow
from services.nova.rebuilding.plans import CalledOff, InTheWay
from services.nova.rebuilding.shadow import Busy, refused
from services.nova.rebuilding.shape import LIVE, REPLACED, SHADOW, TABLES
from shared import embedders
from shared.contracts import RebuildCompleted
from shared.effects import Effect
from shared.errors import Transient

RUNS = "SELECT FROM jobs WHERE id = %(id)s AND state = 'running' FOR UPDATE"


async def hold_writers(effect: Effect, tries: int) -> None:
    """Keep others from storing vectors until the transaction ends; raises Busy."""
    with refused():
        await shadow.wait_briefly(effect.connection, tries)
        await embedders.take(effect.connection)


async def swap(effect: Effect, job_id: UUID, models: list[str], tries: int) -> None:
    """Let searches find the new tables from the end of the transaction on, in which the job ends.

    Raises Busy if somebody uses the tables, or has changed something that is not in the new ones; CalledOff; InTheWay;
    Transient if other embedders are in use than those whose vectors were gathered.
    """
    connection = effect.connection
    await hold_writers(effect, tries)
    with refused():
        there = [table for table in TABLES if table in await shadow.present(connection)]
        for schema, tables in ((LIVE, there), (SHADOW, TABLES)):
            for table in tables:
                name = sql.Identifier(schema, table)
                await connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(name))
        if await shadow.are_changes(connection):
            raise Busy("Something was changed just now.")
        if (await connection.execute(RUNS, {"id": job_id})).rowcount == 0:
            raise CalledOff
        if [row.model for row in await embedders.in_use(connection)] != models:
            raise Transient("Other embedders are in use since just now; the tables are filled for them.")
        await _change_places(effect, there)
        sums = await shadow.sums(connection)
        await shadow.drop(connection)
    await effect.emit(RebuildCompleted(job_id=job_id, done=sums.built, skipped=0, failed=0))


async def _change_places(effect: Effect, there: Sequence[str]) -> None:
    connection = effect.connection
    await connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(REPLACED)))
    move = sql.SQL("ALTER TABLE {} SET SCHEMA {}")
    for table in there:
        await connection.execute(move.format(sql.Identifier(LIVE, table), sql.Identifier(REPLACED)))
    try:
        for table in TABLES:
            await connection.execute(move.format(sql.Identifier(SHADOW, table), sql.Identifier(LIVE)))
    except (errors.DuplicateTable, errors.DuplicateObject) as error:
        raise InTheWay(error) from error
