"""Files are found by what is to be seen in them: real media, real store, and Bedrock over HTTP."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.nova.embedding.answers import Unseen
from services.nova.embedding.handlers import Embedding, on_moments_wanted
from services.nova.embedding.segmented import Segmented
from services.search.schemas import SearchAnswer
from shared import jobs
from shared.bedrock.faults import ConnectionLost
from shared.bedrock.staging import Staging, StagingRefused
from shared.contracts import Kind, NovaCompleted, Stage
from shared.database import Database
from shared.service import Platform
from tests.support.bedrock.fake import FakeBedrock
from tests.support.bedrock.faults import Fault, Trouble
from tests.support.embedding import (
    add_rendition,
    analysed,
    embedders_of,
    embedding_of,
    moment_rows,
    wanted_again,
)
from tests.support.library import count, stage_of
from tests.support.media import tiny_photo, tiny_video
from tests.support.paying import ledger_rows

pytestmark = pytest.mark.connected

NOVA = "nova-2-multimodal-embeddings-v1-1024"


def service(platform: Platform, **settings: Any) -> Embedding:
    """The nova service in a process of its own, its settings naming Nova."""
    bucket = {"staging_bucket": platform.blobs.bucket} if settings.pop("staged", False) else {}
    return embedding_of(platform, embedders_of(platform.database, bedrock=bucket, **settings))


@pytest.fixture
async def photo(platform: Platform, database: Database, bedrock: FakeBedrock, tmp_path: Path) -> NovaCompleted:
    event = await analysed(database, path="/photos/Lake Tahoe/DSC_1234.jpg", kind=Kind.IMAGE)
    await add_rendition(platform, event, "image", tiny_photo(tmp_path / "lake.jpg"), "image/jpeg")
    await service(platform).switch.step()  # nothing is embedded yet: Nova serves
    return event


async def film_of(platform: Platform, folder: Path, seconds: float) -> NovaCompleted:
    event = await analysed(platform.database, "Today we dig the pond.", path="/films/pond.mp4")
    await add_rendition(platform, event, "proxy", tiny_video(folder / "pond.mp4", seconds=seconds), "video/mp4")
    async with platform.database.transaction() as connection:
        await connection.execute("UPDATE files SET duration = %s WHERE id = %s", (seconds, event.file_id))
    await service(platform).switch.step()
    return event


async def brought_in(database: Database, event: NovaCompleted, name: str) -> None:
    """Have the file come with an import of this person's."""
    async with database.transaction() as connection:
        job_id = await jobs.create(connection, "import", {}, asked_by=name)
        add = "INSERT INTO job_items (job_id, path_raw, path, file_id) VALUES (%s, 'x', 'x', %s)"
        await connection.execute(add, (job_id, event.file_id))


def bodies(bedrock: FakeBedrock, kind: str) -> list[dict[str, Any]]:
    """What was asked about media of a kind."""
    asked = [json.loads(call.request["body"]) for call in bedrock.calls if call.operation == "InvokeModel"]
    return [body["singleEmbeddingParams"][kind] for body in asked if kind in body["singleEmbeddingParams"]]


def started(bedrock: FakeBedrock) -> int:
    """How often a job in the background was started."""
    return len([call for call in bedrock.calls if call.operation == "StartAsyncInvoke"])


async def spans(database: Database) -> list[tuple[float | None, float | None]]:
    """Begin and end of every moment that is seen and has a vector."""
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT start_s, end_s FROM moments JOIN embeddings ON moment_id = id WHERE field = 'picture' ORDER BY start_s"
        )
        return await cursor.fetchall()


async def test_a_photo_is_found_by_what_is_to_be_seen(
    platform: Platform, database: Database, bedrock: FakeBedrock, photo: NovaCompleted
) -> None:
    await brought_in(database, photo, "ada")
    await on_moments_wanted(photo, service(platform))
    assert (await stage_of(database, photo.file_id, Stage.EMBED)).state == "done"
    assert ("picture", "", 1024) in await moment_rows(database, NOVA)
    [image] = bodies(bedrock, "image")
    assert (image["format"], image["detailLevel"]) == ("jpeg", "STANDARD_IMAGE")
    assert {(row["file_id"], row["requested_by"]) for row in await ledger_rows(database)} == {(photo.file_id, "ada")}


