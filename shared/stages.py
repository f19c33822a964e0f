"""How far each file is: one row per file and stage, settled once per revision."""

from uuid import UUID

from shared.contracts import Stage, StageState
from shared.database import Connection
from shared.errors import Superseded

SETTLE = """
    UPDATE file_stages SET state = %(state)s, reason = %(reason)s, settled_at = now()
    WHERE file_id = %(file_id)s AND revision = %(revision)s AND stage = %(stage)s AND state = 'pending'
"""


async def settle(
    connection: Connection, file_id: UUID, revision: int, stage: Stage, state: StageState, reason: str | None = None
) -> None:
    """Note a stage's final state; raises Superseded if the revision is old or the stage is settled."""
    values = {"file_id": file_id, "revision": revision, "stage": stage, "state": state, "reason": reason}
    cursor = await connection.execute(SETTLE, values)
    if cursor.rowcount == 0:
        raise Superseded(file_id, revision)
