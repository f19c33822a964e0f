"""What uploads leave behind, on the real object store."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg.rows import dict_row

from services.ingest.uploads.cleaning import LOCK, TRY_LOCK, UNLOCK, Cleaner
from shared.blobs import Blobs
from shared.clock import utc_now
from shared.database import Database
from shared.errors import NotFound
from shared.identifiers import new_id
from shared.parts import SMALLEST_PART
from shared.settings import PlatformSettings
from shared.uploads import UploadSettings, object_key
from tests.support.gateway import gateway
from tests.support.library import add_file
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

LATER = timedelta(days=2)

ADD = """
    WITH upload AS (
        INSERT INTO uploads (id, name, object_key, multipart_id, size, part_size, state, expires_at)
        VALUES (%(id)s, 'a.mp4', %(key)s, %(multipart_id)s, 1, 8388608, %(state)s, now() + %(left)s) RETURNING id
    ), job AS (
        INSERT INTO jobs (id, kind, request) SELECT id, 'upload', '{}' FROM upload
    )
    INSERT INTO job_items (job_id, path_raw, path) SELECT id, 'a.mp4', 'a.mp4' FROM upload
"""


@pytest.fixture
def cleaner(database: Database, blobs: Blobs) -> Cleaner:
    return Cleaner(database, blobs, UploadSettings())


async def begun(database: Database, blobs: Blobs, *, state: str = "open", left: timedelta = timedelta(hours=1)) -> UUID:
    """An upload with one part in the object store."""
    upload_id = new_id()
    key = object_key(upload_id, "a.mp4")
    multipart_id = await blobs.begin_parts(key, "video/mp4")
    await blobs.put_part(key, multipart_id, 1, bytes(SMALLEST_PART))
    await note(database, upload_id, multipart_id, state, left)
    return upload_id


async def note(database: Database, upload_id: UUID, multipart_id: str, state: str, left: timedelta) -> None:
    key = object_key(upload_id, "a.mp4")
    values = {"id": upload_id, "key": key, "multipart_id": multipart_id, "state": state, "left": left}
    async with database.connection() as connection:
        await connection.execute(ADD, values)


async def row(database: Database, upload_id: UUID) -> dict[str, Any]:
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            """SELECT uploads.state, uploads.note, jobs.state AS job, jobs.error, jobs.finished_at, item.state AS item
               FROM uploads JOIN jobs USING (id) JOIN job_items AS item ON item.job_id = uploads.id WHERE uploads.id = %s""",
            (upload_id,),
        )
        found = await cursor.fetchone()
    assert found is not None
    return found


async def parts_of(blobs: Blobs, upload_id: UUID) -> int:
    return sum([len(page) async for page in blobs.unjoined(object_key(upload_id, ""))])


async def is_stored(blobs: Blobs, key: str) -> bool:
    try:
        await blobs.size(key)
    except NotFound:
        return False
    return True


async def test_an_upload_whose_time_is_over_is_given_up(database: Database, blobs: Blobs, cleaner: Cleaner) -> None:
    late, early = await begun(database, blobs), await begun(database, blobs, left=timedelta(days=3))

    await cleaner.clean(utc_now())
    assert [(await row(database, upload))["state"] for upload in (late, early)] == ["open", "open"]
    assert [await parts_of(blobs, upload) for upload in (late, early)] == [1, 1]

    await cleaner.clean(utc_now() + LATER)
    over = await row(database, late)
    assert (over["state"], over["job"], over["item"], over["error"]) == ("expired", "failed", "failed", over["note"])
    assert "not finished in time" in over["note"]
    assert over["finished_at"] is not None
    assert await parts_of(blobs, late) == 0
    assert (await row(database, early))["state"] == "open"
    assert await parts_of(blobs, early) == 1


async def test_parts_that_no_upload_knows_go_after_the_same_time(database: Database, blobs: Blobs, cleaner: Cleaner) -> None:
    stray = new_id()
    await blobs.begin_parts(object_key(stray, "a.mp4"), "video/mp4")
    aborted = await begun(database, blobs, state="aborted")
    await cleaner.clean(utc_now() + timedelta(hours=1))
    assert [await parts_of(blobs, upload) for upload in (stray, aborted)] == [1, 1]
    await cleaner.clean(utc_now() + LATER)
    assert [await parts_of(blobs, upload) for upload in (stray, aborted)] == [0, 0]


@pytest.mark.parametrize(
    ("state", "stays"),
    [
        ("open", True), ("completed", True), ("stored", False), ("duplicate", False), ("rejected", False), ("failed", False),
        ("aborted", False), ("expired", False), (None, False),
    ],
)  # fmt: skip
async def test_objects_that_no_file_refers_to_go(
    database: Database, blobs: Blobs, cleaner: Cleaner, state: str | None, stays: bool
) -> None:
    upload_id = new_id()
    key = object_key(upload_id, "a.mp4")
    await blobs.put(key, b"x", "video/mp4")
    if state:
        await note(database, upload_id, "joined", state, timedelta(days=9))
    await cleaner.clean(utc_now() + timedelta(hours=1))
    assert await is_stored(blobs, key)
    await cleaner.clean(utc_now() + LATER)
    assert await is_stored(blobs, key) == stays


async def test_originals_and_other_objects_are_left_alone(database: Database, blobs: Blobs, cleaner: Cleaner) -> None:
    key, other = object_key(new_id(), "a.mp4"), f"proxy/{new_id()}/a.mp4"
    for each in (key, other):
        await blobs.put(each, b"x", "video/mp4")
    async with database.transaction() as connection:
        file = await add_file(connection)
        await connection.execute("UPDATE files SET object_key = %s WHERE id = %s", (key, file.file_id))
    unjoined = await blobs.begin_parts(other, "video/mp4")
    await cleaner.clean(utc_now() + LATER)
    assert await is_stored(blobs, key)
    assert await is_stored(blobs, other)
    assert [found.multipart_id async for page in blobs.unjoined(other) for found in page] == [unjoined]
    await blobs.drop_parts(other, unjoined)


async def test_one_process_cleans_at_a_time(database: Database, blobs: Blobs, cleaner: Cleaner) -> None:
    upload_id = await begun(database, blobs)
    async with database.connection() as connection:
        await connection.execute(TRY_LOCK, {"key": LOCK})
        await cleaner.clean(utc_now() + LATER)
        assert (await row(database, upload_id))["state"] == "open"
        await connection.execute(UNLOCK, {"key": LOCK})
    await cleaner.clean(utc_now() + LATER)
    assert (await row(database, upload_id))["state"] == "expired"


async def test_it_goes_on_after_an_outage(database: Database, settings: PlatformSettings) -> None:
    assert settings.s3_endpoint is not None
    async with gateway(settings.s3_endpoint) as way:
        blobs = Blobs(settings.model_copy(update={"s3_endpoint": way.url}))
        stray = object_key(new_id(), "a.mp4")
        await blobs.put(stray, b"x", "video/mp4")
        await way.shut()
        often = UploadSettings.model_construct(lifetime=-LATER.total_seconds(), cleaning_interval=0.05)
        async with Cleaner(database, blobs, often).running():
            upload_id = await begun(database, Blobs(settings), left=-LATER)

            async def is_over() -> bool:
                return bool((await row(database, upload_id))["state"] == "expired")

            async def is_gone() -> bool:
                return not await is_stored(blobs, stray)

            await until_so(is_over, within=30.0)
            await way.open()
            await until_so(is_gone, within=30.0)
