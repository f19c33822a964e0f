"""Reports that wait, what is approved of them, and what calling off, killing and telling twice do to a job."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from services.ingest import repository
from services.ingest.handlers import Resources, on_buried, on_import_approved, on_import_requested
from services.ingest.inspection.pool import Pool, Portions
from services.ingest.outcome import Outcome
from services.ingest.reasons import CHANGED_SINCE, LEFT_OUT, OVERTAKEN, RETURNED_SINCE
from services.ingest.scans import applying, diff, findings, report, verdicts
from shared import jobs
from shared.contracts import (
    FileIngested,
    FileMissing,
    FileMoved,
    ImportApproved,
    ImportCancelled,
    ImportCompleted,
    ImportReported,
)
from shared.errors import AlreadyApplied, Conflict, Transient
from shared.jobs import Selection
from tests.support.imports import Library
from tests.support.media import run_ffmpeg, tiny_photo
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


@pytest.fixture
async def folder(library: Library, tmp_path: Path) -> Path:
    """Of four photos that were imported one is moved, one changed, one gone and one copied; one is new, one no medium."""
    folder = tmp_path / "shoot"
    (folder / "deep").mkdir(parents=True)
    for colour in ("red", "green", "blue", "gold"):
        tiny_photo(folder / f"{colour}.jpg", colour=colour)
    await library.ingest(folder)
    await library.settle_stages()
    (folder / "red.jpg").rename(folder / "deep" / "red.jpg")
    tiny_photo(folder / "green.jpg", colour="lime")
    (folder / "blue.jpg").unlink()
    shutil.copy2(folder / "gold.jpg", folder / "copy.jpg")
    tiny_photo(folder / "new.jpg", colour="teal")
    (folder / "notes.txt").write_text("not for you")
    return folder


REPORT = {
    "moved": {"red.jpg"},
    "changed": {"green.jpg"},
    "missing": {"blue.jpg"},
    "duplicate": {"copy.jpg"},
    "new": {"new.jpg"},
    "unsupported": {"notes.txt"},
}

State = dict[str, tuple[str, int, bool]]
"""Folder, revision and presence of each file by name."""

BEFORE: State = dict.fromkeys(("red.jpg", "green.jpg", "blue.jpg", "gold.jpg"), ("shoot", 1, True))
AFTER: State = {
    "red.jpg": ("deep", 1, True),
    "green.jpg": ("shoot", 2, True),
    "blue.jpg": ("shoot", 1, False),
    "gold.jpg": ("shoot", 1, True),
    "new.jpg": ("shoot", 1, True),
}


async def state_of(library: Library) -> State:
    rows = [(Path(row["path"]), row) for row in await library.rows("SELECT * FROM files")]
    return {path.name: (path.parent.name, row["revision"], row["missing_since"] is None) for path, row in rows}


@dataclass
class Idle:
    """Inspectors that must not be given anything."""

    async def inspect(self, portions: Portions) -> AsyncGenerator[list[Outcome], None]:
        async for portion in portions:
            raise AssertionError(portion)
        return
        yield


@pytest.fixture
def idle(library: Library) -> Library:
    """The same library without inspectors."""
    return Library(Resources(library.resources.platform, Idle()))


async def test_a_report_lists_everything_and_changes_nothing(library: Library, folder: Path) -> None:
    job_id = await library.rescan(folder, apply=False)
    assert await library.changes(job_id) == REPORT
    job = await library.job(job_id)
    assert (job["state"], job["phase"], job["finished_at"]) == ("reported", "reported", None)
    assert await library.events(ImportReported.subject) == [{"job_id": str(job_id)}]
    assert await state_of(library) == BEFORE
    assert len(await library.ingested()) == 4
    assert await library.rows("SELECT * FROM file_copies") == []
    with pytest.raises(AlreadyApplied):
        await on_import_requested(importing_of(job_id), library.resources)


def importing_of(job_id: UUID) -> Any:
    from shared.contracts import ImportRequested

    return ImportRequested(job_id=job_id)


async def test_what_is_approved_is_applied_without_reading_anything_again(
    library: Library, idle: Library, folder: Path
) -> None:
    job_id = await library.rescan(folder, apply=False)
    await idle.approve(job_id)
    assert await state_of(library) == AFTER
    job = await library.job(job_id)
    assert (job["state"], job["phase"]) == ("done", "done")
    done = [body for body in await library.events(ImportCompleted.subject) if body["job_id"] == str(job_id)]
    assert done == [{"job_id": str(job_id), "done": 4, "skipped": 2, "failed": 0}]
    assert len(await library.rows("SELECT * FROM file_copies")) == 1
    assert await library.rows("SELECT * FROM findings") == []
    assert await library.changes(await library.rescan(folder)) == {"unsupported": {"notes.txt"}}


@pytest.mark.parametrize(
    ("selection", "applied"),
    [
        ({"changes": ["moved"]}, {"red.jpg"}),
        ({"changes": ["moved", "missing"], "excepted": ["blue.jpg"]}, {"red.jpg"}),
        ({"paths": ["green.jpg", "new.jpg"]}, {"green.jpg", "new.jpg"}),
        ({"excepted": ["green.jpg", "new.jpg"]}, {"red.jpg", "blue.jpg"}),
        ({"changes": ["duplicate"]}, {"copy.jpg"}),
        ({"paths": ["copy.jpg"]}, {"copy.jpg"}),
    ],
)
async def test_what_is_not_selected_is_left_out(
    library: Library, folder: Path, selection: dict[str, Any], applied: set[str]
) -> None:
    job_id = await library.rescan(folder, apply=False)
    full = {name: [str(folder / one) for one in named] if name != "changes" else named for name, named in selection.items()}
    await library.approve(job_id, **full)
    expected = {name: AFTER[name] if name in applied else BEFORE.get(name) for name in AFTER}
    expected |= {"copy.jpg": ("shoot", 1, True)} if "copy.jpg" in applied else {}
    assert await state_of(library) == {name: state for name, state in expected.items() if state}
    items = await library.items(job_id)
    left_out = {"red.jpg", "green.jpg", "blue.jpg", "new.jpg"} - applied
    assert {name for name, item in items.items() if item["reason"] == LEFT_OUT} == left_out
    assert {item["state"] for name, item in items.items() if name in applied} == {"done"}
    assert (await library.job(job_id))["state"] == "done"


async def test_a_copy_that_is_known_can_still_become_a_file_of_its_own(library: Library, folder: Path) -> None:
    await library.rescan(folder)
    job_id = await library.ingest(folder, apply=False)
    await library.approve(job_id, paths=[str(folder / "copy.jpg")])
    ids = await library.ids()
    assert ids["copy.jpg"] != ids["gold.jpg"]
    assert await library.rows("SELECT * FROM file_copies") == []
    assert (await library.items(job_id))["copy.jpg"]["file_id"] == ids["copy.jpg"]


@pytest.mark.parametrize("state", ["pending", "running", "done", "cancelled"])
async def test_only_a_report_can_be_approved(library: Library, folder: Path, state: str) -> None:
    event = await library.request_rescan(folder)
    await library.rows("UPDATE jobs SET state = %s, finished_at = CASE WHEN %s THEN now() END WHERE id = %s",
                       state, state in {"done", "cancelled"}, event.job_id)  # fmt: skip
    with pytest.raises(Conflict, match="ended already" if state in {"done", "cancelled"} else "still"):
        await library.approve(event.job_id)
    assert await library.events(ImportApproved.subject) == []


async def test_what_was_reported_is_checked_against_the_disk_and_the_library_before_it_is_applied(
    library: Library, folder: Path
) -> None:
    content = (folder / "deep" / "red.jpg").read_bytes()
    job_id = await library.rescan(folder, apply=False)
    tiny_photo(folder / "green.jpg", colour="olive", size=(16, 16))
    tiny_photo(folder / "blue.jpg", colour="blue")
    (folder / "deep" / "red.jpg").rename(folder / "red.jpg")
    await library.rescan(folder / "red.jpg")
    (folder / "deep" / "red.jpg").write_bytes(content)
    await library.rescan(folder / "new.jpg")
    await library.approve(job_id)
    items = await library.items(job_id)
    assert {name: (item["state"], item["reason"]) for name, item in items.items() if name not in {"notes.txt", "copy.jpg"}} == {
        "red.jpg": ("failed", CHANGED_SINCE),
        "green.jpg": ("failed", CHANGED_SINCE),
        "blue.jpg": ("skipped", RETURNED_SINCE),
        "new.jpg": ("done", None),
    }
    assert await state_of(library) == {**BEFORE, "new.jpg": ("shoot", 1, True)}
    assert [name for name, _ in await library.ingested()].count("new.jpg") == 1


async def test_a_file_that_another_job_changed_since_the_report_is_left_alone(library: Library, folder: Path) -> None:
    job_id = await library.rescan(folder, apply=False)
    await library.rows("UPDATE files SET fingerprint = %s WHERE path LIKE '%%red.jpg'", b"x" * 32)
    await library.approve(job_id)
    item = (await library.items(job_id))["red.jpg"]
    assert (item["state"], item["reason"]) == ("failed", OVERTAKEN)


@pytest.mark.parametrize("stage", ["before it begins", "reported"])
async def test_a_job_is_called_off(library: Library, folder: Path, stage: str) -> None:
    event = await library.request_rescan(folder)
    if stage == "reported":
        await on_import_requested(event, library.resources)
    await library.cancel(event.job_id)
    with pytest.raises(AlreadyApplied):
        await on_import_requested(event, library.resources)
    assert (await library.job(event.job_id))["state"] == "cancelled"
    assert {item["state"] for item in (await library.items(event.job_id)).values()} <= {"skipped", "failed"}
    assert await library.events(ImportCancelled.subject) == [{"job_id": str(event.job_id)}]
    assert await state_of(library) == BEFORE
    with pytest.raises(Conflict, match=r"has ended already \(cancelled\); there is nothing to cancel"):
        await library.cancel(event.job_id)
    with pytest.raises(Conflict, match="has ended already"):
        await library.approve(event.job_id)


async def test_an_import_that_reads_a_long_file_stops_soon_when_it_is_called_off(library: Library, tmp_path: Path) -> None:
    import os

    tiny_photo(tmp_path / "a.jpg")
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", tmp_path / "endless.m4a")
    os.truncate(tmp_path / "endless.m4a", 1 << 33)
    event = await library.request(tmp_path)
    importing = asyncio.create_task(on_import_requested(event, library.resources))

    async def is_under_way() -> bool:
        return bool(await library.files())

    await until_so(is_under_way, within=30.0)
    await library.cancel(event.job_id)
    async with asyncio.timeout(10):  # the rest of the file would take far longer
        with pytest.raises(AlreadyApplied):
            await importing
    items = await library.items(event.job_id)
    assert items["a.jpg"]["state"] == "done"
    assert items["endless.m4a"]["state"] == "skipped"
    assert items["endless.m4a"]["reason"] == "The import was cancelled before it came to this file."
    assert list(await library.files()) == ["a.jpg"]


async def test_a_write_that_meets_a_cancelled_job_is_undone(library: Library, pool: Pool, tmp_path: Path) -> None:
    """The watch over a job looks once a second; what is written in between must not be."""

    @dataclass
    class Late:
        """Inspectors whose outcomes come when the job has been called off."""

        async def inspect(self, portions: Portions) -> AsyncGenerator[list[Outcome], None]:
            async for batch in pool.inspect(portions):
                await library.cancel(event.job_id)
                yield batch

    tiny_photo(tmp_path / "a.jpg")
    event = await library.request(tmp_path)
    with pytest.raises(AlreadyApplied):
        await on_import_requested(event, Resources(library.resources.platform, Late()))
    assert await library.files() == {}
    assert await library.ingested() == []


POINTS: dict[str, tuple[ModuleType, str]] = {
    "while the paths go in": (diff, "list_rescan"),
    "when the paths are in": (findings, "unseen"),
    "when files were inspected": (findings, "keep"),
    "while files are found again": (verdicts, "note_matches"),
    "when files are missed": (verdicts, "note_displaced"),
    "when everything is told apart": (verdicts, "judge_rest"),
    "before anything is applied": (report, "next_steps"),
    "while a page is applied": (repository, "move_files"),
    "when a page is settled": (report, "settle"),
    "at the end": (report, "clear_up"),
}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("point", POINTS)
async def test_a_job_that_was_killed_goes_on_when_it_is_told_again(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch, point: str, moment: str
) -> None:
    module, name = POINTS[point]
    whole: Callable[..., Awaitable[Any]] = getattr(module, name)
    deaths = 0

    async def dying(*arguments: Any, **options: Any) -> Any:
        nonlocal deaths
        if moment == "after":
            await whole(*arguments, **options)
        deaths += 1
        raise Transient("killed")

    monkeypatch.setattr(applying, "PAGE", 1)
    monkeypatch.setattr(module, name, dying)
    event = await library.request_rescan(folder, apply=True)
    with pytest.raises(Transient):
        await on_import_requested(event, library.resources)
    assert deaths == 1
    monkeypatch.setattr(module, name, whole)
    await on_import_requested(event, library.resources)

    assert await state_of(library) == AFTER
    assert await library.changes(event.job_id) == REPORT
    assert len(await library.told(FileIngested.subject)) == 6
    assert len(await library.told(FileMoved.subject, FileMissing.subject)) == 2
    assert len([body for body in await library.events(ImportCompleted.subject) if body["job_id"] == str(event.job_id)]) == 1
    assert len(await library.rows("SELECT * FROM file_copies")) == 1


async def test_an_approval_that_is_told_several_times_at_once_is_applied_once(library: Library, folder: Path) -> None:
    job_id = await library.rescan(folder, apply=False)
    async with library.resources.platform.database.transaction() as connection:
        await jobs.approve(connection, job_id, Selection(), source="test")
    event = ImportApproved(job_id=job_id)
    ends = await asyncio.gather(*(on_import_approved(event, library.resources) for _ in range(3)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["AlreadyApplied", "AlreadyApplied", "NoneType"]
    assert await state_of(library) == AFTER
    assert len(await library.told(FileIngested.subject)) == 6
    assert len(await library.told(FileMoved.subject, FileMissing.subject)) == 2
    with pytest.raises(AlreadyApplied):
        await on_import_requested(importing_of(job_id), library.resources)


async def test_rescans_at_the_same_time_agree(library: Library, folder: Path) -> None:
    await asyncio.gather(*(library.rescan(folder) for _ in range(3)))
    assert await state_of(library) == AFTER
    assert len(await library.told(FileIngested.subject)) == 6
    assert len(await library.rows("SELECT * FROM file_copies")) == 1


async def test_an_approval_that_was_given_up_can_be_sent_again(library: Library, folder: Path) -> None:
    job_id = await library.rescan(folder, apply=False)
    async with library.resources.platform.database.transaction() as connection:
        await jobs.approve(connection, job_id, Selection(), source="test")
        await on_buried(connection, ImportApproved(job_id=job_id), "It went wrong.")
    assert (await library.job(job_id))["error"] == "It went wrong."
    await on_import_approved(ImportApproved(job_id=job_id), library.resources)
    assert await state_of(library) == AFTER
    assert (await library.job(job_id))["state"] == "done"


async def test_a_dry_run_of_an_import_takes_nothing_in(library: Library, pool: Pool, tmp_path: Path) -> None:
    content = tiny_photo(tmp_path / "a.jpg").read_bytes()
    (tmp_path / "b.jpg").write_bytes(content)
    job_id = await library.ingest(tmp_path, apply=False)
    assert await library.changes(job_id) == {"new": {"a.jpg"}, "duplicate": {"b.jpg"}}
    assert await library.files() == {}
    await library.approve(job_id)
    assert list(await library.files()) == ["a.jpg"]
    assert await library.ingested() == [("a.jpg", 1)]
    assert (await library.files())["a.jpg"]["root"] == str(tmp_path)
