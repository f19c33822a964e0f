"""Folders that are really watched, with the service's own handlers behind; on the real Postgres."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from blake3 import blake3

from services.ingest.watching.repository import LEADER_LOCK
from services.ingest.watching.watched import EMPTY
from tests.support.imports import Library
from tests.support.media import tiny_photo
from tests.support.waiting import until_so
from tests.support.watching import SETTLE, WITHIN, Installation, handled

pytestmark = pytest.mark.connected

WAYS = pytest.mark.parametrize("poll", ["events", "polling"])


@pytest.fixture
async def installation(library: Library) -> AsyncIterator[Installation]:
    installation = Installation(library)
    async with handled(library), installation.watching():
        yield installation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    (folder / "day 1").mkdir(parents=True)
    return folder


def photo(path: Path, colour: str = "red") -> bytes:
    return tiny_photo(path, colour=colour, size=(800, 600)).read_bytes()


@WAYS
async def test_what_is_there_already_is_taken_in_and_then_what_is_added(
    installation: Installation, folder: Path, poll: str
) -> None:
    photo(folder / "day 1" / "red.jpg")
    watch_id = await installation.add(folder, poll=poll)
    await installation.until_known("red.jpg")
    assert {job["asked_by"] for job in await installation.library.rows("SELECT asked_by FROM jobs")} == {"ada"}
    photo(folder / "day 2.jpg", "green")
    (folder / "new" / "deep").mkdir(parents=True)
    photo(folder / "new" / "deep" / "blue.jpg", "blue")
    await installation.until_known("red.jpg", "day 2.jpg", "blue.jpg")
    watch = await installation.watch(watch_id)
    assert (watch["state"], watch["reason"]) == (poll, None)
    assert watch["looked_at"] is not None
    assert {file["root"] for file in (await installation.library.files()).values()} == {str(folder)}


@WAYS
async def test_a_file_that_is_copied_slowly_is_taken_once_and_whole(
    installation: Installation, folder: Path, tmp_path: Path, poll: str
) -> None:
    content = photo(tmp_path / "source.jpg") * 3
    settle, pieces = 2.0, 6
    watch_id = await installation.add(folder, poll=poll, settle=settle)
    await installation.until_state(watch_id, poll)
    with (folder / "day 1" / "slow.jpg").open("wb") as file:
        for piece in range(pieces):
            file.write(content[piece * len(content) // pieces : (piece + 1) * len(content) // pieces])
            file.flush()
            await asyncio.sleep(settle / 5)  # the copying takes longer than the settle time, and pauses for less
    await installation.until_known("slow.jpg")
    await installation.until_idle(jobs=2)
    slow = (await installation.library.files())["slow.jpg"]
    assert (slow["revision"], bytes(slow["fingerprint"])) == (1, blake3(content).digest())
    assert len(await installation.library.ingested()) == 1


@WAYS
async def test_renames_into_within_and_out_of_the_folder_are_noticed(
    installation: Installation, folder: Path, tmp_path: Path, poll: str
) -> None:
    photo(tmp_path / "red.jpg")
    photo(folder / "green.jpg", "green")
    await installation.add(folder, poll=poll)
    await installation.until_known("green.jpg")
    (tmp_path / "red.jpg").rename(folder / "red.jpg")
    await installation.until_known("red.jpg", "green.jpg")
    before = await installation.library.ids()
    (folder / "red.jpg").rename(folder / "day 1" / "scarlet.jpg")
    await installation.until_known("scarlet.jpg", "green.jpg")
    assert (await installation.library.ids())["scarlet.jpg"] == before["red.jpg"]
    (folder / "day 1" / "scarlet.jpg").rename(tmp_path / "red.jpg")
    await installation.until_known("green.jpg")
    assert (await installation.library.ids()).keys() == {"green.jpg", "scarlet.jpg"}, "missing, not forgotten"


async def test_a_folder_that_is_moved_in_is_noticed_with_all_in_it(
    installation: Installation, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "shoot" / "deep").mkdir(parents=True)
    photo(tmp_path / "shoot" / "deep" / "red.jpg")
    await installation.until_state(await installation.add(folder), "events")
    (tmp_path / "shoot").rename(folder / "shoot")
    await installation.until_known("red.jpg")
    shutil.rmtree(folder / "shoot")
    await installation.until_known()


async def test_an_edit_makes_a_new_revision(installation: Installation, folder: Path) -> None:
    photo(folder / "red.jpg")
    await installation.add(folder)
    await installation.until_known("red.jpg")
    content = photo(folder / "red.jpg", "orange")

    async def is_edited() -> bool:
        red = (await installation.library.files())["red.jpg"]
        return (red["revision"], bytes(red["fingerprint"])) == (2, blake3(content).digest())

    await until_so(is_edited, within=WITHIN)


async def test_a_recording_that_goes_on_holds_up_no_others_and_is_taken_when_it_is_over(
    installation: Installation, folder: Path
) -> None:
    await installation.until_state(await installation.add(folder), "events")
    content = photo(folder.parent / "source.jpg", "gold")

    async def is_known() -> bool:
        return "red.jpg" in await installation.library.files()

    with (folder / "recording.jpg").open("wb") as file:
        file.write(content)
        photo(folder / "red.jpg")
        async with asyncio.timeout(WITHIN):
            while not await is_known():
                file.write(b"more")
                file.flush()
                await asyncio.sleep(SETTLE / 8)
        assert "recording.jpg" not in await installation.library.files()
    await installation.until_known("red.jpg", "recording.jpg")
    recording = (await installation.library.files())["recording.jpg"]
    assert recording["revision"] == 1
    assert bytes(recording["fingerprint"]) == blake3((folder / "recording.jpg").read_bytes()).digest()


async def test_ten_thousand_files_at_once_make_few_jobs(installation: Installation, folder: Path) -> None:
    watch_id = await installation.add(folder)
    await installation.until_state(watch_id, "events")
    await installation.until_idle(jobs=1)
    for number in range(10_000):
        (folder / f"{number}.txt").write_text("none of ours")

    async def are_seen() -> bool:
        [row] = await installation.library.rows("SELECT count(DISTINCT path) AS seen FROM job_items")
        return int(row["seen"]) == 10_000

    await until_so(are_seen, within=WITHIN)
    assert len(await installation.jobs()) <= 4


async def test_names_that_nobody_gave_are_passed_over(installation: Installation, folder: Path) -> None:
    watch_id = await installation.add(folder)
    await installation.until_state(watch_id, "events")
    await installation.until_idle(jobs=1)
    (folder / ".hidden").mkdir()
    photo(folder / ".hidden" / "red.jpg")
    (folder / ".red.jpg.part").write_bytes(b"half")
    photo(folder / "green.jpg", "green")
    await installation.until_known("green.jpg")
    assert len(await installation.jobs()) == 2


async def test_the_first_file_comes_in_by_the_watched_folder_however_deep_it_lies(
    installation: Installation, folder: Path
) -> None:
    await installation.until_state(await installation.add(folder), "events")
    photo(folder / "day 1" / "red.jpg")
    await installation.until_known("red.jpg")
    assert (await installation.library.files())["red.jpg"]["root"] == str(folder)


async def test_nothing_is_asked_for_while_the_service_is_at_what_was_asked_for_last(library: Library, folder: Path) -> None:
    installation = Installation(library)

    async def asked(watch_id: UUID) -> None:
        async def is_asked() -> bool:
            return (await installation.watch(watch_id))["job_id"] is not None

        await until_so(is_asked, within=WITHIN)

    watch_id = await installation.add(folder)
    async with installation.watching():
        await asked(watch_id)
        photo(folder / "red.jpg")
        for name in ("other", "another"):  # what is asked for of these later is asked for after that of the photo
            (folder.parent / name).mkdir()
            await asked(await installation.add(folder.parent / name))
        assert len(await installation.jobs()) == 3, "one of each folder"
        async with handled(library):
            await installation.until_known("red.jpg")


async def test_a_file_that_is_begun_between_asking_and_looking_is_left_for_later(library: Library, folder: Path) -> None:
    photo(folder / "red.jpg")
    with (folder / "recording.jpg").open("wb") as file:
        file.write(photo(folder.parent / "source.jpg", "gold"))

        async def record() -> None:
            while True:
                file.write(b"more")
                file.flush()
                await asyncio.sleep(SETTLE / 8)

        recording = asyncio.create_task(record())
        job_id = await library.rescan(folder, settle=SETTLE)
        recording.cancel()
    assert await library.changes(job_id) == {"new": {"red.jpg"}}
    assert await library.changes(await library.rescan(folder, settle=SETTLE)) == {"new": {"recording.jpg"}}


async def test_what_is_known_to_move_is_neither_taken_nor_missing(library: Library, folder: Path) -> None:
    photo(folder / "red.jpg")
    photo(folder / "green.jpg", "green")
    await library.ingest(folder)
    photo(folder / "red.jpg", "orange")
    (folder / "green.jpg").unlink()
    photo(folder / "blue.jpg", "blue")
    moving = [folder / name for name in ("red.jpg", "green.jpg", "blue.jpg")]
    assert await library.changes(await library.rescan(folder, unsettled=moving)) == {}
    assert {name: file["revision"] for name, file in (await library.files()).items()} == {"red.jpg": 1, "green.jpg": 1}
    assert await library.changes(await library.rescan(folder)) == {
        "changed": {"red.jpg"},
        "missing": {"green.jpg"},
        "new": {"blue.jpg"},
    }


async def test_a_folder_that_vanishes_is_waited_for_and_nothing_is_marked_as_missing(
    installation: Installation, folder: Path, tmp_path: Path
) -> None:
    photo(folder / "red.jpg")
    watch_id = await installation.add(folder)
    await installation.until_known("red.jpg")
    jobs = len(await installation.jobs())
    folder.rename(tmp_path / "unplugged")  # noqa: ASYNC240 - the disk is the test's own
    away = await installation.until_state(watch_id, "away")
    assert away["reason"].startswith(f"There is no folder at {folder}: its disk or share may not be connected.")
    photo(tmp_path / "unplugged" / "green.jpg", "green")
    assert len(await installation.jobs()) == jobs
    assert not (await installation.library.files())["red.jpg"]["missing_since"]
    (tmp_path / "unplugged").rename(folder)
    await installation.until_known("red.jpg", "green.jpg")
    assert (await installation.watch(watch_id))["reason"] is None
    folder.rename(tmp_path / "unplugged")  # noqa: ASYNC240 - as above
    await installation.until_state(watch_id, "away")


async def test_a_mount_point_without_its_disk_is_not_taken_for_a_folder_that_was_emptied(
    installation: Installation, folder: Path
) -> None:
    photo(folder / "red.jpg")
    await installation.library.ingest(folder)
    shutil.rmtree(folder)
    folder.mkdir()  # noqa: ASYNC240 - as above
    watch_id = await installation.add(folder)
    assert (await installation.until_state(watch_id, "away"))["reason"] == EMPTY
    assert not (await installation.library.files())["red.jpg"]["missing_since"]
    photo(folder / "green.jpg", "green")
    await installation.until_known("green.jpg")


async def test_a_file_in_place_of_the_folder_is_said_so(installation: Installation, folder: Path) -> None:
    path = folder / "red.jpg"
    photo(path)
    watch_id = await installation.add(path)
    assert (await installation.until_state(watch_id, "away"))["reason"] == (
        f"{path} is not a folder; remove this watch and add the folder that it is in."
    )


async def test_what_happened_while_nobody_watched_is_caught_up(library: Library, folder: Path) -> None:
    photo(folder / "red.jpg")
    installation = Installation(library)
    async with handled(library):
        await installation.add(folder)
        async with installation.watching():
            await installation.until_known("red.jpg")
        (folder / "red.jpg").unlink()
        photo(folder / "green.jpg", "green")
        async with installation.watching():
            await installation.until_known("green.jpg")


async def test_of_several_processes_one_watches_and_another_goes_on_when_it_dies(library: Library, folder: Path) -> None:
    installation = Installation(library)
    watch_id = await installation.add(folder)
    holders = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    key = f"{holders} AND (classid::bigint << 32 | objid::bigint) = {LEADER_LOCK}"
    async with handled(library), installation.watching() as first, installation.watching() as second:
        await installation.until_state(watch_id, "events")
        assert [first.leads, second.leads].count(True) == 1
        photo(folder / "red.jpg")
        await installation.until_known("red.jpg")
        [leader] = await library.rows(key)
        await library.rows("SELECT pg_terminate_backend(%s)", leader["pid"])

        async def has_another() -> bool:
            found = await library.rows(key)
            return bool(found) and found != [leader]

        await until_so(has_another, within=WITHIN)
        photo(folder / "green.jpg", "green")
        await installation.until_known("red.jpg", "green.jpg")


async def test_what_people_change_of_a_watch_takes_effect(installation: Installation, folder: Path) -> None:
    watch_id = await installation.add(folder)
    await installation.until_state(watch_id, "events")
    await installation.library.rows("UPDATE watches SET poll = 'polling' WHERE id = %s", watch_id)
    await installation.until_state(watch_id, "polling")
    await installation.library.rows("DELETE FROM watches WHERE id = %s", watch_id)
    other = folder.parent / "other"
    other.mkdir()
    photo(folder / "red.jpg")
    photo(other / "green.jpg", "green")
    await installation.add(other)
    await installation.until_known("green.jpg")


async def test_only_the_folder_itself_can_be_watched(installation: Installation, folder: Path) -> None:
    photo(folder / "day 1" / "red.jpg")
    photo(folder / "day 1" / "scarlet.jpg")
    await installation.library.ingest(folder)
    photo(folder / "green.jpg", "green")
    watch_id = await installation.add(folder, recursive=False)
    await installation.until_known("red.jpg", "green.jpg")
    await installation.until_state(watch_id, "events")
    photo(folder / "day 1" / "blue.jpg", "blue")
    (folder / "green.jpg").unlink()
    await installation.until_known("red.jpg")
    job_id = (await installation.jobs())[-1]["id"]
    assert await installation.library.changes(job_id) == {"missing": {"green.jpg"}}
    assert len(await installation.library.rows("SELECT path FROM file_copies")) == 1, "the copy is still known"


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="names are Unicode there")
async def test_a_name_that_is_no_unicode_is_noticed(installation: Installation, folder: Path) -> None:
    await installation.until_state(await installation.add(folder), "events")
    name = b"caf\xe9.jpg"
    photo(folder.parent / "red.jpg")
    (folder.parent / "red.jpg").rename(folder / name.decode("utf-8", "surrogateescape"))
    await installation.until_known("caf\ufffd.jpg")
    photo(folder / "green.jpg", "green")
    await installation.until_known("caf\ufffd.jpg", "green.jpg")
