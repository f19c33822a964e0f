"""Who asked for what a file's event leads to: in that person's name it is paid for."""

from shared.analyses import NOBODY
from shared.contracts import FileEvent
from shared.database import Connection

# By what the event was told for: a job, an edit, or a dead letter that was sent again; on its first way, the file's import.
ASKER = """
    SELECT coalesce(
        (SELECT asked_by FROM jobs WHERE id = %(run_id)s),
        (SELECT author FROM transcript_edits WHERE id = %(run_id)s),
        (SELECT letters.resent_by FROM outbox JOIN dead_letters AS letters ON letters.resent_as = outbox.id
         WHERE outbox.run_id = %(run_id)s LIMIT 1),
        (SELECT jobs.asked_by FROM job_items JOIN jobs ON jobs.id = job_items.job_id
         WHERE job_items.file_id = %(file_id)s AND jobs.asked_by IS NOT NULL AND jobs.kind IN ('import', 'rescan', 'upload')
         ORDER BY jobs.created_at LIMIT 1),
        %(nobody)s::text)
"""


async def asker_of(connection: Connection, event: FileEvent) -> str:
    """The name of whoever asked for it, or brought the file in; NOBODY where that is not known."""
    values = {"run_id": event.run_id, "file_id": event.file_id, "nobody": NOBODY}
    row = await (await connection.execute(ASKER, values)).fetchone()
    assert row is not None
    return str(row[0])
