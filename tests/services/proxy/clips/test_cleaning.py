"""Clips that no link shares go, with their objects; nothing else does, and nothing that is shared again meanwhile."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.proxy.clips.cleaning import GRACE, Cleaner
from services.proxy.clips.handlers import Resources, on_clip_requested
from services.proxy.reconcile.findings import PREFIX as RENDITIONS
from services.proxy.reconcile.handlers import on_reconcile_requested
from shared import jobs
from shared.blobs import Blobs
from shared.clips import PREFIX
from shared.clock import utc_now
from shared.contracts import FileIngested, ReconcileRequested
from shared.database import Database
from shared.errors import AlreadyApplied
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.clipping import Counted, film, row, stored
from tests.support.library import count
from tests.support.sharing import Link, linked, revoke, share
from tests.support.waiting import until, until_so

pytestmark = pytest.mark.connected


def cleaner(platform: Platform) -> Cleaner:
    return Cleaner(platform.database, platform.blobs, interval=3600.0)


@pytest.fixture
async def own(platform: Platform, settings: PlatformSettings) -> Platform:
    """A platform with a bucket of its own."""
    own = replace(platform, blobs=Blobs(settings.model_copy(update={"s3_bucket": "clips-of-a-test"})))
    await own.blobs.make_bucket()
    async for page in own.blobs.stored(""):
        await own.blobs.delete([found.key for found in page])
    return own


async def clip_of(own: Platform, file: FileIngested, starts: float, ends: float, **options: Any) -> Link:
    """A link whose clip is cut, or as good as."""
    link = await linked(own, file.file_id, starts, ends, **options)
    if link.event is not None:
        await own.blobs.put(link.key, b"a clip", "video/mp4")
        await on_clip_requested(link.event, Resources(own, Counted()))
    return link


async def test_clips_go_when_the_last_link_to_them_has_ended(own: Platform, database: Database, tmp_path: Path) -> None:
    file, now = await film(own, tmp_path, proxy=False), utc_now()
    short, revoked, kept = [await clip_of(own, file, starts, 4.0, expires_at=now + timedelta(days=1)) for starts in (0, 1, 2)]
    longer = await linked(own, file.file_id, 0, 4.0, expires_at=now + timedelta(days=3))
    await linked(own, file.file_id, 2, 4.0, expires_at=now + timedelta(days=30))
    await revoke(database, revoked.id)

    async def left() -> list[bool]:
        return [await stored(own.blobs, link.key) for link in (short, revoked, kept)]

    await cleaner(own).clean(now)
    assert await left() == [True, False, True]
    await cleaner(own).clean(now + timedelta(days=2))
    assert await left() == [True, False, True]
    assert longer.event is None
    await cleaner(own).clean(now + timedelta(days=4))
    assert await left() == [False, False, True]
    assert await count(database, "clips") == 1
    again = await linked(own, file.file_id, 0, 4.0)
    assert again.event is not None


async def test_a_clip_that_goes_takes_its_job_along(own: Platform, database: Database, tmp_path: Path) -> None:
    link = await linked(own, (await film(own, tmp_path, proxy=False)).file_id, 0.0, 1.0)
    await revoke(database, link.id)
    await cleaner(own).clean(utc_now())
    assert await row(database, "SELECT state FROM jobs WHERE id = %s", link.asked.job_id) == ("cancelled",)
    with pytest.raises(AlreadyApplied):
        await on_clip_requested(link.asked, Resources(own, Counted()))


async def test_a_clip_that_is_shared_again_while_it_is_removed_is_cut_anew(
    own: Platform, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await film(own, tmp_path, proxy=False)
    link = await clip_of(own, file, 0.0, 1.0)
    await revoke(database, link.id)
    removing, go_on = asyncio.Event(), asyncio.Event()
    delete = Blobs.delete

    async def slowly(blobs: Blobs, keys: list[str]) -> None:
        if keys:
            removing.set()
            await go_on.wait()
        await delete(blobs, keys)

    monkeypatch.setattr(Blobs, "delete", slowly)
    cleaning = asyncio.create_task(cleaner(own).clean(utc_now()))
    await removing.wait()
    sharing = asyncio.create_task(linked(own, file.file_id, 0.0, 1.0))
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO clips%'"

    async def is_waiting() -> bool:
        async with database.connection() as connection:
            return await (await connection.execute(waits.encode())).fetchone() == (1,)

    await until_so(is_waiting)
    go_on.set()
    await cleaning
    again = await sharing
    assert again.event is not None
    await on_clip_requested(again.event, Resources(own, Counted()))
    assert await stored(own.blobs, link.key)


async def test_a_clip_that_is_being_shared_again_is_not_removed(own: Platform, database: Database, tmp_path: Path) -> None:
    """The link is made, but not committed, when the cleaner looks."""
    file = await film(own, tmp_path, proxy=False)
    link = await clip_of(own, file, 0.0, 1.0)
    await revoke(database, link.id)
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%clips%'"

    async def is_waiting() -> bool:
        async with database.connection() as connection:
            return await (await connection.execute(waits.encode())).fetchone() == (1,)

    async with own.effects.begin() as effect:
        await share(effect, file.file_id, 0.0, 1.0)
        cleaning = asyncio.create_task(cleaner(own).clean(utc_now()))
        await until_so(is_waiting)
    await cleaning
    assert await stored(own.blobs, link.key)
    assert await count(database, "clips") == 1


async def test_strays_go_after_an_hour_and_nothing_else_is_touched(own: Platform, database: Database, tmp_path: Path) -> None:
    link = await clip_of(own, await film(own, tmp_path, proxy=False), 0.0, 1.0)
    stray, proxy, upload = f"{PREFIX}{'0' * 64}.mp4", f"{RENDITIONS}x/r1/a.mp4", "uploads/x/a.mp4"
    for key in (stray, proxy, upload):
        await own.blobs.put(key, b"bytes", "video/mp4")
    await cleaner(own).clean(utc_now() + GRACE / 2)
    assert await stored(own.blobs, stray)
    await cleaner(own).clean(utc_now() + 2 * GRACE)
    assert [await stored(own.blobs, key) for key in (stray, link.key, proxy, upload)] == [False, True, True, True]


async def test_a_reconciliation_takes_no_clip_for_an_orphan(
    own: Platform, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.proxy.reconcile.repository.GRACE", -60)
    await clip_of(own, await film(own, tmp_path, proxy=False), 0.0, 1.0)
    await own.blobs.put(f"{RENDITIONS}nobody/r1/a.mp4", b"orphan", "video/mp4")
    async with database.transaction() as connection:
        job_id = await jobs.create(connection, "reconcile", {"apply": False})
    await on_reconcile_requested(ReconcileRequested(job_id=job_id), own)
    assert await row(database, "SELECT count(*), min(path) FROM job_items WHERE change = 'orphan'") == (
        1,
        f"{RENDITIONS}nobody/r1/a.mp4",
    )


async def test_the_cleaner_looks_by_itself_and_outlives_an_outage(own: Platform, database: Database, tmp_path: Path) -> None:
    link = await clip_of(own, await film(own, tmp_path, proxy=False), 0.0, 1.0)
    await revoke(database, link.id)
    dead = Blobs(own.settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"}))
    tries = list[int]()

    class Trying(Cleaner):
        async def clean(self, now: Any) -> None:
            tries.append(1)
            self._blobs = dead if len(tries) == 1 else own.blobs
            await super().clean(now)

    async with Trying(own.database, own.blobs, interval=0.01).running():
        await until(lambda: len(tries) > 2, within=60)
    assert not await stored(own.blobs, link.key)
    assert await count(database, "clips") == 0
