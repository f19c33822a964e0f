"""Vectors that were paid for are not paid for again, whatever became of the tables."""

from decimal import Decimal
from pathlib import Path

import pytest

from services.nova.embedding.handlers import Embedding, on_moments_wanted
from shared.contracts import Kind, NovaCompleted
from shared.database import Database
from shared.minilm import MODEL
from shared.paying import budgets
from shared.service import Platform
from tests.support.bedrock.fake import FakeBedrock
from tests.support.embedding import add_rendition, analysed, embedders_of, embedding_of, states, wanted_again
from tests.support.library import count
from tests.support.media import tiny_photo, tiny_video
from tests.support.paying import ledger_rows
from tests.support.rebuilding import asked, drop_tables, rebuilt, rows, table_id

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

NOVA = "nova-2-multimodal-embeddings-v1-1024"


def service(platform: Platform, *, staged: bool = False) -> Embedding:
    """The nova service, its settings naming Nova."""
    bucket = {"staging_bucket": platform.blobs.bucket} if staged else {}
    return embedding_of(platform, embedders_of(platform.database, bedrock=bucket, embed_video=True))


async def add_seen(platform: Platform, folder: Path, seconds: float = 2.0) -> list[NovaCompleted]:
    """A photo and a video, analysed, with what is to be seen of them."""
    photo = await analysed(platform.database, path="/photos/lake.jpg", kind=Kind.IMAGE)
    await add_rendition(platform, photo, "image", tiny_photo(folder / "lake.jpg"), "image/jpeg")
    film = await analysed(platform.database, "Today we dig the pond.", path="/films/pond.mp4")
    await add_rendition(platform, film, "proxy", tiny_video(folder / "pond.mp4", seconds=seconds), "video/mp4")
    async with platform.database.transaction() as connection:
        await connection.execute("UPDATE files SET duration = %s WHERE id = %s", (seconds, film.file_id))
    return [photo, film]


@pytest.mark.parametrize("dropped", [False, True])
async def test_nothing_is_paid_for_again(
    platform: Platform, database: Database, bedrock: FakeBedrock, tmp_path: Path, dropped: bool
) -> None:
    embedding = service(platform)
    await embedding.switch.step()
    for event in await add_seen(platform, tmp_path):
        await on_moments_wanted(event, embedding)
    before, paid = await rows(database), len(bedrock.calls)
    assert {row[3] for row in before["moments"]} >= {"picture", "transcript", "name"}
    assert {row[1] for row in before["embeddings"]} == {NOVA}
    if dropped:
        await drop_tables(database)
    job = await rebuilt(platform, embedder="nova", embed_video=True)
    assert (job.state, job.error) == ("done", None)
    assert await rows(database) == before
    assert len(bedrock.calls) == paid
    assert job.progress["kept" if dropped else "copied"] == len(before["embeddings"])


async def test_long_videos_that_were_seen_as_a_whole_are_kept_too(
    platform: Platform, database: Database, bedrock: FakeBedrock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPILLWAY_BEDROCK_STAGING_BUCKET", platform.blobs.bucket)
    embedding = service(platform, staged=True)
    await embedding.switch.step()
    for event in await add_seen(platform, tmp_path, 70.0):
        await on_moments_wanted(event, embedding)
    before, paid = await rows(database), len(bedrock.calls)
    assert len([row for row in before["moments"] if row[3] == "picture"]) == 4
    await drop_tables(database)
    assert (await rebuilt(platform, embedder="nova", embed_video=True)).state == "done"
    assert await rows(database) == before
    assert len(bedrock.calls) == paid


async def test_vectors_of_both_are_there_in_the_middle_of_a_switch(
    platform: Platform, database: Database, bedrock: FakeBedrock
) -> None:
    old, new = embedding_of(platform, embedders_of(database, embedder="local")), service(platform)
    films = [await analysed(database, sentence) for sentence in ("Today we dig the pond.", "The pump goes in.")]
    for film in films:
        await on_moments_wanted(film, old)
    await new.switch.step()
    await on_moments_wanted(await wanted_again(database, films[0]), new)
    before, paid = await rows(database), len(bedrock.calls)
    assert await states(database) == {MODEL: "serving", NOVA: "building"}
    assert {row[1] for row in before["embeddings"]} == {MODEL, NOVA}
    assert (await rebuilt(platform, embedder="nova")).state == "done"
    assert await rows(database) == before
    await drop_tables(database)
    assert (await rebuilt(platform, embedder="nova")).state == "done"
    after = await rows(database)
    assert (after["moments"], after["file_facts"]) == (before["moments"], before["file_facts"])
    assert set(after["embeddings"]) >= set(before["embeddings"])  # texts that both files have are known for both
    assert len(bedrock.calls) == paid


async def lost(platform: Platform, *sentences: str) -> None:
    """A file that was embedded by Nova, of which neither tables nor ledger keep the vectors."""
    embedding = service(platform)
    await embedding.switch.step()
    await on_moments_wanted(await analysed(platform.database, *(sentences or ("Today we dig the pond.",))), embedding)
    await drop_tables(platform.database)
    async with platform.database.transaction() as connection:
        await connection.execute("UPDATE model_calls SET answer = NULL")


async def test_what_nobody_keeps_is_paid_for_only_if_somebody_agrees(
    platform: Platform, database: Database, bedrock: FakeBedrock
) -> None:
    await lost(platform)
    paid = len(bedrock.billed)
    looked = await rebuilt(platform, await asked(database, dry_run=True), embedder="nova")
    assert looked.progress["lacking"] >= paid > 0
    assert looked.progress["usd"] > 0
    refused = await rebuilt(platform, embedder="nova")
    assert refused.state == "failed"
    assert "--yes" in (refused.error or "")
    assert await table_id(database, "public") is None
    assert len(bedrock.billed) == paid
    job = await rebuilt(platform, await asked(database, pay=True), embedder="nova")
    assert (job.state, job.progress["made"]) == ("done", looked.progress["lacking"])
    assert len(bedrock.billed) == 2 * paid
    assert await count(database, "embeddings") == await count(database, "moments") == looked.progress["lacking"]
    assert {row["requested_by"] for row in await ledger_rows(database)} >= {"ada"}


async def test_a_budget_that_is_too_small_for_all_pays_for_nothing(
    platform: Platform, database: Database, bedrock: FakeBedrock
) -> None:
    await lost(platform, *(f"{number} {'pond ' * 1500}" for number in range(8)))
    paid = len(bedrock.billed)
    looked = await rebuilt(platform, await asked(database, dry_run=True), embedder="nova")
    spent = sum(row["usd"] for row in await ledger_rows(database))
    enough_for_some = spent + Decimal(str(looked.progress["usd"])) * Decimal("0.8")
    async with database.transaction() as connection:
        await budgets.create(connection, name="vectors", period="day", usd=enough_for_some)
    job = await rebuilt(platform, await asked(database, pay=True), embedder="nova")
    assert job.state == "failed"
    assert "vectors" in (job.error or "")
    assert len(bedrock.billed) == paid
