"""Routes of actions on many files, on the real database."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.search.batches.progress import NOT_LISTED, NOTHING_LEFT
from services.search.batches.schemas import BatchAccepted, Batches, BatchItems, BatchStatus
from services.search.schemas import JobFiles, JobProgress
from shared import batches, stages
from shared.contracts import Kind, Priority, Stage, StageState
from shared.database import Database
from shared.errors import Superseded
from shared.service import Platform
from shared.working import Report, carried_out
from tests.support.asking import asked_for, dispatched, file_at, items_of, job_of, requested, results_of
from tests.support.library import about, count, stage_of
from tests.support.waiting import until, until_so

pytestmark = pytest.mark.connected


async def ask(http: httpx.AsyncClient, action: str, *, key: str | None = None, **body: Any) -> BatchAccepted:
    headers = {"Idempotency-Key": key} if key else {}
    response = await http.post(f"/api/batch/{action}", json=body, headers=headers)
    assert response.status_code == 202, response.text
    return BatchAccepted.model_validate_json(response.content)


async def status(http: httpx.AsyncClient, job_id: UUID) -> BatchStatus:
    response = await http.get(f"/api/batch/{job_id}/status")
    assert response.status_code == 200, response.text
    return BatchStatus.model_validate_json(response.content)


async def refused(response: httpx.Response, code: int) -> str:
    assert response.status_code == code, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["detail"])


@pytest.fixture
async def library(database: Database) -> dict[str, UUID]:
    """A file of each kind, in states that differ."""
    async with database.transaction() as connection:
        return {
            "film": await file_at(connection, "/a/film.mp4", size=5000, duration=60.0, proxy="failed"),
            "clip": await file_at(connection, "/a/clip.mp4", size=3000, duration=30.0, proxy="failed"),
            "photo": await file_at(connection, "/b/photo.jpg", Kind.IMAGE, size=10, proxy="failed"),
            "song": await file_at(connection, "/b/song.mp3", Kind.AUDIO, size=200, duration=5.0),
            "waiting": await file_at(connection, "/b/waiting.mp4", proxy="pending"),
        }


async def settle(database: Database, job_id: UUID, stage: Stage = Stage.PROXY, **results: UUID) -> None:
    async with database.transaction() as connection:
        for state, file_id in results.items():
            told = "It is damaged; copy it again." if state == "failed" else None
            await stages.settle(connection, about(file_id, run_id=job_id), stage, StageState(state), told)


async def test_a_request_says_what_it_will_do(database: Database, http: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    accepted = await ask(http, "proxy", filter={})
    assert (accepted.total_files, accepted.video_count, accepted.image_count, accepted.audio_count) == (4, 3, 1, 0)
    assert (accepted.under_way, accepted.excluded.processed, accepted.excluded.unknown) == (1, 1, 0)
    job = await job_of(database, accepted.job_id)
    assert (job.kind, job.state) == ("proxy", "pending")
    assert job.request == {"filter": {}, "force": False, "options": {}, "priority": "bulk"}
    assert await count(database, "outbox", f"subject = 'batch.requested' AND key = '{accepted.job_id}'") == 1


async def test_force_means_every_file_and_ids_that_nobody_knows_are_counted(
    http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    ids = [str(library["song"]), str(library["film"]), str(library["film"]), str(uuid4())]
    plain = await ask(http, "proxy", file_ids=ids)
    forced = await ask(http, "proxy", file_ids=ids, force=True)
    assert (plain.total_files, plain.excluded.processed, plain.excluded.unknown) == (1, 1, 1)
    assert (forced.total_files, forced.audio_count, forced.excluded.processed) == (2, 1, 0)


@pytest.mark.parametrize(
    ("number", "asked", "told"),
    [(10, None, "interactive"), (11, None, "bulk"), (1, "bulk", "bulk"), (11, "interactive", "interactive")],
)
async def test_a_few_files_are_urgent(
    database: Database, http: httpx.AsyncClient, number: int, asked: str | None, told: str
) -> None:
    wanted = {"priority": asked} if asked else {}
    accepted = await ask(http, "proxy", file_ids=[str(uuid4()) for _ in range(number)], **wanted)
    assert (await job_of(database, accepted.job_id)).request["priority"] == told


async def test_the_same_key_is_answered_the_same(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    first = await ask(http, "proxy", key="once", file_ids=[str(library["film"])])
    await dispatch_of(platform, first.job_id)
    await settle(database, first.job_id, done=library["film"])
    again = await ask(http, "proxy", key="once", file_ids=[str(library["film"])])
    assert again == first
    assert again.total_files == 1


async def test_the_same_key_is_the_same_job(database: Database, http: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    first, second = await asyncio.gather(*(ask(http, "proxy", key="once", filter={"kind": "video"}) for _ in range(2)))
    assert first.job_id == second.job_id
    assert await count(database, "jobs") == await count(database, "outbox") == 1
    other = await http.post("/api/batch/proxy", json={"filter": {}}, headers={"Idempotency-Key": "once"})
    assert "Idempotency-Key" in await refused(other, 422)
    assert (await ask(http, "transcribe", key="once", filter={})).job_id != first.job_id
    assert (await ask(http, "proxy", key="twice", filter={"kind": "video"})).job_id != first.job_id


@pytest.mark.parametrize(
    ("action", "body", "told"),
    [
        ("proxy", {}, "in one way"),
        ("proxy", {"file_ids": ["3f0e8a52-1f60-4f0e-9d0e-7a51f7e3a001"], "filter": {}}, "in one way"),
        ("proxy", {"file_ids": []}, "file_ids"),
        ("proxy", {"filter": {"kind": "film"}}, "kind"),
        ("proxy", {"filter": {"colour": "red"}}, "colour"),
        ("proxy", {"filter": {"q": "\x00"}}, "q"),
        ("proxy", {"filter": {}, "options": {"encoder": "gold"}}, "no options"),
        ("transcribe", {"filter": {}, "options": {"language": "klingon"}}, "klingon"),
        ("transcribe", {"filter": {}, "options": {"loudness": 1}}, "loudness"),
        ("embeddings", {"filter": {}, "options": {"model": "x"}}, "no options"),
        ("dance", {"filter": {}}, "action"),
    ],
)
async def test_what_cannot_be_asked_for_is_refused_in_words(
    database: Database, http: httpx.AsyncClient, action: str, body: dict[str, Any], told: str
) -> None:
    assert told in await refused(await http.post(f"/api/batch/{action}", json=body), 422)
    assert await count(database, "jobs") == 0


@pytest.mark.parametrize(
    ("action", "subject"),
    [("transcribe", "transcript.requested"), ("nova", "nova.requested"), ("embeddings", "embeddings.requested")],
)
async def test_every_action_asks_its_stage(
    platform: Platform, database: Database, http: httpx.AsyncClient, action: str, subject: str
) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/a.mp4", transcribe="failed", analyse="failed", embed="failed")
    accepted = await ask(http, action, filter={})
    await dispatch_of(platform, accepted.job_id)
    assert [asked.subject for asked in await asked_for(database, accepted.job_id)] == [subject]
    assert (await status(http, accepted.job_id)).action == action


async def dispatch_of(platform: Platform, job_id: UUID) -> None:
    from services.ingest.batches.handlers import on_batch_requested
    from shared.contracts import BatchRequested

    await on_batch_requested(BatchRequested(job_id=job_id), platform)


async def test_options_reach_the_stage(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    accepted = await ask(http, "transcribe", file_ids=[str(library["song"])], force=True, options={"language": "DE"})
    await dispatch_of(platform, accepted.job_id)
    [asked] = await asked_for(database, accepted.job_id)
    assert (asked.body["options"], asked.body["priority"]) == ({"language": "de"}, "interactive")


async def test_a_batch_tells_how_far_it_is(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = await dispatched(platform, Stage.PROXY, filter={})
    await settle(database, job_id, done=library["clip"])
    await settle(database, job_id, failed=library["photo"])
    told = await status(http, job_id)
    assert (told.state, told.listed, told.finished, told.force, told.priority) == ("running", True, False, False, Priority.BULK)
    assert (told.total_files, told.video_count, told.image_count, told.audio_count) == (4, 3, 1, 0)
    assert told.items == {"pending": 1, "done": 1, "skipped": 1, "failed": 1}
    videos = told.kinds[Kind.VIDEO]
    assert (videos.total, videos.pending, videos.done, videos.skipped, videos.failed) == (3, 1, 1, 1, 0)
    assert (videos.bytes_total, videos.bytes_done, told.totals.bytes_total) == (9000, 4000, 9010)
    # What was skipped without work, 1000 bytes of unknown length, is no progress.
    assert videos.rates.bytes_per_second / videos.rates.media_seconds_per_second == pytest.approx(100.0, rel=0.05)
    assert told.eta_seconds is not None
    assert told.eta_basis.startswith("60 s of video left at ")
    [error] = told.errors
    assert (error.reason, error.count, error.examples) == ("It is damaged; copy it again.", 1, ["/b/photo.jpg"])
    [skipped] = told.skipped_because
    assert skipped.examples == ["/b/waiting.mp4"]


async def test_before_and_after_there_is_no_rate(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = await requested(database, Stage.PROXY, filter={})
    told = await status(http, job_id)
    assert (told.state, told.total_files, told.eta_seconds, told.eta_basis) == ("pending", 0, None, NOT_LISTED)
    done = await dispatched(platform, Stage.PROXY, file_ids=[library["film"]])
    await settle(database, done, done=library["film"])
    told = await status(http, done)
    assert (told.state, told.finished, told.eta_seconds, told.eta_basis) == ("done", True, 0.0, NOTHING_LEFT)


SETTLED_AGO = """
    UPDATE job_items SET settled_at = now() - make_interval(mins => %s) WHERE path = %s
