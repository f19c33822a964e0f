"""Routes of watched folders on the real database."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.search.watches.repository import SILENCE
from services.search.watches.schemas import Watch, Watches
from shared.database import Database

pytestmark = pytest.mark.connected


async def add(http: httpx.AsyncClient, path: object, **options: Any) -> httpx.Response:
    return await http.post("/api/watches", json={"path": str(path), **options})


async def added(http: httpx.AsyncClient, path: object, **options: Any) -> Watch:
    response = await add(http, path, **options)
    assert response.status_code == 201, response.text
    return Watch.model_validate_json(response.content)


async def listed(http: httpx.AsyncClient) -> list[Watch]:
    response = await http.get("/api/watches")
    assert response.status_code == 200, response.text
    return Watches.model_validate_json(response.content).watches


async def test_a_folder_is_watched_until_it_is_removed(http: httpx.AsyncClient, tmp_path: Path) -> None:
    watch = await added(http, tmp_path, settle_seconds=3, poll="polling")
    assert (watch.path, watch.settle_seconds, watch.poll, watch.recursive) == (str(tmp_path), 3.0, "polling", True)
    assert (watch.state, watch.reason, watch.looked_at, watch.job_id) == ("waiting", None, None, None)
    assert await listed(http) == [watch]
    response = await http.delete(f"/api/watches/{watch.id}")
    assert (response.status_code, response.content) == (204, b"")
    assert await listed(http) == []


async def test_what_is_not_said_of_a_watch_is_as_usual(http: httpx.AsyncClient, tmp_path: Path) -> None:
    watch = await added(http, tmp_path)
    assert (watch.settle_seconds, watch.poll, watch.recursive, watch.enabled) == (10.0, "auto", True, True)


async def test_only_what_is_named_is_changed(http: httpx.AsyncClient, tmp_path: Path) -> None:
    watch = await added(http, tmp_path, settle_seconds=3)
    response = await http.patch(f"/api/watches/{watch.id}", json={"poll": "events"})
    changed = Watch.model_validate_json(response.content)
    assert changed == watch.model_copy(update={"poll": "events", "version": changed.version})
    response = await http.patch(f"/api/watches/{watch.id}", json={"enabled": False, "settle_seconds": 5})
    paused = Watch.model_validate_json(response.content)
    assert (paused.enabled, paused.state, paused.settle_seconds, paused.poll) == (False, "off", 5.0, "events")


async def test_how_a_folder_is_watched_is_told_while_somebody_watches_it(
    http: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    watch = await added(http, tmp_path)

    async def heard(seconds_ago: float) -> Watch:
        async with database.connection() as connection:
            await connection.execute(
                "UPDATE watches SET state = 'away', reason = 'It is gone.', looked_at = now() - make_interval(secs => %s)",
                (seconds_ago,),
            )
        [found] = await listed(http)
        return found

    assert ((await heard(1)).state, (await heard(1)).reason) == ("away", "It is gone.")
    assert ((await heard(SILENCE + 5)).state, (await heard(SILENCE + 5)).reason) == ("waiting", None)
    assert (await http.patch(f"/api/watches/{watch.id}", json={"settle_seconds": 1})).json()["state"] == "waiting"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("films", "in full, from the root"),
        ("/films/../etc", "in full, from the root"),
        ("/no/such/folder", "There is no folder at /no/such/folder"),
        ("/" + "x" * 3000, "check the path"),
        ("/films\0", "check the path"),
    ],
)
async def test_what_is_no_folder_is_refused_with_a_sentence(http: httpx.AsyncClient, path: str, sentence: str) -> None:
    response = await add(http, path)
    assert response.status_code == 422
    assert sentence in response.json()["detail"]


async def test_a_file_and_a_path_that_is_no_text_are_refused(http: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"film")
    assert "There is no folder" in (await add(http, tmp_path / "a.mp4")).json()["detail"]
    (tmp_path / "caf\udce9").mkdir()
    response = await http.post(
        "/api/watches",
        content=f'{{"path":"{tmp_path}/caf\\udce9"}}'.encode(),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 422, response.text


@pytest.mark.parametrize("options", [{"settle_seconds": 0}, {"settle_seconds": 1e9}, {"poll": "often"}, {"color": "red"}])
async def test_options_that_make_no_sense_are_refused(
    http: httpx.AsyncClient, tmp_path: Path, options: dict[str, object]
) -> None:
    assert (await add(http, tmp_path, **options)).status_code == 422


async def test_a_folder_is_not_watched_twice(http: httpx.AsyncClient, tmp_path: Path) -> None:
    inner = tmp_path / "films" / "day 1"
    inner.mkdir(parents=True)
    watch = await added(http, tmp_path / "films", recursive=False)
    again = await add(http, tmp_path / "films")
    assert (again.status_code, again.json()["detail"]) == (409, f"{tmp_path / 'films'} is watched already.")
    around = await add(http, tmp_path)
    assert (around.status_code, "remove that watch first" in around.json()["detail"]) == (409, True)
    await added(http, inner)
    wider = await http.patch(f"/api/watches/{watch.id}", json={"recursive": True})
    assert (wider.status_code, str(inner) in wider.json()["detail"]) == (409, True)
    assert (await http.delete(f"/api/watches/{(await listed(http))[1].id}")).status_code == 204
    assert (await http.patch(f"/api/watches/{watch.id}", json={"recursive": True})).status_code == 200
    part = await add(http, inner)
    assert (part.status_code, part.json()["detail"]) == (409, f"{inner} is watched already, as part of {tmp_path / 'films'}.")


async def test_a_watch_that_is_not_there_is_said_so(http: httpx.AsyncClient) -> None:
    assert (await http.patch(f"/api/watches/{uuid4()}", json={})).status_code == 404
    assert (await http.delete(f"/api/watches/{uuid4()}")).status_code == 404
