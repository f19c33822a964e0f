"""Files of which a stage failed: whoever imports one again, or brings it back, wants that stage tried again."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from shared import stages
from shared.contracts import Kind, Stage
from shared.effects import Effect
from shared.topology import REQUESTS

FAILED = """
    SELECT DISTINCT ON (file_id) file_id, stage, files.revision, files.kind
    FROM file_stages JOIN files ON files.id = file_id
    WHERE file_id = ANY(%(ids)s) AND state = 'failed' ORDER BY file_id, array_position(%(order)s::text[], stage)
"""


@dataclass(frozen=True)
class Failed:
    """The first stage of a file that failed."""

    file_id: UUID
    stage: Stage
    revision: int
    kind: Kind


async def try_again(effect: Effect, files: Sequence[UUID], run_id: UUID) -> None:
    """Ask for the first stage that failed of each of these files, if one did; what is done stays."""
    async with effect.connection.cursor(row_factory=class_row(Failed)) as cursor:
        await cursor.execute(FAILED, {"ids": list(files), "order": list(Stage)})
        failed = await cursor.fetchall()
    by_stage: defaultdict[Stage, list[UUID]] = defaultdict(list)
    for file in failed:
        by_stage[Stage(file.stage)].append(file.file_id)
    for stage, ids in by_stage.items():
        await stages.reopen(effect.connection, stage, ids, run_id)
    if failed:
        requests = [
            REQUESTS[Stage(file.stage)](file_id=file.file_id, revision=file.revision, kind=file.kind, run_id=run_id)
            for file in failed
        ]
        await effect.emit(*requests)
