"""A span that is shared goes in; an object, a row and an event come out, once, whatever fails on the way."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from nats.js import JetStreamContext

from services.proxy.clips import handlers, repository
from services.proxy.clips.cutter import Cutter
from services.proxy.clips.handlers import Resources, on_buried, on_clip_requested
from shared import topology
from shared.blobs import Blobs
from shared.clips import PREFIX
from shared.contracts import ClipReady, Kind
from shared.database import Database
from shared.errors import AlreadyApplied, BadMedia, BlobsUnavailable, Conflict, Superseded
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.clipping import LIMITS, Counted, film, row, state_of, stored
from tests.support.delivering import publish, reacting, settled, working
from tests.support.imported import imported
from tests.support.library import count
from tests.support.media import run_ffmpeg
from tests.support.sharing import filed, linked, revoke
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


@pytest.fixture
def cutter() -> Counted:
    return Counted()


@pytest.fixture
def resources(platform: Platform, cutter: Counted) -> Resources:
    return Resources(platform, cutter)


async def test_a_clip_is_cut_stored_and_told(
    resources: Resources, database: Database, blobs: Blobs, platform: Platform, tmp_path: Path
) -> None:
    file = await film(platform, tmp_path)
    link = await linked(platform, file.file_id, 1.0, 2.0)
    await on_clip_requested(link.asked, resources)
    assert link.key.startswith(PREFIX)
    await blobs.get_file(link.key, tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert len([*container.decode(video=0)]) == 15
        assert {stream.type for stream in container.streams} == {"video", "audio"}
    size = (tmp_path / "clip.mp4").stat().st_size
    told = await row(database, "SELECT bytes, made_at IS NOT NULL, starts, ends FROM clips")
    assert told == (size, True, 1.0, 2.0)
    job = await row(database, "SELECT kind, state, error, asked_by FROM jobs WHERE id = %s", link.asked.job_id)
    assert job == ("clip", "done", None, "anna")
    [body] = await row(database, "SELECT body FROM outbox WHERE subject = 'clip.ready'")
    assert ClipReady.model_validate(body) == ClipReady(job_id=link.asked.job_id, object_key=link.key)


async def test_delivered_twice_it_is_cut_once(
    resources: Resources, cutter: Counted, database: Database, platform: Platform, tmp_path: Path
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)
    await on_clip_requested(link.asked, resources)
    with pytest.raises(AlreadyApplied):
        await on_clip_requested(link.asked, resources)
    assert cutter.cuts == 1
    assert await count(database, "outbox", "subject = 'clip.ready'") == 1


async def test_delivered_twice_at_once_it_is_told_once(
    resources: Resources, database: Database, platform: Platform, tmp_path: Path
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)
    both = [on_clip_requested(link.asked, resources), on_clip_requested(link.asked, resources)]
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["AlreadyApplied", "NoneType"]
    assert await count(database, "outbox", "subject = 'clip.ready'") == 1


async def test_who_was_killed_after_storing_it_does_not_cut_it_again(
    resources: Resources,
    cutter: Counted,
    database: Database,
    platform: Platform,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)

    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(repository, "save", killed)
    with pytest.raises(asyncio.CancelledError):
        await on_clip_requested(link.asked, resources)
    assert await state_of(database, link) == "running"
    monkeypatch.undo()
    await on_clip_requested(link.asked, resources)
    assert await state_of(database, link) == "done"
    assert cutter.cuts == 1


async def test_what_was_cut_off_in_the_middle_is_cut_by_the_next(
    resources: Resources, cutter: Counted, database: Database, platform: Platform, tmp_path: Path
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)
    cutter.held = asyncio.Event()
    first = asyncio.create_task(on_clip_requested(link.asked, resources))
    await cutter.began.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    cutter.held.set()
    await on_clip_requested(link.asked, resources)
    assert await state_of(database, link) == "done"


async def test_two_links_to_a_span_have_one_clip(
    resources: Resources, cutter: Counted, database: Database, platform: Platform, tmp_path: Path
) -> None:
    file = await film(platform, tmp_path)
    one, other, third = [await linked(platform, file.file_id, 1.0, ends) for ends in (2.0, 2.0, 2.5)]
    assert one.key == other.key != third.key
    assert other.event is None
    for link in (one, third):
        await on_clip_requested(link.asked, resources)
    assert cutter.cuts == await count(database, "clips") == 2
    assert (await linked(platform, file.file_id, 1.0, 2.0)).event is None


async def test_without_a_proxy_the_original_is_cut(
    resources: Resources, cutter: Counted, blobs: Blobs, platform: Platform, tmp_path: Path
) -> None:
    file = await film(platform, tmp_path, proxy=False)
    link = await linked(platform, file.file_id, 0.0, 1.0)
    await on_clip_requested(link.asked, resources)
    assert (cutter.converted, cutter.cuts) == (1, 1)
    assert await stored(blobs, link.key)


async def test_past_the_end_the_clip_fails_in_a_sentence_and_can_be_asked_for_again(
    resources: Resources, database: Database, platform: Platform, tmp_path: Path
) -> None:
    file = await film(platform, tmp_path)
    link = await linked(platform, file.file_id, 50.0, 51.0)
    with pytest.raises(BadMedia, match="Share one that begins before") as failure:
        await on_clip_requested(link.asked, resources)
    async with database.transaction() as connection:
        await on_buried(connection, link.asked, str(failure.value))
        await on_buried(connection, link.asked, "again")
    [state, error] = await row(database, "SELECT state, error FROM jobs WHERE id = %s", link.asked.job_id)
    assert (state, error) == ("failed", str(failure.value))
    assert await count(database, "outbox", "subject = 'clip.failed'") == 1
    again = await linked(platform, file.file_id, 50.0, 51.0)
    assert again.asked.job_id != link.asked.job_id
    assert await state_of(database, link) == "pending"


async def test_a_letter_that_is_sent_again_takes_up_what_failed(
    resources: Resources, database: Database, platform: Platform, tmp_path: Path
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)
    async with database.transaction() as connection:
        await on_buried(connection, link.asked, "The disk was broken.")
    await on_clip_requested(link.asked, resources)
    assert await state_of(database, link) == "done"
    assert await row(database, "SELECT error FROM jobs WHERE id = %s", link.asked.job_id) == (None,)


async def test_of_a_file_that_changed_nothing_is_cut(
    resources: Resources, cutter: Counted, database: Database, platform: Platform, tmp_path: Path
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)
    async with database.connection() as connection:
        await connection.execute("UPDATE files SET revision = 2")
    with pytest.raises(Conflict, match="Make a new link"):
        await on_clip_requested(link.asked, resources)
    assert cutter.cuts == 0


async def test_what_nobody_shares_any_more_is_not_begun(
    resources: Resources, cutter: Counted, database: Database, platform: Platform, tmp_path: Path
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)
    await revoke(database, link.id)
    with pytest.raises(Superseded):
        await on_clip_requested(link.asked, resources)
    assert (cutter.cuts, await state_of(database, link)) == (0, "cancelled")
    again = await linked(platform, (await row(database, "SELECT id FROM files"))[0], 1.0, 2.0)
    await on_clip_requested(again.asked, resources)
    assert cutter.cuts == 1


async def test_cutting_shows_how_far_it_is_and_ends_when_the_link_is_revoked(
    resources: Resources, cutter: Counted, database: Database, blobs: Blobs, platform: Platform, tmp_path: Path
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)
    cutter.held = asyncio.Event()
    cutting = asyncio.create_task(on_clip_requested(link.asked, resources))
    await cutter.began.wait()

    async def shows() -> bool:
        [progress] = await row(database, "SELECT progress FROM jobs WHERE id = %s", link.asked.job_id)
        return bool(progress == {"done": 1.0, "total": 4.0})

    await until_so(shows)
    await revoke(database, link.id)
    with pytest.raises(Superseded):
        await cutting
    assert await state_of(database, link) == "cancelled"
    assert not await stored(blobs, link.key)


async def test_a_store_that_is_away_leaves_nothing_and_the_second_try_works(
    resources: Resources, database: Database, platform: Platform, tmp_path: Path
) -> None:
    link = await linked(platform, (await film(platform, tmp_path)).file_id, 1.0, 2.0)
    dead = Blobs(platform.settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"}))
    with pytest.raises(BlobsUnavailable):
        await on_clip_requested(link.asked, replace(resources, platform=replace(platform, blobs=dead)))
    assert await count(database, "inbox", "consumer = 'test'") == 1  # the proxy's
    await on_clip_requested(link.asked, resources)
    assert await state_of(database, link) == "done"


async def test_what_fails_for_good_is_a_dead_letter_and_a_sentence(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, platform: Platform, blobs: Blobs
) -> None:
    """Over the bus: the rendition is no video."""
    link = await linked(platform, await filed(database, blobs), 1.0, 2.0)
    handler = handlers.Resources(platform, Cutter(LIMITS))
    consumer = replace(topology.CLIPS, durable="clips-of-a-test")

    async def act(event: Any) -> None:
        await on_clip_requested(event, handler)

    subscription = reacting(consumer, act, on_buried=on_buried)
    async with working(settings, database, stream, subscription):
        await publish(stream, link.asked)
        await settled(stream, consumer.durable)
    assert await row(database, "SELECT state FROM jobs WHERE id = %s", link.asked.job_id) == ("failed",)
    [error] = await row(database, "SELECT error FROM dead_letters")
    assert "Make it anew with ./spillway batch proxy" in error


async def test_a_sound_has_clips_too(resources: Resources, blobs: Blobs, platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=3", path)
    event = await imported(platform.database, path, Kind.AUDIO, duration=3.0)
    link = await linked(platform, event.file_id, 1.0, 2.0)
    await on_clip_requested(link.asked, resources)
    assert link.key.endswith(".m4a")
    assert await stored(blobs, link.key)
