"""Tags on the real database: named, put on files, merged, removed, and found by."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.search.files.members import Hold, MembersChanged, naming
from services.search.schemas import FileDetail, FilePage, SearchAnswer
from services.search.tags import repository
from services.search.tags.schemas import Tag, Tags, TagsOfFile
from shared.database import Database
from tests.support.locking import somebody_waits
from tests.support.searching import library
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


async def made(http: httpx.AsyncClient, name: str) -> Tag:
    response = await http.post("/api/tags", json={"name": name})
    assert response.status_code == 201, response.text
    return Tag.model_validate_json(response.content)


async def put(http: httpx.AsyncClient, tag: Tag, **ask: Any) -> MembersChanged:
    body = {name: [str(one) for one in value] if isinstance(value, list) else value for name, value in ask.items()}
    response = await http.post(f"/api/tags/{tag.id}/files", json=body)
    assert response.status_code == 200, response.text
    return MembersChanged.model_validate_json(response.content)


async def listed(http: httpx.AsyncClient, **options: Any) -> Tags:
    response = await http.get("/api/tags", params=options)
    assert response.status_code == 200, response.text
    return Tags.model_validate_json(response.content)


async def numbers(http: httpx.AsyncClient) -> dict[str, int]:
    return {tag.name: tag.files for tag in (await listed(http)).tags}


async def found(http: httpx.AsyncClient, **params: Any) -> set[UUID]:
    response = await http.get("/api/search", params={"semantic": "false", **params})
    assert response.status_code == 200, response.text
    return {file.id for file in SearchAnswer.model_validate_json(response.content).files}


async def test_a_tag_is_made_renamed_and_removed(http: httpx.AsyncClient) -> None:
    tag = await made(http, "  Grotto ")
    assert (tag.name, tag.files) == ("Grotto", 0)
    assert tag.created_by
    renamed = await http.patch(f"/api/tags/{tag.id}", json={"name": "GROTTO"}, headers={"If-Match": f'"{tag.version}"'})
    assert Tag.model_validate_json(renamed.content).name == "GROTTO"
    stale = await http.patch(f"/api/tags/{tag.id}", json={"name": "cave"}, headers={"If-Match": f'"{tag.version}"'})
    assert stale.status_code == 412
    assert (await http.delete(f"/api/tags/{tag.id}")).status_code == 204
    assert await numbers(http) == {}
    assert (await http.delete(f"/api/tags/{tag.id}")).status_code == 404


async def test_a_name_is_there_once_whatever_its_case(http: httpx.AsyncClient) -> None:
    grotto, pond = await made(http, "Grotto"), await made(http, "pond")
    again = await http.post("/api/tags", json={"name": "gROTTO"})
    assert again.status_code == 409
    assert "“Grotto” already" in again.json()["detail"]
    onto = await http.patch(f"/api/tags/{pond.id}", json={"name": "grotto"})
    assert onto.status_code == 409
    assert f"/api/tags/{pond.id}/merge" in onto.json()["detail"]
    assert str(grotto.id) in onto.json()["detail"]
    for name in ("", " ", "a\nb", "x" * 101):
        refused = await http.post("/api/tags", json={"name": name})
        assert refused.status_code == 422
        assert refused.json()["detail"]


async def test_of_two_that_give_a_name_at_once_one_is_told_of_the_other(database: Database, http: httpx.AsyncClient) -> None:
    async with database.transaction() as connection:
        await naming(connection, "tags")
        await repository.add(connection, "Grotto", "ann")
        later = asyncio.create_task(http.post("/api/tags", json={"name": "grotto"}))
        await until_so(partial(somebody_waits, database))
        assert not later.done()
    assert (await later).status_code == 409
    answers = await asyncio.gather(*(http.post("/api/tags", json={"name": "Pond"}) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]


async def test_what_is_tagged_while_its_tag_is_merged_is_not_lost(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    pond, ponds = await made(http, "pond"), await made(http, "ponds")
    async with database.transaction() as connection:
        await repository.find(connection, ponds.id, Hold.STAYS)
        await repository.FILES.add(connection, ponds.id, [ids["smith"]], "ann")
        later = asyncio.create_task(http.post(f"/api/tags/{ponds.id}/merge", json={"into": str(pond.id)}))
        await until_so(partial(somebody_waits, database))
    assert (await later).json()["files"] == 1


async def test_files_are_tagged_by_id_and_by_filter(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    tag = await made(http, "best")
    changed = await put(http, tag, add=[ids["smith"], ids["party"], uuid4()])
    assert (changed.added, changed.removed, changed.unknown, changed.files) == (2, 0, 1, 2)
    changed = await put(http, tag, filter={"kind": "video"}, remove=[ids["party"], ids["photo"]])
    assert (changed.added, changed.removed, changed.unknown, changed.files) == (1, 1, 0, 2)
    assert await found(http, tag="BEST") == {ids["smith"], ids["jones"]}
    assert await numbers(http) == {"best": 2}


@pytest.mark.parametrize("body", [{}, {"add": []}, {"add": [str(uuid4())], "filter": {}}, {"filter": {"kind": "sculpture"}}])
async def test_which_files_are_meant_is_said_in_one_way(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    tag = await made(http, "best")
    assert (await http.post(f"/api/tags/{tag.id}/files", json=body)).status_code == 422
    assert (await http.post(f"/api/tags/{uuid4()}/files", json={"filter": {}})).status_code == 404


async def test_one_file_is_tagged_and_tells_its_tags(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    pond, best = await made(http, "pond"), await made(http, "Best")
    for tag in (pond, best, pond):
        answer = await http.put(f"/api/files/{ids['smith']}/tags/{tag.id}")
        assert answer.status_code == 200, answer.text
    assert [tag.name for tag in TagsOfFile.model_validate_json(answer.content).tags] == ["Best", "pond"]
    detail = FileDetail.model_validate_json((await http.get(f"/api/files/{ids['smith']}")).content)
    assert [(tag.id, tag.name) for tag in detail.tags] == [(best.id, "Best"), (pond.id, "pond")]
    for _ in range(2):
        answer = await http.delete(f"/api/files/{ids['smith']}/tags/{best.id}")
        assert [tag.name for tag in TagsOfFile.model_validate_json(answer.content).tags] == ["pond"]
    assert (await http.put(f"/api/files/{uuid4()}/tags/{pond.id}")).status_code == 404
    assert (await http.put(f"/api/files/{ids['smith']}/tags/{uuid4()}")).status_code == 404


async def test_merging_gives_each_file_the_other_tag_once(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    pond, ponds = await made(http, "pond"), await made(http, "ponds")
    await put(http, pond, add=[ids["smith"], ids["jones"]])
    await put(http, ponds, add=[ids["jones"], ids["party"]])
    merged = await http.post(f"/api/tags/{ponds.id}/merge", json={"into": str(pond.id)})
    assert (merged.status_code, merged.json()["id"], merged.json()["files"]) == (200, str(pond.id), 3)
    assert await numbers(http) == {"pond": 3}
    assert (await http.post(f"/api/tags/{pond.id}/merge", json={"into": str(pond.id)})).status_code == 422
    assert (await http.post(f"/api/tags/{pond.id}/merge", json={"into": str(uuid4())})).status_code == 404
    assert await numbers(http) == {"pond": 3}


async def test_removing_a_tag_leaves_its_files_and_a_file_takes_its_tags_along(
    database: Database, http: httpx.AsyncClient
) -> None:
    ids = await library(database)
    tag, other = await made(http, "pond"), await made(http, "other")
    await put(http, tag, filter={})
    await put(http, other, filter={})
    await http.delete(f"/api/tags/{tag.id}")
    assert FilePage.model_validate_json((await http.get("/api/files")).content).total == 4
    async with database.connection() as connection:
        await connection.execute("DELETE FROM files WHERE id = %s", (ids["smith"],))
    assert await numbers(http) == {"other": 3}


async def test_files_are_searched_listed_and_counted_by_tag(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    water, best = await made(http, "Water works"), await made(http, "50%_best")
    await put(http, water, add=[ids["smith"], ids["jones"]])
    await put(http, best, add=[ids["smith"], ids["party"]])
    assert await found(http, tag="water works") == {ids["smith"], ids["jones"]}
    assert await found(http, tag=["water works", "50%_BEST"]) == {ids["smith"]}
    assert await found(http, q='waterfall tag:"Water works"') == {ids["smith"], ids["jones"]}
    assert await found(http, q="waterfall tag:50%_best") == {ids["smith"]}
    assert await found(http, q="waterfall tag:wat*") == {ids["smith"], ids["jones"]}
    assert await found(http, q="waterfall -tag:50*") == {ids["jones"], ids["photo"]}
    assert await found(http, q="waterfall tag:50__best") == set()
    assert await found(http, tag="water") == set()
    answer = (await http.get("/api/search", params={"tag": "50%_best", "facets": "true"})).json()
    counted = {one["value"]: one["files"] for one in answer["facets"]["values"]["tag"]}
    assert counted == {"50%_best": 2, "Water works": 1}
    page = FilePage.model_validate_json((await http.get("/api/files", params={"tag": ["WATER works", "50%_best"]})).content)
    assert ([file.id for file in page.files], page.total) == ([ids["smith"]], 1)


async def test_a_batch_is_about_the_files_with_a_tag(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    tag = await made(http, "again")
    await put(http, tag, add=[ids["smith"], ids["photo"]])
    body = {"filter": {"tag": ["Again"]}, "force": True}
    answer = await http.post("/api/batch/proxy", json=body)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["total_files"], answer.json()["image_count"]) == (2, 1)
    assert (await http.post("/api/batch/proxy", json={"filter": {"tag": []}})).status_code == 422


async def test_lists_have_pages_and_are_searched_by_name(http: httpx.AsyncClient) -> None:
    for name in ("pond", "Pump", "grotto", "50%"):
        await made(http, name)
    assert [tag.name for tag in (await listed(http, q="P")).tags] == ["pond", "Pump"]
    assert [tag.name for tag in (await listed(http, q="%")).tags] == ["50%"]
    seen: list[str] = []
    options: dict[str, Any] = {"limit": 1}
    while True:
        page = await listed(http, **options)
        seen += [tag.name for tag in page.tags]
        if page.next_cursor is None:
            break
        options["cursor"] = page.next_cursor
    assert seen == ["50%", "grotto", "pond", "Pump"]
    for cursor in ("ä", "/w==", "AA=="):
        assert (await http.get("/api/tags", params={"cursor": cursor})).status_code == 422
    assert (await http.get("/api/tags", params={"q": "\x00"})).status_code == 422