async def test_what_was_seen_is_not_paid_for_again(
    platform: Platform, database: Database, bedrock: FakeBedrock, photo: NovaCompleted
) -> None:
    await on_moments_wanted(photo, service(platform))
    paid = len(bedrock.billed)
    await on_moments_wanted(await wanted_again(database, photo), service(platform))
    assert len(bedrock.billed) == paid
    assert ("picture", "", 1024) in await moment_rows(database, NOVA)
    assert await count(database, "model_calls", "answer IS NOT NULL") == paid


async def test_nobody_looks_where_the_settings_say_so(
    platform: Platform, database: Database, bedrock: FakeBedrock, photo: NovaCompleted
) -> None:
    await on_moments_wanted(photo, service(platform, embed_images=False))
    assert bodies(bedrock, "image") == []
    assert await spans(database) == []


async def test_a_file_without_renditions_is_found_by_words(
    platform: Platform, database: Database, bedrock: FakeBedrock, photo: NovaCompleted
) -> None:
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM renditions")
    await on_moments_wanted(photo, service(platform))
    assert (await stage_of(database, photo.file_id, Stage.EMBED)).state == "done"
    fields = {field for field, *_ in await moment_rows(database, NOVA)}
    assert "name" in fields
    assert "picture" not in fields


async def test_what_is_seen_is_told_in_the_file_s_own_words(
    platform: Platform, database: Database, http: httpx.AsyncClient, photo: NovaCompleted
) -> None:
    await on_moments_wanted(photo, service(platform))
    async with database.transaction() as connection:  # as if nothing but the picture were like the query
        await connection.execute("DELETE FROM embeddings USING moments WHERE moment_id = id AND field <> 'picture'")
    response = await http.get("/api/search", params={"q": "sunset", "threshold": -1})
    [moment] = SearchAnswer.model_validate_json(response.content).moments
    assert (moment.field, moment.matched, moment.start) == ("picture", "meaning", None)
    assert moment.snippet == "DSC 1234"


async def test_a_video_is_left_alone_unless_somebody_asks_for_it(
    platform: Platform, database: Database, bedrock: FakeBedrock, tmp_path: Path
) -> None:
    film = await film_of(platform, tmp_path, 2.0)
    await on_moments_wanted(film, service(platform))
    assert bodies(bedrock, "video") == []
    assert await spans(database) == []


async def test_a_short_video_is_seen_as_it_is(
    platform: Platform, database: Database, bedrock: FakeBedrock, tmp_path: Path
) -> None:
    film = await film_of(platform, tmp_path, 2.0)
    await on_moments_wanted(film, service(platform, embed_video=True, staged=True))
    [video] = bodies(bedrock, "video")
    assert (video["format"], video["embeddingMode"]) == ("mp4", "AUDIO_VIDEO_SEPARATE")
    assert await spans(database) == [(0.0, 2.0)]


async def test_a_long_video_is_seen_in_clips_where_there_is_no_staging_bucket(
    platform: Platform, database: Database, bedrock: FakeBedrock, tmp_path: Path
) -> None:
    film = await film_of(platform, tmp_path, 70.0)
    await on_moments_wanted(film, service(platform, embed_video=True))
    found = await spans(database)
    assert len(found) == len(bodies(bedrock, "video")) == 3
    assert (found[0][0], found[-1][1]) == (0.0, 70.0)
    assert all(end - start <= 30.0 for start, end in found if start is not None and end is not None)
    seconds = sum(call.usage.video_seconds for call in bedrock.billed if call.usage)
    assert seconds == pytest.approx(70.0, abs=2.0)
    assert (await stage_of(database, film.file_id, Stage.EMBED)).reason is None


async def test_words_of_the_time_stand_for_a_clip(
    platform: Platform, database: Database, http: httpx.AsyncClient, bedrock: FakeBedrock, tmp_path: Path
) -> None:
    film = await film_of(platform, tmp_path, 2.0)
    await on_moments_wanted(film, service(platform, embed_video=True))
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM embeddings USING moments WHERE moment_id = id AND field <> 'picture'")
        chapter = await connection.execute("SELECT text FROM moments WHERE field = 'chapter'")
        [(words,)] = await chapter.fetchall()
    response = await http.get("/api/search", params={"q": "sunset", "threshold": -1})
    [moment] = SearchAnswer.model_validate_json(response.content).moments
    assert (moment.field, moment.start, moment.snippet) == ("picture", 0.0, words)


