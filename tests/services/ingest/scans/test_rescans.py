"""What a rescan, or another import, makes of files that were moved, renamed or changed; on the real Postgres."""

import os
import shutil
from pathlib import Path

import pytest

from services.ingest.scans import applying
from shared.contracts import FileMissing, FileMoved, FileReturned, ProxyRequested
from tests.support.imports import Library
from tests.support.media import tiny_photo

pytestmark = pytest.mark.connected

NAMES = {"red.jpg", "green.jpg", "blue.jpg", "gold.jpg"}


async def test_an_unchanged_folder_has_no_items_and_is_counted(library: Library, shoot: Path) -> None:
    before = await library.files()
    job_id = await library.rescan(shoot)
    job = await library.job(job_id)
    assert (job["state"], job["phase"]) == ("done", "done")
    assert job["progress"] == {"listed": 4, "unchanged": 4, "still_missing": 0}
    assert await library.items(job_id) == {}
    assert await library.files() == before


async def test_a_renamed_folder_is_moved_files_and_nothing_is_worked_on_but_their_names(library: Library, shoot: Path) -> None:
    before = await library.ids()
    (shoot / "day 1").rename(shoot / "monday")
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"moved": {"red.jpg", "green.jpg"}}
    assert await library.ids() == before
    red = (await library.files())["red.jpg"]
    assert (Path(red["path"]), bytes(red["path_raw"])) == (
        shoot / "monday" / "red.jpg",
        os.fsencode(shoot / "monday" / "red.jpg"),
    )
    assert (red["root"], red["missing_since"], red["revision"]) == (str(shoot), None, 1)
    assert await library.told(FileMoved.subject, FileMissing.subject, FileReturned.subject) == [
        (FileMoved.subject, before["green.jpg"]),
        (FileMoved.subject, before["red.jpg"]),
    ]
    assert len(await library.ingested()) == 4
    assert await library.stages("red.jpg") == {
        **dict.fromkeys(("ingest", "proxy", "transcribe", "analyse"), ("done", 1, None)),
        "embed": ("pending", 1, job_id),
    }
    item = (await library.items(job_id))["red.jpg"]
    assert (item["state"], item["from_path"], item["file_id"]) == ("done", str(shoot / "day 1" / "red.jpg"), before["red.jpg"])


async def test_a_file_that_is_still_in_the_pipeline_is_not_taken_out_of_it_by_a_move(library: Library, shoot: Path) -> None:
    await library.rows("UPDATE file_stages SET state = 'pending', settled_at = NULL WHERE stage IN ('analyse', 'embed')")
    (shoot / "day 1" / "red.jpg").rename(shoot / "red.jpg")
    await library.rescan(shoot)
    assert (await library.stages("red.jpg"))["embed"] == ("pending", 1, None)


async def test_moments_that_are_being_made_are_made_with_the_new_name(library: Library, shoot: Path) -> None:
    """Whoever makes them now has read the old one, and is not to have the last word."""
    await library.rows("UPDATE file_stages SET state = 'pending', settled_at = NULL WHERE stage = 'embed'")
    (shoot / "day 1" / "red.jpg").rename(shoot / "red.jpg")
    job_id = await library.rescan(shoot)
    assert (await library.stages("red.jpg"))["embed"] == ("pending", 1, job_id)


async def test_a_stage_that_failed_while_a_file_was_on_the_move_is_tried_again(library: Library, shoot: Path) -> None:
    await library.rows("UPDATE file_stages SET state = 'failed', reason = 'moved' WHERE stage = 'proxy'")
    (shoot / "day 1" / "red.jpg").rename(shoot / "red.jpg")
    job_id = await library.rescan(shoot)
    assert (await library.stages("red.jpg"))["proxy"] == ("pending", 1, job_id)
    assert [file for _, file in await library.told(ProxyRequested.subject)] == [(await library.ids())["red.jpg"]]


async def test_a_new_name_in_the_same_folder_is_a_rename(library: Library, shoot: Path) -> None:
    before = await library.ids()
    (shoot / "day 1" / "red.jpg").rename(shoot / "day 1" / "scarlet.jpg")
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"renamed": {"scarlet.jpg"}}
    assert (await library.ids())["scarlet.jpg"] == before["red.jpg"]


@pytest.mark.parametrize("seen_from", ["new place", "parent", "old place first", "import", "everything"])
async def test_a_moved_folder_keeps_its_files_wherever_it_is_looked_for(library: Library, shoot: Path, seen_from: str) -> None:
    before = await library.ids()
    new = shoot.parent / "archive" / "shoot 2025"
    new.parent.mkdir()
    shutil.move(shoot, new)
    match seen_from:
        case "new place":
            await library.rescan(new)
        case "parent":
            await library.rescan(shoot.parent)
        case "old place first":
            job_id = await library.rescan(shoot)
            assert (await library.changes(job_id))["missing"] == NAMES
            assert {file["missing_since"] is None for file in (await library.files()).values()} == {False}
            job_id = await library.rescan(new)
            assert (await library.changes(job_id)) == {"returned": NAMES}
        case "import":
            await library.ingest(new)
        case "everything":
            await library.rescan(None)
            assert {file["missing_since"] is None for file in (await library.files()).values()} == {False}
            await library.rescan(new)
    files = await library.files()
    assert {name: file["id"] for name, file in files.items()} == before
    assert {file["missing_since"] for file in files.values()} == {None}
    assert {file["root"] for file in files.values()} == {str(new)}
    assert Path(files["red.jpg"]["path"]) == new / "day 1" / "red.jpg"
    assert len(await library.ingested()) == 4
    assert len(await library.told(FileMoved.subject)) == 4


