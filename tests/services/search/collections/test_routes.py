"""Collections on the real database: sets of files with an order, which never hold a file back and never take one along."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.search.collections import repository
from services.search.collections.schemas import Collection, CollectionFiles, Collections
from services.search.files.members import Hold, MembersChanged
from services.search.schemas import FileDetail, FilePage, SearchAnswer
from shared.database import Database
from tests.support.locking import somebody_waits
from tests.support.searching import library
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


async def made(http: httpx.AsyncClient, name: str, description: str = "") -> Collection:
    response = await http.post("/api/collections", json={"name": name, "description": description})
    assert response.status_code == 201, response.text
    return Collection.model_validate_json(response.content)


async def told(http: httpx.AsyncClient, collection: Collection) -> Collection:
    response = await http.get(f"/api/collections/{collection.id}")
    assert response.status_code == 200, response.text
    return Collection.model_validate_json(response.content)


async def put(http: httpx.AsyncClient, collection: Collection, **ask: Any) -> MembersChanged:
    body = {name: [str(one) for one in value] if isinstance(value, list) else value for name, value in ask.items()}
    response = await http.post(f"/api/collections/{collection.id}/files", json=body)
    assert response.status_code == 200, response.text
    return MembersChanged.model_validate_json(response.content)


async def files(http: httpx.AsyncClient, collection: Collection, **options: Any) -> CollectionFiles:
    response = await http.get(f"/api/collections/{collection.id}/files", params=options)
    assert response.status_code == 200, response.text
    return CollectionFiles.model_validate_json(response.content)


async def order(http: httpx.AsyncClient, collection: Collection) -> list[UUID]:
    return [one.file.id for one in (await files(http, collection)).files]


async def test_a_collection_is_made_changed_and_removed(http: httpx.AsyncClient) -> None:
    made_now = await made(http, " Grottos ", "For the website.")
    assert (made_now.name, made_now.description, made_now.files, made_now.cover) == ("Grottos", "For the website.", 0, None)
    path, seen = f"/api/collections/{made_now.id}", {"If-Match": f'"{made_now.version}"'}
    changed = Collection.model_validate_json((await http.patch(path, json={"description": "All."}, headers=seen)).content)
    assert (changed.name, changed.description) == ("Grottos", "All.")
    assert changed.updated_at > made_now.updated_at
    assert (await http.patch(path, json={"name": "Caves"}, headers=seen)).status_code == 412
    assert (await http.delete(path, headers=seen)).status_code == 412
    assert (await http.patch(path, json={"name": "GROTTOS"})).json()["name"] == "GROTTOS"
    assert (await http.delete(path)).status_code == 204
    for answer in (await http.get(path), await http.patch(path, json={}), await http.delete(path)):
        assert answer.status_code == 404


async def test_a_name_is_there_once(http: httpx.AsyncClient) -> None:
    await made(http, "Grottos")
    other = await made(http, "Ponds")
    for answer in (
        await http.post("/api/collections", json={"name": "grottos"}),
        await http.patch(f"/api/collections/{other.id}", json={"name": "GROTTOS"}),
    ):
        assert answer.status_code == 409
        assert "“Grottos” already" in answer.json()["detail"]
    assert (await http.post("/api/collections", json={"name": "a\nb"})).status_code == 422


async def test_files_keep_the_order_in_which_they_were_added(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    collection = await made(http, "Best of")
    wanted = [ids["photo"], ids["smith"], ids["party"]]
    changed = await put(http, collection, add=[*wanted, ids["photo"], uuid4()])
    assert (changed.added, changed.unknown, changed.files) == (3, 1, 3)
    await put(http, collection, add=[ids["jones"], ids["smith"]])
    assert await order(http, collection) == [*wanted, ids["jones"]]
    changed = await put(http, collection, remove=[ids["smith"]], add=[ids["photo"]])
    assert (changed.added, changed.removed, changed.files) == (0, 1, 3)
    await put(http, collection, filter={"kind": "video"})
    assert await order(http, collection) == [ids["photo"], ids["party"], ids["jones"], ids["smith"]]
    page = await files(http, collection, limit=3)
    assert (len(page.files), page.total) == (3, 4)
    last = await files(http, collection, limit=3, cursor=page.next_cursor)
    assert ([one.file.id for one in last.files], last.next_cursor) == ([ids["smith"]], None)
    assert last.files[0].file.path.endswith("grotto.mp4")
    assert (await http.get(f"/api/collections/{collection.id}/files", params={"cursor": "bm9uZQ=="})).status_code == 422


async def test_who_adds_waits_for_who_adds_so_that_pages_pass_over_nothing(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    collection = await made(http, "Busy")

    async with database.transaction() as connection:
        await repository.find(connection, collection.id, Hold.ALONE)
        later = asyncio.create_task(put(http, collection, add=[ids["party"]]))
        await until_so(partial(somebody_waits, database))
        await repository.FILES.add(connection, collection.id, [ids["smith"]], "ann")
    await later
    assert await order(http, collection) == [ids["smith"], ids["party"]]
    await asyncio.gather(*(put(http, collection, add=[file_id]) for file_id in ids.values() for _ in range(3)))
    assert sorted(await order(http, collection)) == sorted(ids.values())


async def test_the_cover_is_the_first_picture(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    collection = await made(http, "Best of")
    await put(http, collection, add=[ids["party"], ids["smith"]])
    assert (await told(http, collection)).cover == f"/api/files/{ids['smith']}/renditions/thumbnail"
    before = await told(http, collection)
    await put(http, collection, remove=[ids["smith"]])
    after = await told(http, collection)
    assert (after.cover, after.files, after.version) == (None, 1, before.version)
    assert after.updated_at > before.updated_at


async def test_neither_goes_with_the_other(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    one, other = await made(http, "One"), await made(http, "Other")
    await put(http, one, filter={})
    await put(http, other, add=[ids["smith"], ids["party"]])
    detail = FileDetail.model_validate_json((await http.get(f"/api/files/{ids['smith']}")).content)
    assert [named.name for named in detail.collections] == ["One", "Other"]
    await http.delete(f"/api/collections/{one.id}")
    assert FilePage.model_validate_json((await http.get("/api/files")).content).total == 4
    async with database.connection() as connection:
        await connection.execute("DELETE FROM files WHERE id = %s", (ids["smith"],))
    assert await order(http, other) == [ids["party"]]


async def test_files_are_searched_listed_and_worked_on_by_collection(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    grottos, ponds = await made(http, "Best of 2024"), await made(http, "Ponds")
    await put(http, grottos, add=[ids["smith"], ids["photo"]])
    await put(http, ponds, add=[ids["jones"]])

    async def found(**params: Any) -> set[UUID]:
        response = await http.get("/api/search", params={"semantic": "false", **params})
        assert response.status_code == 200, response.text
        return {file.id for file in SearchAnswer.model_validate_json(response.content).files}

    assert await found(collection="best OF 2024") == {ids["smith"], ids["photo"]}
    assert await found(collection=str(grottos.id)) == {ids["smith"], ids["photo"]}
    assert await found(collection=["ponds", str(grottos.id)]) == {ids["smith"], ids["photo"], ids["jones"]}
    assert await found(collection="best") == set()
    assert await found(q='collection:"Best of 2024" kind:video') == {ids["smith"]}
    assert await found(q="waterfall -collection:ponds") == {ids["smith"], ids["photo"]}
    for which in ("Ponds", str(ponds.id)):
        page = FilePage.model_validate_json((await http.get("/api/files", params={"collection": which})).content)
        assert [file.id for file in page.files] == [ids["jones"]]
        begun = await http.post("/api/batch/proxy", json={"filter": {"collection": which}, "force": True})
        assert (begun.status_code, begun.json()["total_files"]) == (202, 1)


async def test_lists_have_pages_and_are_searched_by_name(http: httpx.AsyncClient) -> None:
    for name in ("pond", "Pump", "grotto"):
        await made(http, name)
    seen: list[str] = []
    options: dict[str, Any] = {"limit": 2}
    while True:
        page = Collections.model_validate_json((await http.get("/api/collections", params=options)).content)
        seen += [one.name for one in page.collections]
        if page.next_cursor is None:
            break
        options["cursor"] = page.next_cursor
    assert seen == ["grotto", "pond", "Pump"]
    found = Collections.model_validate_json((await http.get("/api/collections", params={"q": "UM"})).content)
    assert [one.name for one in found.collections] == ["Pump"]
    assert (await http.get("/api/collections", params={"q": "\x00"})).status_code == 422
