"""Uploads into the real library: real objects, real inspectors, real rows."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg.rows import dict_row

from services.ingest.inspection.pool import Pool
from services.ingest.settings import IngestSettings
from services.ingest.uploads.handlers import Resources, on_buried, on_upload_completed
from shared import jobs
from shared.blobs import Blobs
from shared.contracts import FileIngested, UploadCompleted, UploadRejected
from shared.errors import AlreadyApplied, BadMedia, BlobsUnavailable, NotFound
from shared.identifiers import new_id
from shared.service import Platform
from shared.uploads import object_key
from tests.support.media import tiny_photo, tiny_video

pytestmark = pytest.mark.connected

ADD = """
    WITH upload AS (
        INSERT INTO uploads (id, name, object_key, multipart_id, size, part_size, last_modified, state, expires_at)
        VALUES (%(id)s, %(name)s, %(key)s, 'joined', %(size)s, 8388608, %(last_modified)s, 'completed', now()) RETURNING id
    ), job AS (
        INSERT INTO jobs (id, kind, request, listed_at) SELECT id, 'upload', '{}', now() FROM upload
    )
    INSERT INTO job_items (job_id, path_raw, path) SELECT id, convert_to(%(name)s, 'UTF8'), %(name)s FROM upload
"""


@dataclass(frozen=True)
class Inbox:
    """The handler, and what it leaves in the database and the object store."""

    resources: Resources

    async def put(self, name: str, body: bytes, *, last_modified: int | None = None) -> UploadCompleted:
        """An upload of which all bytes have come."""
        upload_id = new_id()
        key = object_key(upload_id, name)
        await self.resources.platform.blobs.put(key, body, "application/octet-stream")
        values = {"id": upload_id, "name": name, "key": key, "size": max(1, len(body)), "last_modified": last_modified}
        async with self.resources.platform.database.connection() as connection:
            await connection.execute(ADD, values)
        return UploadCompleted(job_id=upload_id)

    async def take(self, name: str, body: bytes, **fields: Any) -> dict[str, Any]:
        """Put an upload and handle it; answers with what is known of it then."""
        event = await self.put(name, body, **fields)
        await on_upload_completed(event, self.resources)
        return await self.upload(event.job_id)

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with (
            self.resources.platform.database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall()

    async def upload(self, upload_id: UUID) -> dict[str, Any]:
        [row] = await self.rows(
            """SELECT uploads.*, jobs.state AS job, jobs.error, jobs.finished_at, item.state AS item, item.reason,
                      item.file_id AS item_file, item.kind, item.path FROM uploads JOIN jobs USING (id)
               JOIN job_items AS item ON item.job_id = uploads.id WHERE uploads.id = %s""",
            upload_id,
        )
        return row

    async def files(self) -> list[dict[str, Any]]:
        return await self.rows("SELECT * FROM files ORDER BY id")

    async def told(self, subject: str) -> list[dict[str, Any]]:
        return [row["body"] for row in await self.rows("SELECT body FROM outbox WHERE subject = %s ORDER BY position", subject)]

    async def has_bytes(self, upload: dict[str, Any]) -> bool:
        try:
            await self.resources.platform.blobs.size(upload["object_key"])
        except NotFound:
            return False
        return True


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[Pool]:
    async with Pool(IngestSettings().limits, processes=1, patience=30.0) as pool:
        yield pool


@pytest.fixture
def inbox(platform: Platform, pool: Pool) -> Inbox:
    return Inbox(Resources(platform, pool))


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    return tiny_video(tmp_path / "made.mp4").read_bytes()


@pytest.fixture
def photo(tmp_path: Path) -> bytes:
    return tiny_photo(tmp_path / "made.jpg").read_bytes()


async def test_an_upload_becomes_a_file_and_goes_through_the_whole_pipeline(inbox: Inbox, video: bytes) -> None:
    upload = await inbox.take("Chute à l'eau.mp4", video, last_modified=1_600_000_000_123)

    [file] = await inbox.files()
    assert (file["path"], bytes(file["path_raw"])) == ("uploads/Chute à l'eau.mp4", "uploads/Chute à l'eau.mp4".encode())
    assert (file["object_key"], file["root"], file["kind"], file["size"]) == (
        upload["object_key"], "uploads", "video", len(video),
    )  # fmt: skip
    assert (file["width"], file["revision"], file["modified_ns"]) == (64, 1, 1_600_000_000_123_000_000)
    assert (upload["state"], upload["job"], upload["item"], upload["note"]) == ("stored", "done", "done", None)
    assert upload["file_id"] == upload["item_file"] == file["id"]
    assert (upload["path"], upload["kind"]) == (file["path"], "video")
    assert await inbox.has_bytes(upload)
    stages = await inbox.rows("SELECT stage, state FROM file_stages")
    assert {row["stage"]: row["state"] for row in stages} == {
        "ingest": "done", "proxy": "pending", "transcribe": "pending", "analyse": "pending", "embed": "pending",
    }  # fmt: skip
    [event] = await inbox.told(FileIngested.subject)
    assert (event["file_id"], event["path"], event["size"]) == (str(file["id"]), file["path"], len(video))
    assert (event["fingerprint"], event["has_audio"]) == (file["fingerprint"].hex(), True)


async def test_files_of_one_name_are_numbered(inbox: Inbox, video: bytes) -> None:
    for number in range(3):
        await inbox.take("falls.mp4", video + bytes(number))
    await inbox.take("falls (2).mp4", video + bytes(10))
    await inbox.take("fallsome.mp4", video + bytes(11))
    assert [file["path"] for file in await inbox.files()] == [
        "uploads/falls.mp4",
        "uploads/falls (2).mp4",
        "uploads/falls (3).mp4",
        "uploads/falls (2) (2).mp4",
        "uploads/fallsome.mp4",
    ]


async def test_uploads_of_one_name_at_the_same_time_are_numbered_too(inbox: Inbox, video: bytes) -> None:
    await asyncio.gather(*(inbox.take("falls.mp4", video + bytes(number)) for number in range(4)))
    assert sorted(file["path"] for file in await inbox.files()) == [
        "uploads/falls (2).mp4", "uploads/falls (3).mp4", "uploads/falls (4).mp4", "uploads/falls.mp4",
    ]  # fmt: skip


async def test_content_that_the_library_has_is_not_kept_twice(inbox: Inbox, video: bytes) -> None:
    first = await inbox.take("falls.mp4", video)
    second = await inbox.take("the same.mp4", video)

    assert len(await inbox.files()) == 1
    assert (second["state"], second["job"], second["item"]) == ("duplicate", "done", "done")
    assert second["file_id"] == second["item_file"] == first["file_id"]
    assert "as uploads/falls.mp4; the upload was not kept" in second["note"] == second["reason"]
    assert second["error"] is None
    assert (await inbox.has_bytes(first), await inbox.has_bytes(second)) == (True, False)
    assert len(await inbox.told(FileIngested.subject)) == 1


async def test_the_same_content_at_the_same_time_is_kept_once(inbox: Inbox, video: bytes) -> None:
    uploads = await asyncio.gather(*(inbox.take(f"{number}.mp4", video) for number in range(3)))
    assert sorted(upload["state"] for upload in uploads) == ["duplicate", "duplicate", "stored"]
    assert len({upload["file_id"] for upload in uploads}) == len(await inbox.files()) == 1


async def test_content_of_a_file_that_is_missing_comes_back(inbox: Inbox, video: bytes) -> None:
    await inbox.take("falls.mp4", video)
    await inbox.rows("UPDATE files SET missing_since = now() RETURNING 1")
    assert (await inbox.take("falls.mp4", video))["state"] == "stored"
    assert len(await inbox.files()) == 2


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("page.mp4", lambda _: b"<html><script>alert(1)</script></html>", "Not a video, photo or sound file"),
        ("cut.mp4", lambda video: video[: video.index(b"moov")], "damaged or incomplete"),
        ("empty.mp4", lambda _: b"", "0 bytes"),
        ("noise.mp4", lambda _: bytes(range(256)) * 50, "Not a video, photo or sound file"),
    ],
)
async def test_what_is_no_medium_is_refused_in_words(inbox: Inbox, video: bytes, name: str, change: Any, sentence: str) -> None:
    upload = await inbox.take(name, change(video))

    assert (upload["state"], upload["job"], upload["item"], upload["file_id"]) == ("rejected", "failed", "failed", None)
    assert sentence in upload["note"] == upload["error"] == upload["reason"]
    assert upload["finished_at"] is not None
    assert await inbox.told(UploadRejected.subject) == [{"job_id": str(upload["id"]), "reason": upload["note"]}]
    assert await inbox.files() == []
    assert not await inbox.has_bytes(upload)


async def test_a_photo_that_is_called_a_video_is_a_photo_with_a_photos_limit(
    inbox: Inbox, platform: Platform, photo: bytes
) -> None:
    assert (await inbox.take("photo.mp4", photo))["kind"] == "image"
    limits = replace(IngestSettings().limits, image=100)
    async with Pool(limits, processes=1, patience=30.0) as strict:
        upload = await Inbox(Resources(platform, strict)).take("large.mp4", photo + b"!")
    assert upload["state"] == "rejected"
    assert "more than the 100 bytes allowed" in upload["note"]


async def test_a_second_delivery_changes_nothing(inbox: Inbox, video: bytes) -> None:
    event = await inbox.put("falls.mp4", video)
    await on_upload_completed(event, inbox.resources)
    before = await inbox.files(), await inbox.upload(event.job_id)
    with pytest.raises(AlreadyApplied):
        await on_upload_completed(event, inbox.resources)
    assert (await inbox.files(), await inbox.upload(event.job_id)) == before
    assert len(await inbox.told(FileIngested.subject)) == 1


async def test_deliveries_at_the_same_time_do_no_harm(inbox: Inbox, video: bytes) -> None:
    event = await inbox.put("falls.mp4", video)
    ends = await asyncio.gather(*(on_upload_completed(event, inbox.resources) for _ in range(3)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["AlreadyApplied", "AlreadyApplied", "NoneType"]
    upload = await inbox.upload(event.job_id)
    assert (upload["state"], await inbox.has_bytes(upload)) == ("stored", True)
    assert len(await inbox.files()) == 1


async def test_a_store_that_is_away_is_waited_out(inbox: Inbox, video: bytes) -> None:
    event = await inbox.put("falls.mp4", video)
    platform = inbox.resources.platform
    away = Blobs(platform.settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"}))
    with pytest.raises(BlobsUnavailable):
        await on_upload_completed(event, replace(inbox.resources, platform=replace(platform, blobs=away)))
    await on_upload_completed(event, inbox.resources)
    assert (await inbox.upload(event.job_id))["state"] == "stored"


async def test_an_upload_that_is_given_up_says_so_and_can_be_tried_again(inbox: Inbox, video: bytes) -> None:
    event = await inbox.put("falls.mp4", video)
    for _ in range(2):
        async with inbox.resources.platform.database.transaction() as connection:
            await on_buried(connection, event, "The worker stopped.")
    upload = await inbox.upload(event.job_id)
    assert (upload["state"], upload["job"], upload["item"], upload["note"]) == (
        "failed", "failed", "failed", "The worker stopped.",
    )  # fmt: skip
    assert await inbox.told(UploadRejected.subject) == [{"job_id": str(event.job_id), "reason": "The worker stopped."}]

    await on_upload_completed(event, inbox.resources)
    upload = await inbox.upload(event.job_id)
    assert (upload["state"], upload["job"], upload["error"], upload["note"]) == ("stored", "done", None, None)


async def test_an_upload_without_bytes_is_final(inbox: Inbox) -> None:
    event = await inbox.put("falls.mp4", b"x")
    await inbox.resources.platform.blobs.delete([object_key(event.job_id, "falls.mp4")])
    with pytest.raises(BadMedia, match="upload the file again"):
        await on_upload_completed(event, inbox.resources)
    with pytest.raises(NotFound):
        await on_upload_completed(UploadCompleted(job_id=UUID(int=1)), inbox.resources)


async def test_an_upload_that_was_called_off_is_left_alone(inbox: Inbox, video: bytes) -> None:
    event = await inbox.put("falls.mp4", video)
    async with inbox.resources.platform.database.connection() as connection:
        await jobs.finish(connection, event.job_id, "cancelled")
    with pytest.raises(AlreadyApplied):
        await on_upload_completed(event, inbox.resources)
    assert await inbox.files() == []
