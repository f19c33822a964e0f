"""What becomes of several files with the same content; on the real Postgres."""

import shutil
from pathlib import Path

import pytest

from tests.support.imports import Library
from tests.support.media import tiny_photo

pytestmark = pytest.mark.connected


async def test_a_copy_is_no_file_of_its_own_and_is_read_once(library: Library, shoot: Path) -> None:
    before = await library.ids()
    copy = shoot / "day 2" / "red copy.jpg"
    shutil.copy2(shoot / "day 1" / "red.jpg", copy)
    job_id = await library.rescan(shoot)
    item = (await library.items(job_id))["red copy.jpg"]
    assert (item["change"], item["state"], item["file_id"]) == ("duplicate", "skipped", before["red.jpg"])
    assert item["reason"] == f"The same content as {shoot / 'day 1' / 'red.jpg'} is in the library already."
    assert await library.ids() == before
    assert [row["path"] for row in await library.rows("SELECT * FROM file_copies")] == [str(copy)]

    again = await library.rescan(shoot)
    assert await library.items(again) == {}
    item = (await library.items(await library.ingest(shoot)))["red copy.jpg"]
    assert (item["change"], item["state"]) == ("duplicate", "skipped")


async def test_a_copy_takes_the_place_of_its_original_when_that_is_gone(library: Library, shoot: Path) -> None:
    before = await library.ids()
    copy = shoot / "day 2" / "red copy.jpg"
    shutil.copy2(shoot / "day 1" / "red.jpg", copy)
    await library.rescan(shoot)
    (shoot / "day 1" / "red.jpg").unlink()
    job_id = await library.rescan(shoot)
    assert await library.changes(job_id) == {"moved": {"red copy.jpg"}}
    assert (await library.ids())["red copy.jpg"] == before["red.jpg"]
    assert await library.rows("SELECT * FROM file_copies") == []
    assert (await library.files())["red copy.jpg"]["missing_since"] is None


async def test_a_copy_that_is_gone_is_forgotten(library: Library, shoot: Path) -> None:
    copy = shoot / "red copy.jpg"
    shutil.copy2(shoot / "day 1" / "red.jpg", copy)
    await library.rescan(shoot)
    copy.unlink()
    job_id = await library.rescan(shoot)
    assert await library.items(job_id) == {}
    assert await library.rows("SELECT * FROM file_copies") == []


async def test_of_two_copies_in_a_first_import_the_first_by_path_is_the_file(library: Library, tmp_path: Path) -> None:
    content = tiny_photo(tmp_path / "a.jpg").read_bytes()
    for name in ("b.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(content)
    job_id = await library.ingest(tmp_path)
    assert list(await library.files()) == ["a.jpg"]
    items = await library.items(job_id)
    assert {name: item["state"] for name, item in items.items()} == {"a.jpg": "done", "b.jpg": "skipped", "c.jpg": "skipped"}
    assert {items[name]["file_id"] for name in items} == {items["a.jpg"]["file_id"]}
    assert items["c.jpg"]["reason"] == f"The same content as {tmp_path / 'a.jpg'} is in the library already."


async def test_copies_become_files_of_their_own_when_that_is_asked_for(library: Library, shoot: Path) -> None:
    shutil.copy2(shoot / "day 1" / "red.jpg", shoot / "twin.jpg")
    shutil.copy2(shoot / "day 1" / "red.jpg", shoot / "triplet.jpg")
    await library.ingest(shoot, duplicates="import")
    ids = await library.ids()
    assert len({ids["red.jpg"], ids["twin.jpg"], ids["triplet.jpg"]}) == 3
    assert await library.rows("SELECT * FROM file_copies") == []
    assert await library.items(await library.rescan(shoot)) == {}

    (shoot / "twin.jpg").rename(shoot / "day 1" / "twin.jpg")
    (shoot / "triplet.jpg").rename(shoot / "day 1" / "triplet.jpg")
    await library.rescan(shoot)
    assert await library.ids() == ids