@pytest.mark.parametrize("page", [1, 500])
async def test_names_that_were_swapped_go_with_their_contents(
    library: Library, shoot: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(applying, "PAGE", page)
    before = await library.ids()
    red, gold, spare = shoot / "day 1" / "red.jpg", shoot / "day 2" / "gold.jpg", shoot / "spare"
    red.rename(spare)
    gold.rename(red)
    spare.rename(gold)
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"moved": {"red.jpg", "gold.jpg"}}
    after = await library.ids()
    assert (after["red.jpg"], after["gold.jpg"]) == (before["gold.jpg"], before["red.jpg"])
    assert await library.told(FileMissing.subject) == []


async def test_a_chain_of_renames_goes_with_its_contents(library: Library, shoot: Path) -> None:
    before = await library.ids()
    day = shoot / "day 1"
    (day / "red.jpg").rename(day / "third.jpg")
    (day / "green.jpg").rename(day / "red.jpg")
    tiny_photo(day / "green.jpg", colour="pink")
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"renamed": {"third.jpg", "red.jpg"}, "new": {"green.jpg"}}
    after = await library.ids()
    assert (after["third.jpg"], after["red.jpg"]) == (before["red.jpg"], before["green.jpg"])
    assert after["green.jpg"] not in before.values()


async def test_changed_content_is_a_new_revision(library: Library, shoot: Path) -> None:
    before = await library.ids()
    tiny_photo(shoot / "day 1" / "red.jpg", colour="crimson")
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"changed": {"red.jpg"}}
    red = (await library.files())["red.jpg"]
    assert (red["id"], red["revision"]) == (before["red.jpg"], 2)
    assert (await library.stages("red.jpg"))["proxy"] == ("pending", 2, None)
    assert ("red.jpg", 2) in await library.ingested()


async def test_a_new_revision_is_on_no_run_whatever_ran_before(library: Library, shoot: Path) -> None:
    await library.rows("UPDATE file_stages SET state = 'pending', run_id = %s, prior = '{}'", (await library.ids())["red.jpg"])
    tiny_photo(shoot / "day 1" / "red.jpg", colour="crimson")
    await library.rescan(shoot)
    assert (await library.stages("red.jpg"))["proxy"] == ("pending", 2, None)


async def test_touched_files_are_read_again_and_told_unchanged(library: Library, shoot: Path) -> None:
    os.utime(shoot / "day 1" / "red.jpg", ns=(1, 1_600_000_000_000_000_000))
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {}
    assert (await library.files())["red.jpg"]["modified_ns"] == 1_600_000_000_000_000_000
    assert await library.items(await library.rescan(shoot)) == {}


async def test_a_new_spelling_of_a_name_is_a_rename(library: Library, shoot: Path) -> None:
    before = await library.ids()
    day = shoot / "day 1"
    (day / "red.jpg").rename(day / "RED.JPG")
    (shoot / "day 2").rename(shoot / "Day 2")
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"renamed": {"RED.JPG"}, "moved": {"blue.jpg", "gold.jpg"}}
    after = await library.ids()
    assert after["RED.JPG"] == before["red.jpg"]
    assert after["blue.jpg"] == before["blue.jpg"]


async def test_accents_written_otherwise_are_a_rename(library: Library, shoot: Path) -> None:
    composed, decomposed = "caf\u00e9.jpg", "cafe\u0301.jpg"
    (shoot / "day 1" / "red.jpg").rename(shoot / "day 1" / composed)
    await library.rescan(shoot)
    before = (await library.ids())[composed]
    (shoot / "day 1" / composed).rename(shoot / "day 1" / decomposed)
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"renamed": {decomposed}}
    assert (await library.ids())[decomposed] == before


async def test_an_unreadable_or_unsupported_file_is_told_by_name_and_reason(library: Library, shoot: Path) -> None:
    (shoot / "notes.txt").write_text("not for you")
    (shoot / "empty.mp4").touch()
    job_id = await library.rescan(shoot)
    items = await library.items(job_id)
    assert {name: (item["change"], item["state"]) for name, item in items.items()} == {
        "notes.txt": ("unsupported", "skipped"),
        "empty.mp4": ("unreadable", "failed"),
    }
    assert "0 bytes" in items["empty.mp4"]["reason"]
