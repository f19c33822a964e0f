"""In whose name a file is worked on: of who asked for it now, else of who brought it in."""

import pytest

from shared import batch_requests, jobs
from shared.analyses import NOBODY
from shared.askers import asker_of
from shared.batch_requests import BatchRequest
from shared.contracts import EmbeddingsRequested, FileEvent, FileIngested, Kind, NovaCompleted, Stage
from shared.database import Connection, Database
from shared.identifiers import new_id
from tests.support.library import about, add_file

pytestmark = pytest.mark.connected


async def imported(connection: Connection, *, asked_by: str | None) -> FileIngested:
    """A file, with the job that brought it in."""
    event = await add_file(connection)
    job_id = await jobs.create(connection, "import", {})
    await connection.execute("UPDATE jobs SET asked_by = %s WHERE id = %s", (asked_by, job_id))
    add = "INSERT INTO job_items (job_id, path_raw, path, file_id) VALUES (%s, 'x', 'x', %s)"
    await connection.execute(add, (job_id, event.file_id))
    return event


async def test_on_its_first_way_it_is_who_brought_the_file_in(database: Database) -> None:
    async with database.transaction() as connection:
        assert await asker_of(connection, await imported(connection, asked_by="ada")) == "ada"
        assert await asker_of(connection, await imported(connection, asked_by=None)) == NOBODY
        assert await asker_of(connection, await add_file(connection)) == NOBODY


async def test_what_a_job_has_done_again_is_asked_by_who_began_it(database: Database) -> None:
    async with database.transaction() as connection:
        event = await imported(connection, asked_by="ada")
        request = BatchRequest(file_ids=(event.file_id,), force=True)
        job_id = await batch_requests.begin(connection, Stage.EMBED, request, source="test", asked_by="grace")
        wanted = EmbeddingsRequested(file_id=event.file_id, revision=1, kind=Kind.VIDEO, run_id=job_id)
        assert await asker_of(connection, wanted) == "grace"


async def test_what_an_edit_leads_to_is_asked_by_its_author(database: Database) -> None:
    async with database.transaction() as connection:
        event = await imported(connection, asked_by="ada")
        transcript, edit = new_id(), new_id()
        await connection.execute(
            "INSERT INTO transcripts (id, file_id, revision, model, language, duration) VALUES (%s, %s, 1, 'tiny', 'en', 9)",
            (transcript, event.file_id),
        )
        await connection.execute(
            "INSERT INTO transcript_edits (id, transcript_id, segment_id, action, author) VALUES (%s, %s, %s, 'lock', 'eve')",
            (edit, transcript, new_id()),
        )
        assert await asker_of(connection, about(event.file_id, run_id=edit)) == "eve"


async def test_what_is_sent_again_is_asked_by_who_sends_it(database: Database) -> None:
    async with database.transaction() as connection:
        event = await imported(connection, asked_by="ada")
        run, sent_as = new_id(), new_id()
        await connection.execute(
            "INSERT INTO outbox (id, subject, address, key, run_id, body, headers) VALUES (%s, 'x', 'x', %s, %s, '{}', '{}')",
            (sent_as, event.file_id, run),
        )
        await connection.execute(
            "INSERT INTO dead_letters (consumer, event_id, address, headers, body, error, error_type, deliveries, history, "
            "resent_by, resent_as) VALUES ('x', %s, 'x', '{}', '', '', '', 1, '[]', 'grace', %s)",
            (new_id(), sent_as),
        )
        again = NovaCompleted(
            file_id=event.file_id,
            revision=1,
            kind=Kind.VIDEO,
            run_id=run,
            analysis_id=new_id(),
            model="local",
            analyst_version="7",
        )
        assert await asker_of(connection, again) == "grace"
        other: FileEvent = again.model_copy(update={"run_id": new_id()})
        assert await asker_of(connection, other) == "ada"
