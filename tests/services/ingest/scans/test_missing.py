"""What a rescan makes of files that are not there, and of where it looks; on the real Postgres."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from shared.contracts import FileIngested, FileMissing, FileMoved, FileReturned
from shared.errors import Invalid
from tests.support.imports import Library
from tests.support.media import tiny_photo

pytestmark = pytest.mark.connected

NAMES = {"red.jpg", "green.jpg", "blue.jpg", "gold.jpg"}


async def test_a_file_that_took_the_place_of_another_keeps_its_id_and_the_other_is_missing(
    library: Library, shoot: Path
) -> None:
    before = await library.ids()
    (shoot / "day 2" / "gold.jpg").replace(shoot / "day 1" / "red.jpg")
    job_id = await library.rescan(shoot)
    changes = {
        (row["path"], row["change"], row["file_id"])
        for row in await library.rows("SELECT * FROM job_items WHERE job_id = %s", job_id)
    }
    red = str(shoot / "day 1" / "red.jpg")
    assert changes == {(red, "moved", before["gold.jpg"]), (red, "missing", before["red.jpg"])}
    rows = {row["id"]: row for row in await library.rows("SELECT * FROM files")}
    assert (rows[before["gold.jpg"]]["path"], rows[before["gold.jpg"]]["missing_since"]) == (red, None)
    assert rows[before["red.jpg"]]["missing_since"] is not None
    assert await library.told(FileMissing.subject) == [(FileMissing.subject, before["red.jpg"])]

    tiny_photo(shoot / "found.jpg", colour="red")
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"returned": {"found.jpg"}}
    assert (await library.ids())["found.jpg"] == before["red.jpg"]


async def test_a_missing_file_is_kept_and_is_itself_again_when_it_is_back(library: Library, shoot: Path) -> None:
    before = await library.files()
    red = shoot / "day 1" / "red.jpg"
    content, status = red.read_bytes(), red.stat()
    red.unlink()
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"missing": {"red.jpg"}}
    missing = (await library.files())["red.jpg"]
    assert missing["missing_since"] is not None
    assert await library.told(FileMissing.subject) == [(FileMissing.subject, before["red.jpg"]["id"])]
    again = await library.job(await library.rescan(shoot))
    assert again["progress"] == {"listed": 3, "unchanged": 3, "still_missing": 1}
    assert len(await library.told(FileMissing.subject)) == 1

    red.write_bytes(content)
    os.utime(red, ns=(status.st_atime_ns, status.st_mtime_ns))
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"returned": {"red.jpg"}}
    back = (await library.files())["red.jpg"]
    assert {**back, "updated_at": None} == {**before["red.jpg"], "updated_at": None}
    assert await library.told(FileReturned.subject, FileMoved.subject) == [(FileReturned.subject, back["id"])]
    assert (await library.stages("red.jpg"))["embed"] == ("done", 1, None)


async def test_other_content_at_the_place_of_a_missing_file_is_its_next_revision(library: Library, shoot: Path) -> None:
    before = await library.ids()
    red = shoot / "day 1" / "red.jpg"
    red.unlink()
    await library.rescan(shoot)
    tiny_photo(red, colour="maroon")
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"changed": {"red.jpg"}}
    after = (await library.files())["red.jpg"]
    assert (after["id"], after["revision"], after["missing_since"]) == (before["red.jpg"], 2, None)


async def test_what_lies_elsewhere_is_not_looked_for(library: Library, shoot: Path) -> None:
    (shoot / "day 2" / "gold.jpg").unlink()
    job_id = await library.rescan(shoot / "day 1")
    assert await library.items(job_id) == {}
    assert (await library.files())["gold.jpg"]["missing_since"] is None


async def test_a_file_that_the_walk_passes_over_is_not_missing(library: Library, shoot: Path) -> None:
    hidden = tiny_photo(shoot / "hidden.jpg", colour="gray").rename(shoot / ".hidden.jpg")
    await library.ingest(hidden)
    assert await library.items(await library.rescan(shoot)) == {}
    hidden.unlink()
    assert await library.changes(await library.rescan(shoot)) == {"missing": {".hidden.jpg"}}


async def test_an_import_misses_nothing(library: Library, shoot: Path) -> None:
    (shoot / "day 1" / "red.jpg").unlink()
    job_id = await library.ingest(shoot)
    assert await library.changes(job_id) == {}
    assert (await library.files())["red.jpg"]["missing_since"] is None


async def test_a_folder_that_is_not_there_is_told_and_its_files_are_missing_and_nothing_else(
    library: Library, shoot: Path
) -> None:
    other = shoot.parent / "other"
    other.mkdir()
    tiny_photo(other / "lake.jpg", colour="navy")
    await library.ingest(other)
    shutil.rmtree(shoot)
    job_id = await library.rescan(shoot)
    items = await library.items(job_id)
    assert items["shoot"]["change"] == "unreadable"
    assert "is its disk connected?" in items["shoot"]["reason"]
    files = await library.files()
    assert {name for name, file in files.items() if file["missing_since"]} == NAMES
    assert (await library.job(job_id))["state"] == "done"


async def test_a_rescan_of_a_place_of_which_nothing_is_known_is_refused(library: Library, shoot: Path) -> None:
    with pytest.raises(Invalid, match=r"There is nothing at .*nowhere, and the library has no file of it"):
        await library.rescan(shoot / "nowhere")


@pytest.mark.skipif(sys.platform == "win32", reason="folders are closed otherwise there")
async def test_what_lies_under_a_closed_folder_is_not_missing(
    library: Library, shoot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shoot / "day 1" / "gold copy.jpg"
    shutil.copy2(shoot / "day 2" / "gold.jpg", copy)
    await library.rescan(shoot)
    for gone in (shoot / "day 2" / "blue.jpg", shoot / "day 1" / "red.jpg", copy):
        gone.unlink()
    scandir = os.scandir

    def closed(path: str) -> object:
        if path.endswith("day 1"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)  # root may read everything
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"unreadable": {"day 1"}, "missing": {"blue.jpg"}}
    assert (await library.files())["red.jpg"]["missing_since"] is None, "nobody can tell"
    assert [row["path"] for row in await library.rows("SELECT path FROM file_copies")] == [str(copy)]


async def test_everything_is_looked_through_without_a_path(library: Library, shoot: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    tiny_photo(other / "lake.jpg", colour="navy")
    await library.ingest(other / "lake.jpg")
    await library.ingest(shoot / "day 1")
    (shoot / "day 1" / "red.jpg").unlink()
    (other / "lake.jpg").unlink()
    tiny_photo(shoot / "new.jpg", colour="teal")
    job_id = await library.rescan(None)
    changes = await library.changes(job_id)
    assert changes["missing"] == {"red.jpg", "lake.jpg"}
    assert changes["new"] == {"new.jpg"}
    assert (await library.files())["new.jpg"]["root"] == str(shoot)


async def test_uploads_are_no_part_of_a_rescan(library: Library, shoot: Path) -> None:
    await library.rows(
        "UPDATE files SET path = 'uploads/red.jpg', path_raw = 'uploads/red.jpg', root = 'uploads', object_key = 'k' "
        "WHERE path LIKE '%%red.jpg'"
    )
    before = await library.files()
    await library.rescan(None)
    job_id = await library.rescan(shoot)
    assert (await library.files())["red.jpg"] == before["red.jpg"]
    item = await library.items(job_id)
    assert item == {}
    assert [row["path"] for row in await library.rows("SELECT path FROM file_copies")] == [str(shoot / "day 1" / "red.jpg")]
    assert len(await library.events(FileIngested.subject)) == 4
