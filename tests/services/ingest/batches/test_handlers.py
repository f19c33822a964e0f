"""Batches are listed and handed out on the real database, once, wherever they are interrupted."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.ingest.batches import handlers as dispatch
from services.ingest.batches.handlers import on_batch_requested, on_buried
from services.ingest.batches.turns import GONE, ON_ITS_WAY, UNDER_WAY
from shared import batches, stages
from shared.batches import CHANGED, OVERTAKEN
from shared.contracts import BatchRequested, Kind, Priority, Stage, StageState
from shared.database import Database
from shared.effects import Effect
from shared.errors import AlreadyApplied, NotFound
from shared.service import Platform
from shared.stages import settle
from tests.support.asking import asked_for, dispatched, file_at, items_of, job_of, many_files, requested, results_of
from tests.support.library import about, count, stage_of

pytestmark = pytest.mark.connected


async def test_only_what_has_no_result_is_asked_for(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        failed = await file_at(connection, "/failed.mp4", transcribe="failed")
        unheard = await file_at(connection, "/no_proxy.mp4", proxy="failed", transcribe="skipped")
        await file_at(connection, "/photo.jpg", Kind.IMAGE, transcribe="skipped")
        await file_at(connection, "/done.mp4")
        await file_at(connection, "/waiting.mp4", transcribe="pending")
    job_id = await dispatched(platform, Stage.TRANSCRIBE, filter={}, options={"language": "de"})

    assert await results_of(database, job_id) == {
        "/failed.mp4": ("pending", None),
        "/no_proxy.mp4": ("pending", None),
        "/waiting.mp4": ("skipped", UNDER_WAY),
    }
    asked = await asked_for(database, job_id)
    assert [event.file_id for event in asked] == [failed, unheard]
    assert asked[0].address == f"transcript.requested.bulk.{failed}"
    assert (asked[0].body["options"], asked[0].body["kind"]) == ({"language": "de"}, "video")


async def test_a_result_for_older_content_is_none(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        file_id = await file_at(connection, "/changed.mp4")
        await connection.execute("UPDATE files SET revision = 2")
    job_id = await dispatched(platform, Stage.PROXY, filter={})
    [asked] = await asked_for(database, job_id)
    assert asked.body["revision"] == 2
    async with database.transaction() as connection:
        await stages.require_pending(connection, about(file_id, 2, job_id), Stage.PROXY)
        await stages.restore(connection, Stage.PROXY, job_id)
    assert await count(database, "file_stages", "stage = 'proxy' AND state = 'done' AND revision = 1") == 1


async def test_force_asks_for_everything(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        done = await file_at(connection, "/done.mp4")
        waiting = await file_at(connection, "/waiting.mp4", proxy="pending")
        await file_at(connection, "/new.mp4", proxy="pending", transcribe="pending")
    job_id = await dispatched(platform, Stage.PROXY, file_ids=[done, waiting], force=True, priority=Priority.INTERACTIVE)
    asked = await asked_for(database, job_id)
    assert {event.address for event in asked} == {f"proxy.requested.interactive.{file_id}" for file_id in (done, waiting)}
    assert (await stage_of(database, done, Stage.PROXY)).state == "pending"


async def test_a_file_on_its_first_way_is_left_to_come(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/new.mp4", proxy="pending", transcribe="pending")
    job_id = await dispatched(platform, Stage.TRANSCRIBE, filter={}, force=True)
    assert await results_of(database, job_id) == {"/new.mp4": ("skipped", ON_ITS_WAY)}
    assert (await job_of(database, job_id)).state == "done"


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"kind": "image"}, {"/a/lake.jpg"}),
        ({"q": "LAKE"}, {"/a/lake.jpg", "/b/lake_2.mp4"}),
        ({"folder": "/a"}, {"/a/lake.jpg"}),
        ({"folder": "/b/"}, {"/b/lake_2.mp4"}),
        ({"status": "failed"}, {"/b/lake_2.mp4"}),
        ({"missing": "analyse"}, {"/b/lake_2.mp4"}),
        ({"kind": "audio"}, set()),
    ],
)
async def test_a_filter_says_which_files(
    platform: Platform, database: Database, wanted: dict[str, str], names: set[str]
) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/a/lake.jpg", Kind.IMAGE)
        await file_at(connection, "/b/lake_2.mp4", analyse="failed")
    job_id = await dispatched(platform, Stage.PROXY, filter=wanted, force=True)
    assert set(await items_of(database, job_id)) == names


async def test_a_job_with_nothing_to_do_ends_at_once(platform: Platform, database: Database) -> None:
    job_id = await dispatched(platform, Stage.PROXY, file_ids=[uuid4()])
    assert (await job_of(database, job_id)).state == "done"
    assert await count(database, "outbox", "subject = 'batch.completed' AND body->>'done' = '0'") == 1


async def test_a_missing_file_and_the_one_in_its_place_are_both_asked_for(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/place.mp4")
        await connection.execute("UPDATE files SET missing_since = now()")
        await file_at(connection, "/place.mp4")
    job_id = await dispatched(platform, Stage.PROXY, filter={}, force=True)
    assert len(await asked_for(database, job_id)) == 2


async def test_a_file_removed_meanwhile_fails_in_words(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/gone.mp4", proxy="failed")
    job_id = await requested(database, Stage.PROXY, filter={})
    async with database.transaction() as connection:
        await connection.execute("UPDATE jobs SET listed_at = now()")
        await connection.execute(
            "INSERT INTO job_items (job_id, path_raw, path, kind) VALUES (%s, 'x', '/gone.mp4', 'video')", (job_id,)
        )
    await on_batch_requested(BatchRequested(job_id=job_id), platform)
    assert await results_of(database, job_id) == {"/gone.mp4": ("failed", GONE)}
    assert (await job_of(database, job_id)).state == "done"


class Killed(BaseException):
    """The process ends here."""


async def test_a_killed_dispatch_goes_on_where_it_was_and_nothing_is_asked_for_twice(
    platform: Platform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as connection:
        await many_files(connection, 50)
    job_id = await requested(database, Stage.PROXY, filter={}, force=True)
    monkeypatch.setattr(dispatch, "PAGE", 10)
    monkeypatch.setattr(dispatch, "hand_out", dying(dispatch.hand_out, after=3))
    with pytest.raises(Killed):
        await on_batch_requested(BatchRequested(job_id=job_id), platform)
    assert len(await asked_for(database, job_id)) == 30
    monkeypatch.undo()

    first = (await asked_for(database, job_id))[0].file_id
    async with database.transaction() as connection:
        await settle(connection, about(first, run_id=job_id), Stage.PROXY, StageState.DONE)
    await on_batch_requested(BatchRequested(job_id=job_id), platform)
    asked = [event.file_id for event in await asked_for(database, job_id) if event.subject == "proxy.requested"]
    assert len(asked) == len(set(asked)) == 50
    assert await count(database, "file_stages", f"state = 'pending' AND run_id = '{job_id}' AND stage = 'proxy'") == 49
    with pytest.raises(AlreadyApplied):
        await on_batch_requested(BatchRequested(job_id=job_id), platform)


def dying(act: Callable[..., object], *, after: int) -> Callable[..., object]:
    """The function, in a process that is killed at the call after so many."""
    calls = 0

    def called(*values: object) -> object:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Killed
        return act(*values)

    return called


async def test_a_database_that_fails_once_is_asked_again(
    platform: Platform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/a.mp4", proxy="failed")
    job_id = await requested(database, Stage.PROXY, filter={})
    with monkeypatch.context() as broken:

        async def fail(*_: object, **__: object) -> None:
            raise psycopg.OperationalError

        broken.setattr(stages, "reopen", fail)
        with pytest.raises(Exception, match="Postgres"):
            await on_batch_requested(BatchRequested(job_id=job_id), platform)
    assert await asked_for(database, job_id) == []
    await on_batch_requested(BatchRequested(job_id=job_id), platform)
    assert len(await asked_for(database, job_id)) == 1


async def test_what_was_called_off_is_not_handed_out(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/a.mp4", proxy="failed")
    job_id = await requested(database, Stage.PROXY, filter={})
    async with database.connection() as connection:
        await connection.execute("UPDATE jobs SET state = 'cancelled'")
    with pytest.raises(AlreadyApplied):
        await on_batch_requested(BatchRequested(job_id=job_id), platform)
    assert await asked_for(database, job_id) == []
    with pytest.raises(NotFound):
        await on_batch_requested(BatchRequested(job_id=uuid4()), platform)


async def test_a_batch_that_is_called_off_on_the_way_is_handed_out_no_further(
    platform: Platform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as connection:
        await many_files(connection, 20)
    job_id = await requested(database, Stage.PROXY, filter={}, force=True)
    hand_out = dispatch.hand_out

    async def and_call_off(effect: Effect, *values: Any) -> bytes | None:
        after = await hand_out(effect, *values)
        await effect.connection.execute("UPDATE jobs SET state = 'cancelled'")
        return after

    monkeypatch.setattr(dispatch, "PAGE", 10)
    monkeypatch.setattr(dispatch, "hand_out", and_call_off)
    with pytest.raises(AlreadyApplied):
        await on_batch_requested(BatchRequested(job_id=job_id), platform)
    assert len(await asked_for(database, job_id)) == 10


async def test_giving_up_leaves_what_was_handed_out(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/out.mp4", proxy="failed")
    job_id = await dispatched(platform, Stage.PROXY, filter={})
    async with database.transaction() as connection:
        rest = await file_at(connection, "/rest.mp4", proxy="failed")
        await connection.execute(
            "INSERT INTO job_items (job_id, path_raw, path, file_id) VALUES (%s, 'y', '/rest.mp4', %s)", (job_id, rest)
        )
        await on_buried(connection, BatchRequested(job_id=job_id), "It cannot be done.")
    assert await results_of(database, job_id) == {
        "/out.mp4": ("pending", None),
        "/rest.mp4": ("failed", "It cannot be done."),
    }
    assert (await job_of(database, job_id)).error == "It cannot be done."
    assert await count(database, "outbox", "subject = 'batch.failed'") == 1


async def test_a_later_forced_request_takes_over(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        file_id = await file_at(connection, "/a.mp4", proxy="failed")
    first = await dispatched(platform, Stage.PROXY, filter={})
    second = await dispatched(platform, Stage.PROXY, file_ids=[file_id], force=True)
    assert await results_of(database, first) == {"/a.mp4": ("skipped", OVERTAKEN)}
    assert (await job_of(database, first)).state == "done"
    assert (await job_of(database, second)).state == "running"


async def test_a_file_that_changes_leaves_its_batches(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        file_id = await file_at(connection, "/a.mp4", proxy="failed")
    job_id = await dispatched(platform, Stage.PROXY, filter={})
    async with database.transaction() as connection:
        await batches.files_changed(connection, [file_id])
    assert await results_of(database, job_id) == {"/a.mp4": ("skipped", CHANGED)}
    assert (await job_of(database, job_id)).state == "done"


async def test_a_retry_is_about_what_failed(platform: Platform, database: Database) -> None:
    async with database.transaction() as connection:
        failed = await file_at(connection, "/a.mp4")
        done = await file_at(connection, "/b.mp4")
    job_id = await dispatched(platform, Stage.PROXY, filter={}, force=True)
    await settled(database, job_id, {failed: StageState.FAILED, done: StageState.DONE})
    again = await dispatched(platform, Stage.PROXY, retry_of=job_id)
    assert [event.file_id for event in await asked_for(database, again)] == [failed]


async def settled(database: Database, job_id: UUID, results: dict[UUID, StageState]) -> None:
    async with database.transaction() as connection:
        for file_id, state in results.items():
            await settle(connection, about(file_id, run_id=job_id), Stage.PROXY, state, "So it is.")
