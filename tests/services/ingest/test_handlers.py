"""Imports into the real Postgres, by real inspectors."""

import asyncio
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.ingest.handlers import Resources, on_buried, on_import_requested
from services.ingest.inspection.pool import Pool, Portions
from services.ingest.outcome import Outcome
from shared import jobs
from shared.contracts import FileIngested, ImportCompleted, ImportFailed, ImportRequested, TranscriptRequested
from shared.errors import AlreadyApplied, Invalid, NotFound, Transient
from tests.support.imports import Library
from tests.support.media import run_ffmpeg, tiny_photo, tiny_video

pytestmark = pytest.mark.connected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A video, a photo, and every kind of file that cannot be taken."""
    folder = tmp_path / "import"
    (folder / "deeper").mkdir(parents=True)
    video = tiny_video(folder / "falls.mp4").read_bytes()
    tiny_photo(folder / "deeper" / "pool.jpg")
    (folder / "empty.mp4").touch()
    (folder / "notes.txt").write_text("not for you")
    (folder / "cut.mp4").write_bytes(video[: video.index(b"moov")])
    (folder / ".DS_Store").write_bytes(b"x")
    return folder


async def test_a_folder_is_imported_and_every_file_has_a_result(library: Library, folder: Path) -> None:
    job_id = await library.ingest(folder)

    items = await library.items(job_id)
    assert {name: (item["state"], item["kind"]) for name, item in items.items()} == {
        "falls.mp4": ("done", "video"),
        "pool.jpg": ("done", "image"),
        "empty.mp4": ("failed", None),
        "cut.mp4": ("failed", None),
        "notes.txt": ("skipped", None),
    }
    assert "0 bytes" in items["empty.mp4"]["reason"]
    assert "damaged or incomplete" in items["cut.mp4"]["reason"]
    assert await library.ingested() == [("falls.mp4", 1), ("pool.jpg", 1)]
    assert await library.events(ImportCompleted.subject) == [{"job_id": str(job_id), "done": 2, "skipped": 1, "failed": 2}]
    [job] = await library.rows("SELECT * FROM jobs")
    assert job["state"] == "done"
    assert job["listed_at"] is not None


async def test_a_file_in_the_library_is_described_and_its_pipeline_begun(library: Library, folder: Path) -> None:
    job_id = await library.ingest(folder)
    file = (await library.files())["falls.mp4"]
    status = (folder / "falls.mp4").stat()
    assert (file["kind"], file["size"], file["modified_ns"], file["revision"]) == (
        "video",
        status.st_size,
        status.st_mtime_ns,
        1,
    )
    assert (file["width"], file["height"]) == (64, 48)
    assert file["duration"] == pytest.approx(1.0, abs=0.1)
    assert file["metadata"]["video"]["codec"] == "h264"
    assert (await library.items(job_id))["falls.mp4"]["file_id"] == file["id"]

    stages = await library.rows("SELECT stage, state, revision FROM file_stages WHERE file_id = %s", file["id"])
    assert {row["stage"]: (row["state"], row["revision"]) for row in stages} == {
        "ingest": ("done", 1), "proxy": ("pending", 1), "transcribe": ("pending", 1), "analyse": ("pending", 1),
        "embed": ("pending", 1),
    }  # fmt: skip
    [event] = [body for body in await library.events(FileIngested.subject) if body["file_id"] == str(file["id"])]
    assert event["fingerprint"] == file["fingerprint"].hex()
    assert event["has_audio"] is True


async def test_an_unchanged_folder_gives_the_same_files_and_no_events(library: Library, folder: Path) -> None:
    await library.ingest(folder)
    before, told = await library.files(), await library.ingested()

    job_id = await library.ingest(folder)

    assert await library.files() == before
    assert await library.ingested() == told
    items = await library.items(job_id)
    assert (items["falls.mp4"]["state"], items["falls.mp4"]["file_id"]) == ("done", before["falls.mp4"]["id"])


async def test_a_file_that_was_only_touched_keeps_its_revision(library: Library, folder: Path) -> None:
    await library.ingest(folder)
    await library.rows("UPDATE file_stages SET state = 'done' RETURNING 1")
    os.utime(folder / "falls.mp4", ns=(1, 1_600_000_000_000_000_000))

    await library.ingest(folder)

    file = (await library.files())["falls.mp4"]
    assert (file["revision"], file["modified_ns"]) == (1, 1_600_000_000_000_000_000)
    assert {row["state"] for row in await library.rows("SELECT state FROM file_stages")} == {"done"}
    assert len(await library.ingested()) == 2


async def test_changed_content_is_a_new_revision_that_goes_through_the_pipeline_again(library: Library, folder: Path) -> None:
    await library.ingest(folder)
    before = (await library.files())["falls.mp4"]
    await library.rows("UPDATE file_stages SET state = 'done', reason = 'x', settled_at = now() RETURNING 1")
    tiny_video(folder / "falls.mp4", seconds=2.0)

    await library.ingest(folder)

    after = (await library.files())["falls.mp4"]
    assert (after["id"], after["revision"]) == (before["id"], 2)
    assert after["fingerprint"] != before["fingerprint"]
    stages = await library.rows("SELECT * FROM file_stages WHERE file_id = %s AND stage <> 'ingest'", after["id"])
    assert {(row["state"], row["revision"], row["reason"], row["settled_at"]) for row in stages} == {("pending", 2, None, None)}
    assert await library.ingested() == [("falls.mp4", 1), ("falls.mp4", 2), ("pool.jpg", 1)]


async def test_the_stage_that_failed_is_tried_again_when_a_file_is_imported_again(library: Library, folder: Path) -> None:
    await library.ingest(folder)
    await library.settle_stages("failed", ["transcribe", "embed"])
    await library.settle_stages()
    falls = (await library.ids())["falls.mp4"]

    job_id = await library.ingest(folder)

    assert await library.ingested() == [("falls.mp4", 1), ("pool.jpg", 1)]
    stages = await library.rows("SELECT stage, state, revision, run_id FROM file_stages WHERE file_id = %s", falls)
    assert {row["stage"]: (row["state"], row["revision"], row["run_id"]) for row in stages} == {
        "ingest": ("done", 1, None), "proxy": ("done", 1, None), "transcribe": ("pending", 1, job_id),
        "analyse": ("done", 1, None), "embed": ("failed", 1, None),
    }  # fmt: skip
    requests = {body["file_id"]: body for body in await library.events(TranscriptRequested.subject)}
    assert requests[str(falls)] == {
        "file_id": str(falls), "revision": 1, "kind": "video", "run_id": str(job_id), "priority": "bulk", "options": {},
    }  # fmt: skip
    assert (await library.items(job_id))["falls.mp4"]["state"] == "done"


async def test_a_second_delivery_changes_nothing(library: Library, folder: Path) -> None:
    event = await library.request(folder)
    await on_import_requested(event, library.resources)
    before = await library.files(), await library.ingested(), await library.items(event.job_id)

    with pytest.raises(AlreadyApplied):
        await on_import_requested(event, library.resources)

    assert (await library.files(), await library.ingested(), await library.items(event.job_id)) == before
    assert len(await library.events(ImportCompleted.subject)) == 1


async def test_deliveries_at_the_same_time_do_no_harm(library: Library, folder: Path) -> None:
    event = await library.request(folder)

    ends = await asyncio.gather(*(on_import_requested(event, library.resources) for _ in range(3)), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ends) == ["AlreadyApplied", "AlreadyApplied", "NoneType"]
    assert await library.ingested() == [("falls.mp4", 1), ("pool.jpg", 1)]
    assert len(await library.events(ImportCompleted.subject)) == 1


async def test_imports_of_the_same_folder_at_the_same_time_agree_on_its_files(library: Library, folder: Path) -> None:
    first, second = await asyncio.gather(library.ingest(folder), library.ingest(folder))

    assert await library.ingested() == [("falls.mp4", 1), ("pool.jpg", 1)]
    one, other = await library.items(first), await library.items(second)
    assert {name: item["file_id"] for name, item in one.items()} == {name: item["file_id"] for name, item in other.items()}


@dataclass
class Interrupted:
    """Inspectors that are lost with the service after the first batch, once."""

    pool: Pool
    lost: bool = False

    async def inspect(self, portions: Portions) -> AsyncGenerator[list[Outcome], None]:
        batches = self.pool.inspect(portions)
        try:
            async for batch in batches:
                yield batch[:3] if not self.lost else batch
                if not self.lost:
                    self.lost = True
                    raise Transient("killed")
        finally:
            await batches.aclose()


async def test_an_import_that_was_killed_between_batches_goes_on_with_the_rest(
    library: Library, pool: Pool, tmp_path: Path
) -> None:
    for number in range(8):
        tiny_photo(tmp_path / f"{number}.jpg", size=(8 + number, 8))
    killed = Library(Resources(library.resources.platform, Interrupted(pool)))
    event = await killed.request(tmp_path)

    with pytest.raises(Transient):
        await on_import_requested(event, killed.resources)
    halfway = await library.files()
    assert len(halfway) == 3
    assert await library.events(ImportCompleted.subject) == []

    await on_import_requested(event, killed.resources)
    files = await library.files()
    assert {name: files[name]["id"] for name in halfway} == {name: file["id"] for name, file in halfway.items()}
    assert await library.ingested() == [(f"{number}.jpg", 1) for number in range(8)]
    assert [body["done"] for body in await library.events(ImportCompleted.subject)] == [8]


@dataclass
class Forgetful:
    """Inspectors that lose an outcome."""

    pool: Pool

    async def inspect(self, portions: Portions) -> AsyncGenerator[list[Outcome], None]:
        async for batch in self.pool.inspect(portions):
            yield batch[1:]


async def test_an_import_is_not_complete_while_an_item_has_no_result(library: Library, pool: Pool, folder: Path) -> None:
    forgetful = Library(Resources(library.resources.platform, Forgetful(pool)))
    event = await forgetful.request(folder)
    with pytest.raises(Transient, match="no result yet"):
        await on_import_requested(event, forgetful.resources)
    await on_import_requested(event, library.resources)
    assert len(await library.events(ImportCompleted.subject)) == 1


async def test_an_import_of_nothing_fails_with_a_reason(library: Library, tmp_path: Path) -> None:
    event = await library.request(tmp_path / "nowhere")
    with pytest.raises(Invalid, match="There is no file or folder at") as error:
        await on_import_requested(event, library.resources)

    for _ in range(2):
        async with library.resources.platform.database.transaction() as connection:
            await on_buried(connection, event, str(error.value))

    [job] = await library.rows("SELECT state, error FROM jobs")
    assert job == {"state": "failed", "error": str(error.value)}
    assert await library.events(ImportFailed.subject) == [{"job_id": str(event.job_id), "reason": str(error.value)}]


async def test_a_failed_import_that_is_sent_again_is_taken_up_again(library: Library, folder: Path) -> None:
    event = await library.request(folder / "later")
    async with library.resources.platform.database.transaction() as connection:
        await on_buried(connection, event, "There is nothing.")
    (folder / "later").mkdir()
    tiny_photo(folder / "later" / "photo.jpg")

    await on_import_requested(event, library.resources)

    [job] = await library.rows("SELECT state, error FROM jobs")
    assert job == {"state": "done", "error": None}
    assert await library.ingested() == [("photo.jpg", 1)]


async def test_a_cancelled_import_is_left_alone(library: Library, folder: Path) -> None:
    event = await library.request(folder)
    async with library.resources.platform.database.connection() as connection:
        await jobs.finish(connection, event.job_id, "cancelled")

    with pytest.raises(AlreadyApplied):
        await on_import_requested(event, library.resources)

    assert await library.items(event.job_id) == {}


async def test_a_request_for_a_job_that_is_not_there_is_final(library: Library) -> None:
    with pytest.raises(NotFound):
        await on_import_requested(ImportRequested(job_id=UUID(int=1)), library.resources)


async def test_a_single_file_with_hostile_metadata_and_name_is_stored(library: Library, tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9\n.mp4"
    plain = tmp_path / "plain.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-metadata", "title=\ufffe\u0001 \U0001f3ca", plain)
    plain.rename(os.fsdecode(raw))

    job_id = await library.ingest(Path(os.fsdecode(raw)))

    [item] = (await library.items(job_id)).values()
    [file] = (await library.files()).values()
    assert (item["state"], bytes(item["path_raw"]), item["file_id"]) == ("done", raw, file["id"])
    assert file["path"].endswith("caf\ufffd\n.mp4")
    assert bytes(file["path_raw"]) == raw


async def test_two_thousand_files_do_not_mean_two_thousand_statements(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = tiny_photo(tmp_path / "0.jpg", size=(8, 8)).read_bytes()
    for number in range(2000):
        (tmp_path / f"{number}.jpg").write_bytes(content + number.to_bytes(4, "big"))
    statements = 0
    execute = psycopg.AsyncCursor.execute

    async def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal statements
        statements += 1
        return await execute(*arguments, **options)

    event = await library.request(tmp_path)
    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    await on_import_requested(event, library.resources)

    assert len(await library.ingested()) == 2000
    # Ten statements to a batch, and a slow machine hands over smaller batches, four a second.
    assert statements < 400
