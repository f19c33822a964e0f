"""A file in the library goes in; objects, rows and the next event come out, once, whatever fails on the way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from psycopg.rows import dict_row

from services.proxy.handlers import Resources, on_renditions_wanted
from services.proxy.image_worker import ImageWorkshop
from services.proxy.renderer import Renderer
from services.proxy.settings import ProxySettings
from shared.blobs import Blobs
from shared.contracts import Kind, Stage
from shared.database import Database
from shared.errors import BadMedia, BlobsUnavailable, Superseded
from shared.service import Platform
from tests.support.imported import emitted, imported
from tests.support.library import count, stage_of
from tests.support.media import tiny_photo, tiny_video

pytestmark = pytest.mark.connected


@pytest.fixture(scope="module")
def workshop() -> Iterator[ImageWorkshop]:
    workshop = ImageWorkshop(ProxySettings(workers=1))
    yield workshop
    workshop.close()


@pytest.fixture
def resources(platform: Platform, workshop: ImageWorkshop) -> Resources:
    settings = ProxySettings(time_limit=60.0)
    return Resources(platform, Renderer(workshop, limits=settings.media_limits, pixels=settings.image_pixels))


async def rows(database: Database, table: str) -> list[dict[str, Any]]:
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(f"SELECT * FROM {table} ORDER BY 2".encode())
        return await cursor.fetchall()


async def test_a_video_gets_a_proxy_a_thumbnail_speech_and_shots(
    resources: Resources, database: Database, blobs: Blobs, tmp_path: Path
) -> None:
    event = await imported(database, tiny_video(tmp_path / "Grotto é.mp4", seconds=2.0), duration=2.0)
    await on_renditions_wanted(event, resources)

    folder = f"proxy/{event.file_id}/r1/Grotto_e_{event.file_id}"
    keys = {
        "audio": f"{folder}_16khz.flac",
        "proxy": f"{folder}_720p15.mp4",
        "sprite": f"{folder}_sprite.jpg",
        "sprite_vtt": f"{folder}_sprite.vtt",
        "thumbnail": f"{folder}_thumbnail.jpg",
        "waveform": f"{folder}_waveform.json",
    }
    made = {row["name"]: row for row in await rows(database, "renditions")}
    assert {name: row["key"] for name, row in made.items()} == keys
    assert (made["proxy"]["width"], made["proxy"]["height"], made["proxy"]["content_type"]) == (64, 48, "video/mp4")
    assert made["proxy"]["recipe"] == "v2;720p15;x264;crf26"
    assert made["audio"]["duration"] == pytest.approx(2.0, abs=0.1)
    for row in made.values():
        assert len(await blobs.get(row["key"])) == row["bytes"] > 0
    await blobs.get_file(keys["proxy"], tmp_path / "proxy.mp4")
    with av.open(str(tmp_path / "proxy.mp4")) as container:
        assert container.streams.video[0].average_rate == 15
    assert (await rows(database, "shots"))[0]["cuts"] == []
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "done"
    body = {"file_id": str(event.file_id), "revision": 1, "run_id": None, "kind": "video", "renditions": keys}
    body["has_speech_track"] = True
    assert await emitted(database, event.file_id) == [("proxy.ready", body)]


async def test_a_photo_gets_two_pictures_and_no_speech(resources: Resources, database: Database, tmp_path: Path) -> None:
    event = await imported(database, tiny_photo(tmp_path / "pool.jpg"), Kind.IMAGE, has_audio=False)
    await on_renditions_wanted(event, resources)
    assert [row["name"] for row in await rows(database, "renditions")] == ["image", "thumbnail"]
    assert await rows(database, "shots") == []
    [(subject, body)] = await emitted(database, event.file_id)
    assert (subject, body["has_speech_track"]) == ("proxy.ready", False)


async def test_delivered_twice_is_done_once(resources: Resources, database: Database, tmp_path: Path) -> None:
    event = await imported(database, tiny_video(tmp_path / "clip.mp4"))
    await on_renditions_wanted(event, resources)
    before = await rows(database, "renditions")
    with pytest.raises(Superseded):
        await on_renditions_wanted(event, resources)
    assert await rows(database, "renditions") == before
    assert len(await emitted(database, event.file_id)) == 1


async def test_a_store_that_is_away_leaves_nothing_and_the_second_try_works(
    resources: Resources, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await imported(database, tiny_video(tmp_path / "clip.mp4"))
    dead = resources.platform.settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"})
    with pytest.raises(BlobsUnavailable):
        await on_renditions_wanted(event, replace(resources, platform=replace(resources.platform, blobs=Blobs(dead))))
    assert await rows(database, "renditions") == []
    assert await count(database, "inbox") == 0
    await on_renditions_wanted(event, resources)
    assert len(await rows(database, "renditions")) == 6


async def test_an_original_that_changed_is_not_used(resources: Resources, database: Database, tmp_path: Path) -> None:
    event = await imported(database, tiny_video(tmp_path / "clip.mp4"))
    with (tmp_path / "clip.mp4").open("ab") as file:
        file.write(b"more")
    with pytest.raises(BadMedia, match="moved or changed after it was imported; import its folder again"):
        await on_renditions_wanted(event, resources)
    assert await count(database, "renditions") == 0


async def test_an_old_revision_is_left_alone(resources: Resources, database: Database, tmp_path: Path) -> None:
    event = await imported(database, tiny_video(tmp_path / "clip.mp4"))
    with pytest.raises(Superseded):
        await on_renditions_wanted(event.model_copy(update={"revision": 2}), resources)


async def test_a_later_revision_takes_the_place_of_the_first(resources: Resources, database: Database, tmp_path: Path) -> None:
    path = tiny_video(tmp_path / "clip.mp4")
    event = await imported(database, path)
    await on_renditions_wanted(event, resources)
    status = tiny_video(path, sound=False, size="32x32").stat()
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE files SET revision = 2, size = %s, modified_ns = %s", (status.st_size, status.st_mtime_ns)
        )
        await connection.execute("UPDATE file_stages SET revision = 2, state = 'pending'")
    await on_renditions_wanted(event.model_copy(update={"revision": 2, "has_audio": False}), resources)
    made = {row["name"]: row for row in await rows(database, "renditions")}
    assert set(made) == {"proxy", "sprite", "sprite_vtt", "thumbnail"}
    assert {row["revision"] for row in made.values()} == {2}
    assert made["proxy"]["width"] == 32
