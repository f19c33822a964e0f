"""Object store and library are compared and brought into accord, on the real ones."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.ingest.batches.handlers import on_batch_requested
from services.proxy import recipes
from services.proxy.reconcile import handlers as reconcile
from services.proxy.reconcile import repository as reconcile_repository
from services.proxy.reconcile.findings import NO_PROXY, REMOVED, UNDER_WAY, USED_AGAIN
from services.proxy.reconcile.handlers import on_buried, on_reconcile_approved, on_reconcile_requested
from shared import jobs, stages
from shared.blobs import Blobs
from shared.contracts import BatchRequested, Kind, ReconcileApproved, ReconcileRequested, Stage
from shared.database import Database
from shared.errors import AlreadyApplied, BlobsUnavailable, NotFound
from shared.identifiers import derived_id, new_id
from shared.media_encoders import Encoder
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.asking import asked_for, file_at, items_of, job_of
from tests.support.library import count
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

RENDITION = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes, recipe, created_at)
    VALUES (%s, %s, 1, %s, 'video/mp4', %s, %s, now() - interval '1 hour')
"""


@pytest.fixture
async def own(platform: Platform, settings: PlatformSettings) -> Platform:
    """A platform with a bucket of its own."""
    own = replace(platform, blobs=Blobs(settings.model_copy(update={"s3_bucket": f"reconcile-{uuid4().hex}"})))
    await own.blobs.make_bucket()
    return own


@pytest.fixture(autouse=True)
def _old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every object counts as old: the clocks of store and database may be apart."""
    monkeypatch.setattr(reconcile_repository, "GRACE", -60)


async def film(
    own: Platform, path: str, *, stored: bytes | None = b"film", noted: int = 4, recipe: str = "", kind: Kind = Kind.VIDEO
) -> tuple[UUID, str]:
    """A file with its proxy, made and stored as said; its id and the object's key."""
    name = "image" if kind is Kind.IMAGE else "proxy"
    async with own.database.transaction() as connection:
        file_id = await file_at(connection, path, kind)
        key = f"proxy/{file_id}/r1/{name}"
        await connection.execute("UPDATE file_stages SET settled_at = now() - interval '1 hour'")
        made_with = recipe or recipes.recipe(kind, name)
        await connection.execute(RENDITION, (file_id, name, key, noted, made_with))
    if stored is not None:
        await own.blobs.put(key, stored, "video/mp4")
    return file_id, key


async def request(own: Platform, *, apply: bool = False) -> ReconcileRequested:
    async with own.database.transaction() as connection:
        return ReconcileRequested(job_id=await jobs.create(connection, "reconcile", {"apply": apply}, asked_by="ada"))


async def reconciled(own: Platform, **options: Any) -> UUID:
    event = await request(own, **options)
    await on_reconcile_requested(event, own)
    return event.job_id


async def approved(own: Platform, job_id: UUID) -> ReconcileApproved:
    async with own.database.transaction() as connection:
        await connection.execute("UPDATE jobs SET state = 'running' WHERE id = %s", (job_id,))
    return ReconcileApproved(job_id=job_id)


async def found(database: Database, job_id: UUID) -> dict[str, str]:
    return {path: item["change"] for path, item in (await items_of(database, job_id)).items()}


async def keys(own: Platform) -> set[str]:
    return {stored.key async for page in own.blobs.stored("") for stored in page}