class TestSegments:
    """Long videos, seen in one request."""

    @pytest.fixture
    async def film(self, platform: Platform, bedrock: FakeBedrock, tmp_path: Path) -> NovaCompleted:
        return await film_of(platform, tmp_path, 70.0)

    @pytest.fixture
    def embedding(self, platform: Platform, film: NovaCompleted) -> Embedding:
        return service(platform, embed_video=True, staged=True)

    async def staged(self, platform: Platform) -> list[str]:
        return [one.key async for page in platform.blobs.stored("spillway/nova/embeddings/") for one in page]

    async def test_its_segments_are_moments_and_nothing_is_left_in_the_bucket(
        self, platform: Platform, database: Database, bedrock: FakeBedrock, film: NovaCompleted, embedding: Embedding
    ) -> None:
        await on_moments_wanted(film, embedding)
        assert (await stage_of(database, film.file_id, Stage.EMBED)).reason is None
        assert [start for start, _ in await spans(database)] == [0.0, 30.0, 60.0]
        assert started(bedrock) == 1
        assert bodies(bedrock, "video") == []
        assert await self.staged(platform) == []
        paid = next(row for row in await ledger_rows(database) if row["usd"] > 0.04)
        assert float(paid["usd"]) == pytest.approx(70 * 0.0007)

    async def test_a_killed_worker_s_job_is_waited_for(
        self, platform: Platform, database: Database, bedrock: FakeBedrock, film: NovaCompleted, embedding: Embedding
    ) -> None:
        look = Fault(Trouble.SLOW, operation="GetAsyncInvoke")
        bedrock.script(look)
        working = asyncio.create_task(on_moments_wanted(film, embedding))
        assert await asyncio.to_thread(look.gate.reached)
        working.cancel()
        await asyncio.wait({working})
        look.gate.open()
        assert await spans(database) == []
        await on_moments_wanted(film, service(platform, embed_video=True, staged=True))
        assert started(bedrock) == 1
        assert len(await spans(database)) == 3

    async def test_a_start_whose_answer_was_lost_is_the_same_job(
        self, platform: Platform, database: Database, bedrock: FakeBedrock, film: NovaCompleted, embedding: Embedding
    ) -> None:
        bedrock.script(Fault(Trouble.DROPPED_AFTER_METERING, operation="StartAsyncInvoke"))
        with pytest.raises(ConnectionLost):
            await on_moments_wanted(film, embedding)
        await on_moments_wanted(film, embedding)
        assert started(bedrock) == 2
        assert len([call for call in bedrock.billed if call.operation == "StartAsyncInvoke"]) == 1
        assert await count(database, "model_calls", "state = 'lost'") == 1
        assert len(await spans(database)) == 3

    async def test_a_job_that_failed_is_told_of_and_another_is_begun(
        self, platform: Platform, database: Database, bedrock: FakeBedrock, film: NovaCompleted, tmp_path: Path
    ) -> None:
        known = embedders_of(database, bedrock={"staging_bucket": platform.blobs.bucket})
        segmented = Segmented(database, known, Staging(known.bedrock), poll=0.01)
        damaged = tmp_path / "damaged.mp4"
        damaged.write_bytes(b"no video at all" * 100)
        for number in (1, 2):
            with pytest.raises(Unseen, match="made no vectors"):
                await segmented.watched(known.nova(1024), film.file_id, damaged, 40.0)
            assert (
                len({call.answer["invocationArn"] for call in bedrock.calls if call.operation == "StartAsyncInvoke"}) == number
            )

    async def test_a_video_that_could_not_be_staged_has_cost_nothing(
        self, platform: Platform, database: Database, film: NovaCompleted, tmp_path: Path
    ) -> None:
        class Full(Staging):
            async def put(self, path: Path, key: str, content_type: str) -> str:
                raise StagingRefused("The staging bucket did not take the file.")

        known = embedders_of(database, bedrock={"staging_bucket": platform.blobs.bucket})
        clip = tiny_video(tmp_path / "clip.mp4", seconds=2.0)
        with pytest.raises(StagingRefused):
            await Segmented(database, known, Full(known.bedrock)).watched(known.nova(1024), film.file_id, clip, 40.0)
        assert await count(database, "model_calls") == 0
