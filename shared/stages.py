"""How far each file is: one row per file and stage, settled once per revision and run.

On a revision's first way through, a stage is pending from the start and no run is noted. A job or an edit can have it run
again: it is pending for that run then, only that run's events settle it, and what follows from its result runs again too.
"""

from collections.abc import Sequence
from uuid import UUID

from shared import batches
from shared.contracts import FileEvent, Stage, StageState
from shared.database import Connection
from shared.errors import Superseded

WANTED = """
    file_id = %(file_id)s AND revision = %(revision)s AND stage = %(stage)s AND state = 'pending'
    AND run_id IS NOT DISTINCT FROM %(run_id)s
"""

PENDING = f"SELECT FROM file_stages WHERE {WANTED}"

SETTLE = f"""
    UPDATE file_stages SET state = %(state)s, reason = %(reason)s, settled_at = now(), prior = NULL WHERE {WANTED}
"""  # noqa: S608 - the condition is ours

# Rows are locked in the order of their ids, and before the items and jobs that depend on them: so no two wait for each other.
HOLD = """
    SELECT file_id, revision, state, run_id FROM file_stages
    WHERE file_id = ANY(%(file_ids)s::uuid[]) AND stage = %(stage)s ORDER BY file_id FOR NO KEY UPDATE
"""

# A job that gives way is over for the file: undoing what took its place undoes it as well. A stage that waited for what
# follows from another run, or from an edit, waits for that again.
REOPEN = """
    UPDATE file_stages SET state = 'pending', reason = NULL, settled_at = NULL, run_id = %(run_id)s,
        revision = (SELECT revision FROM files WHERE files.id = file_id),
        prior = CASE WHEN prior IS NOT NULL AND EXISTS (SELECT FROM jobs WHERE id = run_id AND kind = stage) THEN prior
            ELSE jsonb_build_object('state', state, 'reason', reason, 'settled_at', settled_at, 'run_id', run_id,
                                    'revision', revision) END
    WHERE file_id = ANY(%(file_ids)s::uuid[]) AND stage = %(stage)s AND state = ANY(%(states)s::text[])
"""

RESTORE = """
    WITH waiting AS (
        SELECT file_id FROM file_stages
        WHERE stage = %(stage)s AND state = 'pending' AND run_id = %(run_id)s AND prior IS NOT NULL
        ORDER BY file_id FOR NO KEY UPDATE
    )
    UPDATE file_stages SET state = prior->>'state', reason = prior->>'reason',
        settled_at = (prior->>'settled_at')::timestamptz, run_id = (prior->>'run_id')::uuid,
        revision = (prior->>'revision')::integer, prior = NULL
    FROM waiting WHERE file_stages.file_id = waiting.file_id AND stage = %(stage)s
"""

FOLLOWING: dict[Stage, tuple[Stage, frozenset[StageState]]] = {
    Stage.PROXY: (Stage.TRANSCRIBE, frozenset({StageState.PENDING, StageState.FAILED, StageState.SKIPPED})),
    Stage.TRANSCRIBE: (Stage.ANALYSE, frozenset(StageState)),
    Stage.ANALYSE: (Stage.EMBED, frozenset(StageState)),
}
"""Which stage runs again after another has, and in which states: new renditions of the same content say nothing new, so a
transcript that is there stays, but a new transcript is to be read and found."""


async def settle(connection: Connection, event: FileEvent, stage: Stage, state: StageState, reason: str | None = None) -> None:
    """Note a stage's final state; raises Superseded if the event's revision or run is old, or the stage is settled.

    What a rerun settles is noted at the job that asked for it, and the stage after it is reopened for the caller's next event.
    """
    values = {**_of(event, stage), "state": state, "reason": reason}
    cursor = await connection.execute(SETTLE, values)
    if cursor.rowcount == 0:
        raise Superseded(event.file_id, event.revision)
    if event.run_id is not None:
        await batches.settle_item(connection, event.run_id, stage, event.file_id, state, reason)
        if stage in FOLLOWING:
            after, states = FOLLOWING[stage]
            await reopen(connection, after, [event.file_id], event.run_id, states=states)


async def reopen(
    connection: Connection,
    stage: Stage,
    file_ids: Sequence[UUID],
    run_id: UUID,
    *,
    states: frozenset[StageState] = frozenset(StageState),
) -> None:
    """Have a stage of these files wait for the events of a run, if it is in one of these states; earlier runs give way."""
    values = {"stage": stage, "file_ids": list(file_ids), "run_id": run_id, "states": sorted(states)}
    await connection.execute(HOLD, values)
    if StageState.PENDING in states:
        await batches.give_way(connection, stage, file_ids, run_id)
    await connection.execute(REOPEN, values)


async def restore(connection: Connection, stage: Stage, run_id: UUID) -> int:
    """Make a stage what it was before a run that is called off, for the files that still wait; answers with their number."""
    cursor = await connection.execute(RESTORE, {"stage": stage, "run_id": run_id})
    return cursor.rowcount


async def require_pending(connection: Connection, event: FileEvent, stage: Stage) -> None:
    """Raise Superseded unless the stage waits for this event's run."""
    cursor = await connection.execute(PENDING, _of(event, stage))
    if cursor.rowcount == 0:
        raise Superseded(event.file_id, event.revision)


def _of(event: FileEvent, stage: Stage) -> dict[str, object]:
    return {"file_id": event.file_id, "revision": event.revision, "stage": stage, "run_id": event.run_id}