"""


async def test_a_kind_that_had_no_turn_lately_is_measured_over_the_whole_job(
    platform: Platform, database: Database, http: httpx.AsyncClient
) -> None:
    async with database.transaction() as connection:
        ids = [
            await file_at(connection, path, Kind.IMAGE if path.endswith("jpg") else Kind.VIDEO, duration=60.0)
            for path in ("/1.jpg", "/2.jpg", "/3.mp4", "/4.mp4")
        ]
    job_id = await dispatched(platform, Stage.PROXY, file_ids=ids, force=True)
    for file_id in (ids[0], ids[2]):
        await settle(database, job_id, done=file_id)
    async with database.connection() as connection:
        await connection.execute("UPDATE jobs SET started_at = now() - interval '10 minutes'")
        await connection.execute(SETTLED_AGO, (9, "/1.jpg"))
        await connection.execute(SETTLED_AGO, (2, "/3.mp4"))
    told = await status(http, job_id)
    assert told.eta_seconds == pytest.approx(600.0, rel=0.05)
    assert told.eta_basis.endswith("and 1 photo left at 0.1 a minute, measured over the last 10 min.")


async def test_what_is_under_way_is_told_and_ends_when_the_batch_is_called_off(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    film = library["film"]
    job_id = await dispatched(platform, Stage.PROXY, file_ids=[film])
    begun = asyncio.Event()

    async def convert(report: Report) -> None:
        report(12.0, 60.0)
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(carried_out(database, about(film, run_id=job_id), Stage.PROXY, convert))
    await begun.wait()

    async def shown() -> bool:
        return bool((await status(http, job_id)).current)

    await until_so(shown)
    [current] = (await status(http, job_id)).current
    assert (current.path, current.done_seconds, current.total_seconds) == ("/a/film.mp4", 12.0, 60.0)

    response = await http.post(f"/api/batch/{job_id}/cancel", json={})
    assert response.json() == {"job_id": str(job_id), "state": "cancelled"}
    await until(task.done)
    assert isinstance(task.exception(), Superseded)
    assert (await stage_of(database, film, Stage.PROXY)).state == "failed"


async def test_a_batch_that_is_called_off_leaves_everything_as_it_was(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = await dispatched(platform, Stage.PROXY, filter={}, force=True)
    await settle(database, job_id, done=library["film"])
    for _ in range(2):
        assert (await http.post(f"/api/batch/{job_id}/cancel", json={})).status_code == 200
    assert (await job_of(database, job_id)).state == "cancelled"
    results = await results_of(database, job_id)
    assert results["/a/film.mp4"] == ("done", None)
    assert results["/a/clip.mp4"] == results["/b/song.mp3"] == ("skipped", "Cancelled.")
    assert [(await stage_of(database, library[name], Stage.PROXY)).state for name in ("film", "clip", "song", "waiting")] == [
        "done",
        "failed",
        "done",
        "pending",
    ]
    assert await count(database, "outbox", "subject = 'batch.cancelled'") == 1
    assert await count(database, "outbox", "subject = 'batch.completed'") == 0


async def test_a_batch_that_ended_cannot_be_called_off(
    platform: Platform, http: httpx.AsyncClient, library: dict[str, UUID], database: Database
) -> None:
    job_id = await dispatched(platform, Stage.PROXY, file_ids=[library["film"]])
    await settle(database, job_id, done=library["film"])
    assert "ended already" in await refused(await http.post(f"/api/batch/{job_id}/cancel", json={}), 409)


async def test_calling_off_and_handing_out_take_turns(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = await requested(database, Stage.PROXY, filter={})
    async with database.transaction() as connection:
        await batches.take_turn(connection, job_id)
        cancelling = asyncio.create_task(http.post(f"/api/batch/{job_id}/cancel", json={}))

        async def waits() -> bool:
            return await count(database, "pg_locks", "locktype = 'advisory' AND NOT granted") == 1

        await until_so(waits)
        assert not cancelling.done()
    assert (await cancelling).status_code == 200


async def test_only_what_failed_is_tried_again(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = await dispatched(platform, Stage.TRANSCRIBE, filter={"kind": "video"}, force=True, options={"beam_size": 2})
    await settle(database, job_id, Stage.TRANSCRIBE, done=library["clip"])
    assert "nothing to try" in await refused(await http.post(f"/api/batch/{job_id}/retry", json={}), 409)
    await settle(database, job_id, Stage.TRANSCRIBE, failed=library["film"])
    response = await http.post(f"/api/batch/{job_id}/retry", json={})
    accepted = BatchAccepted.model_validate_json(response.content)
    assert (response.status_code, accepted.total_files, accepted.video_count) == (202, 1, 1)
    await dispatch_of(platform, accepted.job_id)
    [asked] = await asked_for(database, accepted.job_id)
    assert (asked.file_id, asked.body["options"]) == (library["film"], {"beam_size": 2})
    assert (await status(http, accepted.job_id)).retry_of == job_id


async def test_items_are_on_exactly_one_page(platform: Platform, http: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    job_id = await dispatched(platform, Stage.PROXY, filter={}, force=True)
    found, cursor = [], None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        response = await http.get(f"/api/batch/{job_id}/items", params=params)
        page = BatchItems.model_validate_json(response.content)
        found += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert [item.path for item in found] == ["/a/clip.mp4", "/a/film.mp4", "/b/photo.jpg", "/b/song.mp3", "/b/waiting.mp4"]
    failed = await http.get(f"/api/batch/{job_id}/items", params={"state": "failed"})
    assert failed.json() == {"items": [], "next_cursor": None}
    assert (await http.get(f"/api/batch/{job_id}/items", params={"cursor": "é"})).status_code == 422


async def test_batches_are_listed_the_latest_first(
    platform: Platform, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    made = [(await ask(http, action, filter={})).job_id for action in ("proxy", "nova", "proxy")]
    await http.post("/api/files/import-directory", json={"path": "/"})
    first = Batches.model_validate_json((await http.get("/api/batch", params={"limit": 2})).content)
    second = Batches.model_validate_json((await http.get("/api/batch", params={"cursor": first.next_cursor})).content)
    assert [batch.job_id for batch in (*first.batches, *second.batches)] == made[::-1]
    assert (first.total, second.total, second.next_cursor) == (3, 3, None)


async def test_what_is_no_batch_is_not_found(database: Database, http: httpx.AsyncClient) -> None:
    imported = (await http.post("/api/files/import-directory", json={"path": "/"})).json()["job_id"]
    for job_id in (uuid4(), imported):
        for method, path in (("GET", "status"), ("GET", "items"), ("POST", "cancel"), ("POST", "retry")):
            response = await http.request(method, f"/api/batch/{job_id}/{path}", json={} if method == "POST" else None)
            assert (await refused(response, 404)).startswith("There is no")


async def test_a_batch_among_the_jobs_tells_its_stage_and_what_follows(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = await dispatched(platform, Stage.TRANSCRIBE, file_ids=[library["film"], library["clip"]], force=True)
    await settle(database, job_id, Stage.TRANSCRIBE, done=library["film"])
    job = JobProgress.model_validate_json((await http.get(f"/api/jobs/{job_id}")).content)
    counts = {stage: (told.pending, told.done, told.skipped, told.failed) for stage, told in job.stages.items()}
    assert counts == {
        Stage.INGEST: (0, 0, 0, 0),
        Stage.PROXY: (0, 0, 0, 0),
        Stage.TRANSCRIBE: (1, 1, 0, 0),
        Stage.ANALYSE: (1, 0, 0, 0),
        Stage.EMBED: (0, 0, 0, 0),
    }
    files = JobFiles.model_validate_json((await http.get(f"/api/jobs/{job_id}/files")).content).files
    assert {file.path: dict(file.stages) for file in files} == {
        "/a/clip.mp4": {Stage.TRANSCRIBE: "pending"},
        "/a/film.mp4": {Stage.TRANSCRIBE: "done", Stage.ANALYSE: "pending"},
    }
    assert await items_of(database, job_id)