async def test_every_difference_is_found_and_told(own: Platform, database: Database) -> None:
    await film(own, "/good.mp4")
    await film(own, "/good.jpg", kind=Kind.IMAGE)
    await film(own, "/nvenc.mp4", recipe=recipes.recipe(Kind.VIDEO, "proxy", Encoder.NVENC))
    await film(own, "/lost.mp4", stored=None)
    await film(own, "/cut.mp4", stored=b"fi")
    await film(own, "/old.mp4", recipe="v0")
    changed, _ = await film(own, "/changed.mp4")
    unmade, _ = await film(own, "/unmade.mp4")
    await own.blobs.put("proxy/elsewhere.mp4", b"who?", "video/mp4")
    await own.blobs.put("uploads/original.mp4", b"mine", "video/mp4")
    async with database.transaction() as connection:
        await connection.execute("UPDATE files SET revision = 2 WHERE id = %s", (changed,))
        await connection.execute("DELETE FROM renditions WHERE file_id = %s", (unmade,))
    job_id = await reconciled(own)

    assert await found(database, job_id) == {
        "/lost.mp4": "missing",
        "/cut.mp4": "size",
        "/old.mp4": "recipe",
        "/changed.mp4": "stale",
        "/unmade.mp4": "missing",
        "proxy/elsewhere.mp4": "orphan",
        f"proxy/{unmade}/r1/proxy": "orphan",
    }
    items = await items_of(database, job_id)
    assert items["/unmade.mp4"]["reason"] == NO_PROXY
    assert (items["/cut.mp4"]["reason"] or "").startswith("The object store has another number of bytes")
    assert (items["proxy/elsewhere.mp4"]["size"], items["proxy/elsewhere.mp4"]["file_id"]) == (4, None)
    job = await job_of(database, job_id)
    assert (job.state, job.progress) == ("reported", {"objects": 8, "bytes": 30, "renditions": 7})
    assert len(await keys(own)) == 9
    assert await count(database, "outbox") == 0


async def test_what_is_being_made_is_left_alone(own: Platform, database: Database) -> None:
    under_way, _ = await film(own, "/a.mp4", stored=None)
    failed, _ = await film(own, "/b.mp4")
    async with database.transaction() as connection:
        await stages.reopen(connection, Stage.PROXY, [under_way], new_id())
        await connection.execute("DELETE FROM renditions WHERE file_id = %s", (failed,))
        await connection.execute("UPDATE file_stages SET state = 'failed' WHERE file_id = %s AND stage = 'proxy'", (failed,))
    assert set((await found(database, await reconciled(own))).values()) == {"orphan"}


async def test_what_was_made_since_the_listing_is_left_alone(own: Platform, database: Database) -> None:
    await film(own, "/late.mp4", stored=None)
    async with database.transaction() as connection:
        await connection.execute("UPDATE renditions SET created_at = now() + interval '1 minute'")
    assert await found(database, await reconciled(own)) == {}


