"""Routes of files on the real database."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.search.schemas import FileDetail, FilePage
from shared import stages
from shared.blobs import Blobs
from shared.contracts import Kind, Stage, StageState
from shared.database import Database
from tests.support.footage import add_footage, add_searchable
from tests.support.library import about

pytestmark = pytest.mark.connected


async def pages(http: httpx.AsyncClient, **params: str | int) -> list[FilePage]:
    """Every page of a list."""
    found = [await page(http, **params)]
    while cursor := found[-1].next_cursor:
        found.append(await page(http, cursor=cursor, **params))
    return found


async def page(http: httpx.AsyncClient, **params: str | int) -> FilePage:
    response = await http.get("/api/files", params=params)
    assert response.status_code == 200, response.text
    return FilePage.model_validate_json(response.content)


async def failed(database: Database, path: str) -> None:
    async with database.transaction() as connection:
        film = await add_footage(connection, path=path, settled=(Stage.INGEST,))
        for stage in (Stage.TRANSCRIBE, Stage.PROXY):
            await stages.settle(connection, about(film.id), stage, StageState.FAILED, f"No {stage}.")
        await stages.settle(connection, about(film.id), Stage.ANALYSE, StageState.SKIPPED, "Nothing to read.")
        await stages.settle(connection, about(film.id), Stage.EMBED, StageState.DONE)


async def test_every_file_is_on_exactly_one_page_the_latest_first(database: Database, http: httpx.AsyncClient) -> None:
    async with database.transaction() as connection:
        films = [await add_footage(connection, path=f"/films/{number}.mp4") for number in range(7)]
    found = await pages(http, limit=3)
    assert [len(one.files) for one in found] == [3, 3, 1]
    ids = [file.id for one in found for file in one.files]
    assert ids == sorted((film.id for film in films), reverse=True)
    assert {one.total for one in found} == {7}


async def test_a_file_tells_its_stages_in_order_and_the_first_failure(database: Database, http: httpx.AsyncClient) -> None:
    await failed(database, "/films/broken.mp4")
    [file] = (await page(http)).files
    assert list(file.stages) == list(Stage)
    assert (file.status, file.error) == ("failed", "No proxy.")
    assert file.reasons == {
        Stage.PROXY: "No proxy.",
        Stage.TRANSCRIBE: "No transcribe.",
        Stage.ANALYSE: "Nothing to read.",
    }


async def test_files_are_filtered(database: Database, http: httpx.AsyncClient) -> None:
    await failed(database, "/films/broken_100%.mp4")
    await add_searchable(database, path="/photos/Lake.jpg", kind=Kind.IMAGE)
    async with database.transaction() as connection:
        await add_footage(connection, path="/films/waiting.mp4")

    async def names(**params: str) -> list[str]:
        found = await page(http, **params)
        assert found.total == len(found.files)
        return sorted(Path(file.path).name for file in found.files)

    assert await names(kind="image") == await names(status="done") == await names(q="lake") == ["Lake.jpg"]
    assert await names(status="failed") == await names(q="100%") == ["broken_100%.mp4"]
    assert await names(status="pending") == ["waiting.mp4"]
    assert await names(q="100_") == []
    assert await names(q="films", status="done") == []


async def test_a_list_of_nothing_is_a_list(http: httpx.AsyncClient) -> None:
    assert await page(http) == FilePage(files=[], next_cursor=None, total=0)


@pytest.mark.parametrize(
    "params", [{"limit": 501}, {"limit": 0}, {"cursor": "bm8="}, {"kind": "film"}, {"status": "lost"}, {"q": "\x00"}]
)
async def test_what_cannot_be_listed_is_refused_in_words(http: httpx.AsyncClient, params: dict[str, str]) -> None:
    response = await http.get("/api/files", params=params)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_file_is_told_whole_with_links_that_work(database: Database, blobs: Blobs, http: httpx.AsyncClient) -> None:
    film = await add_searchable(database, "The pump goes in.", path="/films/pump.mp4", thumbnail=True)
    await blobs.put(f"proxy/{film.id}/thumbnail.webp", b"img", "image/webp")
    response = await http.get(f"/api/files/{film.id}")
    detail = FileDetail.model_validate_json(response.content)
    assert (detail.path, detail.status) == ("/films/pump.mp4", "done")
    assert detail.transcript is not None
    assert [segment.text for segment in detail.transcript.segments] == ["The pump goes in."]
    assert detail.analysis is not None
    assert detail.analysis.model == detail.analysis.result["model"] == "local"
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert (await browser.get(detail.renditions["thumbnail"].url)).content == b"img"
        assert detail.thumbnail is not None
        link = (await http.get(detail.thumbnail)).headers["location"]
        assert (await browser.get(link)).content == b"img"


async def test_what_is_not_there_is_not_found(database: Database, http: httpx.AsyncClient) -> None:
    film = await add_searchable(database, path="/films/silent.mp4")
    for path in (f"/api/files/{uuid4()}", f"/api/files/{film.id}/renditions/thumbnail", "/api/nothing"):
        response = await http.get(path)
        assert response.status_code == 404
        assert response.json()["detail"].startswith("There is no")
    assert (await http.get("/api/files/no-id")).status_code == 422
