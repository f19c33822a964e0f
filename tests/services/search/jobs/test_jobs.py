"""Routes of jobs on the real database."""

from uuid import UUID, uuid4

import httpx
import pytest

from services.search.schemas import JobFiles, JobProgress
from shared import jobs, stages
from shared.contracts import Stage, StageState
from shared.database import Database
from tests.support.footage import add_footage
from tests.support.library import about
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

ITEM = """
    INSERT INTO job_items (job_id, path_raw, path, file_id, kind, state, reason, settled_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, CASE WHEN %s <> 'pending' THEN now() END)
"""


async def add_item(
    database: Database, job_id: UUID, path: str, state: str, *, file: bool = False, reason: str | None = None
) -> None:
    async with database.transaction() as connection:
        film = await add_footage(connection, path=path, settled=(Stage.INGEST, Stage.PROXY)) if file else None
        kind = film.kind if film else None
        await connection.execute(ITEM, (job_id, path.encode(), path, film and film.id, kind, state, reason, state))


@pytest.fixture
async def job_id(database: Database) -> UUID:
    """A job with a file under way, one still to be read, one that is broken and one that is no medium."""
    async with database.transaction() as connection:
        job_id = await jobs.create(connection, "import", {"path": "/films"})
        await jobs.start(connection, job_id)
    await add_item(database, job_id, "/films/a.mp4", "done", file=True)
    await add_item(database, job_id, "/films/b.mp4", "pending")
    await add_item(database, job_id, "/films/c.mp4", "failed", reason="It is empty.")
    await add_item(database, job_id, "/films/d.txt", "skipped", reason="Not a medium.")
    return job_id


async def settle_all(database: Database, job_id: UUID) -> None:
    """Let the rest of the job happen."""
    async with database.transaction() as connection:
        await connection.execute("UPDATE job_items SET state = 'failed', reason = 'It is gone.' WHERE state = 'pending'")
        cursor = await connection.execute("SELECT id FROM files")
        [(film,)] = await cursor.fetchall()
        for stage in (Stage.TRANSCRIBE, Stage.ANALYSE):
            await stages.settle(connection, about(film), stage, StageState.SKIPPED, "No speech.")
        await stages.settle(connection, about(film), Stage.EMBED, StageState.DONE)
        await jobs.finish(connection, job_id, "done")


async def progress(http: httpx.AsyncClient, job_id: UUID) -> JobProgress:
    response = await http.get(f"/api/jobs/{job_id}")
    assert response.status_code == 200, response.text
    return JobProgress.model_validate_json(response.content)


async def test_every_stage_counts_every_item(http: httpx.AsyncClient, job_id: UUID) -> None:
    job = await progress(http, job_id)
    assert job.items == {StageState.PENDING: 1, StageState.DONE: 1, StageState.SKIPPED: 1, StageState.FAILED: 1}
    counts = {stage: (told.pending, told.done, told.skipped, told.failed) for stage, told in job.stages.items()}
    assert counts == {
        Stage.INGEST: (1, 1, 1, 1),
        Stage.PROXY: (1, 1, 2, 0),
        Stage.TRANSCRIBE: (2, 0, 2, 0),
        Stage.ANALYSE: (2, 0, 2, 0),
        Stage.EMBED: (2, 0, 2, 0),
    }
    assert job.stages[Stage.PROXY].rate > 0
    assert job.stages[Stage.EMBED].eta_seconds is None
    assert not job.finished


async def test_a_job_is_finished_when_every_stage_of_every_file_is(
    database: Database, http: httpx.AsyncClient, job_id: UUID
) -> None:
    async with database.transaction() as connection:
        await jobs.finish(connection, job_id, "done")
    assert not (await progress(http, job_id)).finished
    await settle_all(database, job_id)

    async def finished() -> bool:
        return (await progress(http, job_id)).finished

    await until_so(finished)


async def test_what_became_of_each_file(database: Database, http: httpx.AsyncClient, job_id: UUID) -> None:
    await settle_all(database, job_id)
    response = await http.get(f"/api/jobs/{job_id}/files")
    files = {file.path: file for file in JobFiles.model_validate_json(response.content).files}
    assert list(files) == ["/films/a.mp4", "/films/b.mp4", "/films/c.mp4", "/films/d.txt"]
    done = files["/films/a.mp4"]
    assert (list(done.stages), done.error, done.kind) == (list(Stage), None, "video")
    assert done.reasons == {Stage.TRANSCRIBE: "No speech.", Stage.ANALYSE: "No speech."}
    for path, state, reason in (("/films/c.mp4", "failed", "It is empty."), ("/films/d.txt", "skipped", "Not a medium.")):
        file = files[path]
        assert (file.file_id, file.error, file.reasons) == (None, reason, {Stage.INGEST: reason})
        assert file.stages == {stage: StageState(state if stage is Stage.INGEST else "skipped") for stage in Stage}


async def test_a_failed_stage_is_the_error_of_the_file(database: Database, http: httpx.AsyncClient, job_id: UUID) -> None:
    async with database.transaction() as connection:
        cursor = await connection.execute("SELECT id FROM files")
        [(film,)] = await cursor.fetchall()
        await stages.settle(connection, about(film), Stage.TRANSCRIBE, StageState.FAILED, "There is no model.")
    response = await http.get(f"/api/jobs/{job_id}/files")
    file = JobFiles.model_validate_json(response.content).files[0]
    assert (file.error, file.stages[Stage.TRANSCRIBE]) == ("There is no model.", StageState.FAILED)


async def test_a_job_that_is_not_there_is_not_found(http: httpx.AsyncClient) -> None:
    for path in (f"/api/jobs/{uuid4()}", f"/api/jobs/{uuid4()}/files"):
        response = await http.get(path)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
