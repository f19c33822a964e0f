"""Routes of embedders, on the real database."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.ingest.batches.handlers import on_batch_requested
from services.nova.embedding.handlers import on_moments_wanted
from services.search.batches.schemas import BatchAccepted
from services.search.embeddings.schemas import EmbeddersTold
from shared import topology
from shared.contracts import BatchRequested, EmbeddingsRequested, Kind, NovaCompleted, Stage
from shared.database import Database
from shared.embedders import Embedders
from shared.minilm import MODEL
from shared.paying import budgets
from shared.service import Platform
from tests.support.asking import asked_for
from tests.support.bedrock.fake import FakeBedrock
from tests.support.embedding import add_rendition, analysed, embedders_of, embedding_of, only_local, states
from tests.support.library import count
from tests.support.media import tiny_photo

pytestmark = pytest.mark.connected

NOVA = "nova-2-multimodal-embeddings-v1-1024"


@pytest.fixture(autouse=True)
async def first_embedder(database: Database) -> AsyncIterator[None]:
    await only_local(database)
    yield
    await only_local(database)


@pytest.fixture
async def library(platform: Platform, database: Database, tmp_path: Path) -> dict[str, NovaCompleted]:
    """A film and a photo, embedded by the local embedder before the settings named Nova."""
    film = await analysed(database, "The pump goes in.", path="/films/pond.mp4")
    photo = await analysed(database, path="/films/lake.jpg", kind=Kind.IMAGE)
    await add_rendition(platform, photo, "image", tiny_photo(tmp_path / "lake.jpg"), "image/jpeg")
    before = embedding_of(platform, embedders_of(database, embedder="local"))
    for event in (film, photo):
        await on_moments_wanted(event, before)
    return {"film": film, "photo": photo}


@pytest.fixture
async def building(platform: Platform, library: dict[str, NovaCompleted], nova: Embedders) -> dict[str, NovaCompleted]:
    await embedding_of(platform, nova).switch.step()
    return library


@pytest.fixture
def nova(database: Database, bedrock: FakeBedrock) -> Embedders:
    return embedders_of(database)


async def told(http: httpx.AsyncClient) -> EmbeddersTold:
    response = await http.get("/api/nova/embeddings")
    assert response.status_code == 200, response.text
    return EmbeddersTold.model_validate_json(response.content)


async def generate(http: httpx.AsyncClient, *, key: str | None = None, **body: object) -> BatchAccepted:
    headers = {"Idempotency-Key": key} if key else {}
    response = await http.post("/api/nova/embeddings/generate", json=body, headers=headers)
    assert response.status_code == 202, response.text
    return BatchAccepted.model_validate_json(response.content)


async def test_the_local_embedder_serves_and_nothing_is_left(
    http: httpx.AsyncClient, library: dict[str, NovaCompleted]
) -> None:
    state = await told(http)
    assert (state.serving.model, state.serving.dimensions, state.building, state.left) == (MODEL, 384, None, None)


async def test_what_is_left_is_counted_and_priced(
    database: Database, http: httpx.AsyncClient, building: dict[str, NovaCompleted]
) -> None:
    state = await told(http)
    assert state.building
    assert (state.building.model, state.building.dimensions) == (NOVA, 1024)
    assert state.left
    assert (state.left.files, state.left.images, state.left.video_seconds) == (2, 1, 0.0)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT count(DISTINCT text) FROM moments")
        assert await cursor.fetchall() == [(state.left.texts,)]
    assert 0.00006 < state.left.usd < 0.001
    assert state.left.prices_as_of is not None


async def test_a_job_means_the_files_that_lack_vectors(
    platform: Platform, database: Database, http: httpx.AsyncClient, building: dict[str, NovaCompleted], nova: Embedders
) -> None:
    first = await generate(http, filter={"kind": "video"})
    assert (first.total_files, first.video_count) == (1, 1)
    await on_batch_requested(BatchRequested(job_id=first.job_id), platform)
    [asked] = await asked_for(database, first.job_id)
    assert (asked.subject, asked.file_id) == (topology.REQUESTS[Stage.EMBED].subject, building["film"].file_id)
    await on_moments_wanted(EmbeddingsRequested.model_validate(asked.body), embedding_of(platform, nova))

    second = await generate(http, filter={})
    assert (second.total_files, second.image_count, second.excluded.processed) == (1, 1, 1)
    await on_batch_requested(BatchRequested(job_id=second.job_id), platform)
    [asked] = await asked_for(database, second.job_id)
    embedding = embedding_of(platform, nova)
    await on_moments_wanted(EmbeddingsRequested.model_validate(asked.body), embedding)
    await embedding.switch.step()
    assert (await states(database))[NOVA] == "serving"
    assert (await generate(http, filter={})).total_files == 0
    assert (await generate(http, filter={}, force=True)).total_files == 2


async def test_nothing_is_left_to_do_without_another_embedder(
    http: httpx.AsyncClient, library: dict[str, NovaCompleted]
) -> None:
    assert (await generate(http, filter={})).total_files == 0


async def test_a_job_that_costs_more_than_a_budget_leaves_is_refused(
    database: Database, http: httpx.AsyncClient, building: dict[str, NovaCompleted]
) -> None:
    async with database.transaction() as connection:
        await budgets.create(connection, name="vectors", period="day", usd=Decimal("0.00001"))
    refused = await http.post("/api/nova/embeddings/generate", json={"filter": {}})
    assert refused.status_code == 409
    assert "vectors" in refused.json()["detail"]
    assert await count(database, "jobs") == 0
    await generate(http, file_ids=[str(uuid4())])


async def test_the_same_key_is_the_same_job(http: httpx.AsyncClient, building: dict[str, NovaCompleted]) -> None:
    first, again = [await generate(http, key="once", filter={}) for _ in range(2)]
    assert first == again


async def test_a_request_that_means_no_files_is_refused_in_words(http: httpx.AsyncClient) -> None:
    for body in ({}, {"filter": {}, "file_ids": [str(uuid4())]}, {"filter": {}, "options": {"model": "x"}}):
        response = await http.post("/api/nova/embeddings/generate", json=body)
        assert response.status_code == 422
        assert response.json()["detail"]