async def test_a_young_object_is_no_orphan(own: Platform, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    await own.blobs.put("proxy/young.mp4", b"new", "video/mp4")
    job_id = await reconciled(own)
    assert await found(database, job_id) == {}
    assert (await job_of(database, job_id)).state == "done"
    assert await count(database, "outbox", "subject = 'reconcile.completed'") == 1


async def test_keys_of_every_kind_are_compared(own: Platform, database: Database) -> None:
    odd = ["proxy/tab\there", "proxy/umläut é.mp4", "proxy/100%.mp4"]
    for key in odd:
        await own.blobs.put(key, b"x", "video/mp4")
    job_id = await reconciled(own)
    assert set(await found(database, job_id)) == set(odd)
    await on_reconcile_approved(await approved(own, job_id), own)
    assert await keys(own) == set()


async def test_what_is_approved_is_mended_and_nothing_else(own: Platform, database: Database) -> None:
    lost, _ = await film(own, "/lost.mp4", stored=None)
    cut, _ = await film(own, "/cut.mp4", stored=b"fi")
    for key in ("proxy/a", "proxy/b", "uploads/original.mp4"):
        await own.blobs.put(key, b"x", "video/mp4")
    job_id = await reconciled(own)
    event = await approved(own, job_id)
    async with database.transaction() as connection:
        await connection.execute("UPDATE job_items SET state = 'skipped' WHERE path IN ('/cut.mp4', 'proxy/b')")
    await on_reconcile_approved(event, own)

    assert await keys(own) == {"proxy/b", "uploads/original.mp4", f"proxy/{cut}/r1/proxy"}
    items = await items_of(database, job_id)
    batch = derived_id("reconcile", job_id)
    assert (items["proxy/a"]["state"], items["proxy/a"]["reason"]) == ("done", REMOVED)
    assert (items["/lost.mp4"]["state"], items["/lost.mp4"]["reason"]) == ("done", f"Made anew by job {batch}.")
    assert (await job_of(database, job_id)).state == "done"
    assert (await job_of(database, batch)).asked_by == "ada"
    await on_batch_requested(BatchRequested(job_id=batch), own)
    assert [(asked.file_id, asked.subject) for asked in await asked_for(database, batch)] == [(lost, "proxy.requested")]


async def test_what_is_approved_beforehand_is_mended_at_once(own: Platform, database: Database) -> None:
    await own.blobs.put("proxy/a", b"x", "video/mp4")
    job_id = await reconciled(own, apply=True)
    assert (await job_of(database, job_id)).state == "running"
    assert await count(database, "outbox", f"subject = 'reconcile.approved' AND key = '{job_id}'") == 1
    await on_reconcile_approved(ReconcileApproved(job_id=job_id), own)
    assert await keys(own) == set()


async def test_an_object_that_is_used_again_or_about_to_be_stays(own: Platform, database: Database) -> None:
    used, used_key = await film(own, "/used.mp4")
    busy, busy_key = await film(own, "/busy.mp4")
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM renditions")
    job_id = await reconciled(own)
    async with database.transaction() as connection:
        await connection.execute(RENDITION, (used, "proxy", used_key, 4, ""))
        await stages.reopen(connection, Stage.PROXY, [busy], new_id())
    await on_reconcile_approved(await approved(own, job_id), own)
    items = await items_of(database, job_id)
    assert {key: items[key]["reason"] for key in (used_key, busy_key)} == {used_key: USED_AGAIN, busy_key: UNDER_WAY}
    assert await keys(own) == {used_key, busy_key}


async def test_nobody_begins_with_a_file_while_its_objects_are_removed(
    own: Platform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id, _ = await film(own, "/a.mp4")
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM renditions")
    event = await approved(own, await reconciled(own))
    removing, go_on = asyncio.Event(), asyncio.Event()
    delete = own.blobs.delete

    async def slowly(keys: list[str]) -> None:
        removing.set()
        await go_on.wait()
        await delete(keys)

    monkeypatch.setattr(own.blobs, "delete", slowly)
    applying = asyncio.create_task(on_reconcile_approved(event, own))
    await removing.wait()

    async def begin() -> None:
        async with database.transaction() as connection:
            await stages.reopen(connection, Stage.PROXY, [file_id], new_id())

    beginning = asyncio.create_task(begin())

    async def waits() -> bool:
        return await count(database, "pg_stat_activity", "wait_event_type = 'Lock'") == 1

    await until_so(waits)
    go_on.set()
    await asyncio.gather(applying, beginning)


async def test_a_store_that_is_away_once_changes_nothing_and_the_next_try_goes_on(
    own: Platform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "AT_ONCE", 2)
    for number in range(5):
        await own.blobs.put(f"proxy/{number}", b"x", "video/mp4")
    event = await approved(own, await reconciled(own))
    delete, calls = own.blobs.delete, 0

    async def failing(keys: list[str]) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise BlobsUnavailable("The store is away.")
        await delete(keys)

    monkeypatch.setattr(own.blobs, "delete", failing)
    with pytest.raises(BlobsUnavailable):
        await on_reconcile_approved(event, own)
    assert (len(await keys(own)), await count(database, "job_items", "state = 'pending'")) == (3, 3)
    await on_reconcile_approved(event, own)
    assert await keys(own) == set()
    with pytest.raises(AlreadyApplied):
        await on_reconcile_approved(event, own)
    assert await count(database, "outbox", "subject = 'reconcile.completed'") == 1


async def test_a_second_delivery_of_the_request_changes_nothing(own: Platform, database: Database) -> None:
    await own.blobs.put("proxy/a", b"x", "video/mp4")
    event = await request(own)
    await on_reconcile_requested(event, own)
    with pytest.raises(AlreadyApplied):
        await on_reconcile_requested(event, own)
    assert await count(database, "job_items") == 1
    with pytest.raises(NotFound):
        await on_reconcile_requested(ReconcileRequested(job_id=uuid4()), own)


async def test_what_is_given_up_says_so(own: Platform, database: Database) -> None:
    event = await request(own)
    async with database.transaction() as connection:
        await on_buried(connection, event, "It cannot be done.")
    assert (await job_of(database, event.job_id)).error == "It cannot be done."
    assert await count(database, "outbox", "subject = 'reconcile.failed'") == 1
