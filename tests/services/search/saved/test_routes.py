"""Saved searches, really kept: as GET /api/search takes them, answered as it answers, seen by whom they concern."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.search.identity.roles import Role, Scope
from services.search.saved.schemas import SavedSearch, SavedSearches
from services.search.schemas import SearchAnswer
from shared.database import Database
from tests.support.identity import client_as
from tests.support.searching import library

pytestmark = pytest.mark.connected

WATERFALLS = "q=waterfall+kind%3Avideo&camera=canon&camera=gopro&sort=captured&limit=5"


@pytest.fixture
async def vera(http: httpx.AsyncClient, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with client_as(http, database, Role.VIEWER, name="vera") as client:
        yield client


@pytest.fixture
async def ed(http: httpx.AsyncClient, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with client_as(http, database, Role.EDITOR, name="ed") as client:
        yield client


async def save(client: httpx.AsyncClient, name: str, query: str = WATERFALLS, **options: Any) -> httpx.Response:
    return await client.post("/api/searches", json={"name": name, "query": query, **options})


async def saved(client: httpx.AsyncClient, name: str, query: str = WATERFALLS, **options: Any) -> SavedSearch:
    response = await save(client, name, query, **options)
    assert response.status_code == 201, response.text
    return SavedSearch.model_validate_json(response.content)


async def names(client: httpx.AsyncClient, **options: Any) -> list[str]:
    response = await client.get("/api/searches", params=options)
    assert response.status_code == 200, response.text
    return [search.name for search in SavedSearches.model_validate_json(response.content).searches]


async def test_a_saved_search_answers_as_the_search_itself(database: Database, ed: httpx.AsyncClient) -> None:
    await library(database)
    search = await saved(ed, "Waterfalls")
    assert (search.name, search.owner, search.shared, search.query, search.problem) == (
        "Waterfalls", "ed", False, WATERFALLS, None,
    )  # fmt: skip
    path = f"/api/searches/{search.id}/answer"
    answer = SearchAnswer.model_validate_json((await ed.get(path)).content)
    itself = SearchAnswer.model_validate_json((await ed.get(f"/api/search?{WATERFALLS}")).content)
    assert answer.model_copy(update={"took_ms": 0}) == itself.model_copy(update={"took_ms": 0})
    assert len(answer.files) == 2
    first = SearchAnswer.model_validate_json((await ed.get(path, params={"limit": 1, "facets": "true"})).content)
    second = await ed.get(path, params={"limit": 1, "cursor": first.next_cursor})
    assert [first.files[0].id, SearchAnswer.model_validate_json(second.content).files[0].id] == [
        file.id for file in itself.files
    ]
    assert first.facets is not None
    assert first.facets.files == 2


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=pond&colour=red", "has no parameter colour"),
        ("q=pond&cursor=abc", "from its first page on"),
        ("q=pond&sort=weight", "sort"),
        ("near=here", "Give the place as"),
        ("kind=sculpture", "kind"),
        ("", "Say what to search for"),
        ("&".join(["tag=a"] * 201), "at most 200 parameters"),
    ],
)
async def test_what_the_search_would_not_take_is_not_saved(ed: httpx.AsyncClient, query: str, sentence: str) -> None:
    response = await save(ed, "Odd", query)
    assert response.status_code == 422
    assert sentence in response.json()["detail"]
    assert await names(ed) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/searches", '{"name": "a", "query": "q=\\ud800"}'),
        ("/api/searches", '{"name": "\\ud800", "query": "q=a"}'),
        ("/api/tags", '{"name": "a\\ud800"}'),
        ("/api/collections", '{"name": "a", "description": "\\ud800"}'),
        ("/api/collections", '{"name": "a", "description": "\\u0000"}'),
        ("/api/batch/proxy", '{"filter": {"tag": ["\\udfff"]}}'),
    ],
)
async def test_text_that_nobody_can_write_is_refused(ed: httpx.AsyncClient, path: str, body: str) -> None:
    response = await ed.post(path, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422, response.text
    assert response.json()["detail"]


async def test_the_question_mark_of_the_address_may_stay(ed: httpx.AsyncClient) -> None:
    assert (await saved(ed, "Ponds", "?q=pond&kind=")).query == "q=pond"


async def test_private_ones_are_seen_by_their_owner_and_administrators(
    http: httpx.AsyncClient, ed: httpx.AsyncClient, vera: httpx.AsyncClient
) -> None:
    own, other = await saved(vera, "Mine"), await saved(ed, "Ed's")
    shared = await saved(ed, "All's", shared=True)
    assert await names(vera) == ["All's", "Mine"]
    assert await names(ed) == ["All's", "Ed's"]
    assert await names(http) == ["All's", "Ed's", "Mine"]
    path = f"/api/searches/{other.id}"
    for answer in (
        await vera.get(path), await vera.get(f"{path}/answer"), await vera.patch(path, json={}), await vera.delete(path),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert (await vera.get(f"/api/searches/{shared.id}/answer")).status_code == 200
    for answer in (
        await vera.patch(f"/api/searches/{shared.id}", json={"name": "Vera's"}),
        await vera.delete(f"/api/searches/{shared.id}"),
    ):
        assert answer.status_code == 403
        assert "ed's" in answer.json()["detail"]
    assert (await http.delete(path)).status_code == 204
    assert (await vera.delete(f"/api/searches/{own.id}")).status_code == 204
    assert await names(http) == ["All's"]


async def test_an_administrators_key_that_may_not_manage_sees_no_more_than_others(
    http: httpx.AsyncClient, database: Database, ed: httpx.AsyncClient
) -> None:
    private, shared = await saved(ed, "Ed's"), await saved(ed, "All's", shared=True)
    async with client_as(http, database, Role.ADMIN, scopes={Scope.READ}) as reading:
        assert await names(reading) == ["All's"]
        assert (await reading.delete(f"/api/searches/{private.id}")).status_code == 404
        assert (await reading.delete(f"/api/searches/{shared.id}")).status_code == 403


async def test_viewers_keep_theirs_to_themselves(http: httpx.AsyncClient, database: Database, vera: httpx.AsyncClient) -> None:
    refused = await save(vera, "Mine", shared=True)
    assert refused.status_code == 403
    assert "ask an editor" in refused.json()["detail"]
    own = await saved(vera, "Mine")
    assert (await vera.patch(f"/api/searches/{own.id}", json={"shared": True})).status_code == 403
    async with client_as(http, database, Role.EDITOR, name="ed", scopes=[Scope.READ]) as reading:
        assert (await save(reading, "Mine", shared=True)).status_code == 403
        assert (await save(reading, "Mine")).status_code == 201


async def test_a_name_is_there_once_for_each_owner(ed: httpx.AsyncClient, vera: httpx.AsyncClient) -> None:
    first = await saved(ed, "Ponds")
    again = await save(ed, "PONDS")
    assert again.status_code == 409
    assert "“Ponds” of ed already" in again.json()["detail"]
    await saved(vera, "Ponds")
    other = await saved(ed, "Other")
    assert (await ed.patch(f"/api/searches/{other.id}", json={"name": "ponds"})).status_code == 409
    assert (await ed.patch(f"/api/searches/{first.id}", json={"name": "ponds"})).json()["name"] == "ponds"


async def test_a_search_is_changed_by_whom_has_seen_it_as_it_is(ed: httpx.AsyncClient) -> None:
    search = await saved(ed, "Ponds", "q=pond")
    path, seen = f"/api/searches/{search.id}", {"If-Match": f'"{search.version}"'}
    changed = SavedSearch.model_validate_json((await ed.patch(path, json={"query": "q=ponds"}, headers=seen)).content)
    assert (changed.name, changed.query, changed.shared) == ("Ponds", "q=ponds", False)
    assert (await ed.patch(path, json={"shared": True}, headers=seen)).status_code == 412
    assert (await ed.patch(path, json={"shared": True})).json()["shared"] is True
    assert (await ed.patch(path, json={"query": "near=here"})).status_code == 422
    assert (await ed.delete(path, headers=seen)).status_code == 412
    assert (await ed.delete(path)).status_code == 204
    assert (await ed.get(path)).status_code == 404
    assert (await ed.get(f"/api/searches/{uuid4()}/answer")).status_code == 404


async def test_what_is_understood_no_more_is_told_as_such(database: Database, ed: httpx.AsyncClient) -> None:
    search = await saved(ed, "Ponds", "q=pond")
    async with database.connection() as connection:
        await connection.execute("UPDATE saved_searches SET query = 'q=pond&lens=50'")
    told = SavedSearch.model_validate_json((await ed.get(f"/api/searches/{search.id}")).content)
    assert "has no parameter lens" in (told.problem or "")
    answer = await ed.get(f"/api/searches/{search.id}/answer")
    assert answer.status_code == 409
    assert "“Ponds” cannot be answered as it was saved" in answer.json()["detail"]
    mended = await ed.patch(f"/api/searches/{search.id}", json={"query": "q=pond"})
    assert mended.json()["problem"] is None


async def test_lists_have_pages_and_are_searched_by_name(ed: httpx.AsyncClient, vera: httpx.AsyncClient) -> None:
    for client in (ed, vera):
        await saved(client, "Ponds")
    await saved(ed, "Grottos")
    await saved(ed, "pumps", shared=True)
    assert await names(vera, q="P") == ["Ponds", "pumps"]
    seen: list[str] = []
    options: dict[str, Any] = {"limit": 1}
    while True:
        page = SavedSearches.model_validate_json((await ed.get("/api/searches", params=options)).content)
        seen += [search.name for search in page.searches]
        if page.next_cursor is None:
            break
        options["cursor"] = page.next_cursor
    assert seen == ["Grottos", "Ponds", "pumps"]
    for cursor in ("ä", "AA==", "W10=", "WzEsMl0="):
        assert (await ed.get("/api/searches", params={"cursor": cursor})).status_code == 422
    assert (await ed.get("/api/searches", params={"q": "\x00"})).status_code == 422
