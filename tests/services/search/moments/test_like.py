"""GET /api/search/like on the real database."""

from uuid import UUID, uuid4

import httpx
import pytest

from services.search.schemas import LikeAnswer, SearchAnswer
from shared.database import Database
from tests.support.footage import Footage, add_footage, add_searchable

pytestmark = pytest.mark.connected


async def library(database: Database) -> tuple[Footage, Footage, Footage]:
    """Two films of ponds, and one of a party."""
    pond = await add_searchable(database, "We dig the pond with an excavator.", path="/a/one.mp4")
    other = await add_searchable(database, "A digger makes a hole for the garden pond.", path="/a/two.mp4")
    party = await add_searchable(database, "Cut the chocolate birthday cake.", path="/a/three.mp4", camera="GoPro")
    return pond, other, party


async def ask(http: httpx.AsyncClient, **params: str | float) -> LikeAnswer:
    response = await http.get("/api/search/like", params=params)
    assert response.status_code == 200, response.text
    return LikeAnswer.model_validate_json(response.content)


async def test_what_a_file_resembles_is_found_and_not_itself(database: Database, http: httpx.AsyncClient) -> None:
    pond, other, party = await library(database)
    answer = await ask(http, file_id=str(pond.id), threshold=-1)
    assert (answer.file_id, answer.moment_id) == (pond.id, None)
    assert [file.id for file in answer.files] == [other.id, party.id]
    assert answer.moments[0].score == 1
    assert answer.moments[0].matched == "meaning"
    assert [file.id for file in (await ask(http, file_id=str(pond.id), threshold=-1, camera="gopro")).files] == [party.id]


async def test_what_a_moment_resembles_is_found(database: Database, http: httpx.AsyncClient) -> None:
    pond, other, _ = await library(database)
    found = SearchAnswer.model_validate_json((await http.get("/api/search", params={"q": '"excavator"'})).content)
    moment = next(moment for moment in found.moments if moment.file_id == pond.id and moment.field == "transcript")
    answer = await ask(http, moment_id=moment.id)
    assert answer.moment_id == moment.id
    assert (answer.moments[0].file_id, answer.moments[0].field) == (other.id, "transcript")


async def test_what_cannot_be_compared_is_told_in_words(database: Database, http: httpx.AsyncClient) -> None:
    async with database.transaction() as connection:
        bare = await add_footage(connection, "Not embedded yet.")
    cases: list[tuple[dict[str, str | UUID], int, str]] = [
        ({}, 422, "file_id or moment_id"),
        ({"file_id": bare.id, "moment_id": "1"}, 422, "only one"),
        ({"file_id": bare.id}, 422, "no vectors yet"),
        ({"file_id": uuid4()}, 404, "no file"),
        ({"moment_id": "9223372036854775807"}, 404, "no moment"),
    ]
    for params, status, words in cases:
        response = await http.get("/api/search/like", params={name: str(value) for name, value in params.items()})
        assert response.status_code == status
        assert words in response.json()["detail"]
