"""A change is written down before it is carried out, and what became of it after; whatever happens meanwhile."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from services.search.audit.notes import notes_of
from services.search.audit.recording import Recorder
from services.search.audit.refusals import FEW, MOST_ROWS
from services.search.identity.callers import NO_CALLER, Caller, Means
from services.search.identity.roles import Role
from shared.database import Database
from shared.identifiers import new_id
from shared.settings import PlatformSettings
from tests.support.auditing import ADA, ROUTE, entries, recorded, refusing
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


class Changing:
    """A route that changes something, and says when it has begun; it goes on when it is let."""

    def __init__(self, *, status: int = 200, waits: bool = False) -> None:
        self.bodies: list[bytes] = []
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()
        self._status = status
        if not waits:
            self.goes_on.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.bodies.append(await request.body())
        notes_of(request).add(job_id=THE_JOB, usd_high=0.25, nothing=None)
        self.begun.set()
        await self.goes_on.wait()
        await JSONResponse({"changed": True}, self._status)(scope, receive, send)


THE_JOB = new_id()


async def has_entries(database: Database, number: int, **wanted: object) -> bool:
    """Whether the log has so many entries that have come to their end."""
    return sum(entry.ended_at is not None for entry in await entries(database, **wanted)) == number


async def test_an_entry_says_who_did_what_and_what_came_of_it(database: Database) -> None:
    route, thing = Changing(status=202), str(new_id())
    body = {"usd": 5, "client_secret": "hunter2", "file_id": str(new_id())}
    async with recorded(Recorder(database), route, path_params={"thing_id": thing}) as client:
        headers = {"user-agent": "Test/1", "x-request-id": "unused without the guard"}
        assert (
            await client.post(f"/api/things/{thing}?force=true&token=hunter2", json=body, headers=headers)
        ).status_code == 202
    [entry] = await entries(database)
    assert (entry.actor, entry.person_id, entry.means, entry.means_id) == ("ada", ADA.person_id, "key", ADA.means_id)
    assert (entry.method, entry.route, entry.path_params) == ("POST", ROUTE, {"thing_id": thing})
    assert entry.query == {"force": "true", "token": "(taken out)"}
    assert entry.body == {"usd": 5, "client_secret": "(taken out)", "file_id": body["file_id"]}
    assert json.loads(route.bodies[0]) == body
    assert entry.noted == {"job_id": str(THE_JOB), "usd_high": 0.25}
    assert (entry.status, entry.outcome, entry.user_agent, entry.address) == (202, "done", "Test/1", "127.0.0.1")
    for about in (thing, body["file_id"], str(THE_JOB)):
        assert [one.id for one in await entries(database, about=about)] == [entry.id]


async def test_it_is_there_before_the_route_runs(database: Database) -> None:
    route = Changing(waits=True)
    async with recorded(Recorder(database), route) as client:
        asked = asyncio.create_task(client.post("/api/things/1", json={}))
        await route.begun.wait()
        [entry] = await entries(database)
        assert (entry.status, entry.ended_at, entry.outcome) == (None, None, "unknown")
        route.goes_on.set()
        await asked
    assert [one.outcome for one in await entries(database)] == ["done"]


async def test_a_route_that_raises_has_failed(database: Database) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    scope: Scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b"", "caller": ADA}
    with pytest.raises(RuntimeError):
        await Recorder(database).around(broken, ROUTE, scope, _nothing_more, _nowhere)
    [entry] = await entries(database)
    assert (entry.status, entry.outcome) == (500, "failed")


async def test_a_request_that_is_cancelled_is_broken_off(database: Database) -> None:
    route, recorder = Changing(waits=True), Recorder(database)
    scope: Scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b"", "caller": ADA}
    task = asyncio.create_task(recorder.around(route, ROUTE, scope, _nothing_more, _nowhere))
    await route.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    [entry] = await entries(database)
    assert (entry.status, entry.outcome) == (None, "broken off")


async def test_what_is_under_way_at_a_stop_is_broken_off(database: Database) -> None:
    route, recorder = Changing(waits=True), Recorder(database)
    scope: Scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b"", "caller": ADA}
    task = asyncio.create_task(recorder.around(route, ROUTE, scope, _nothing_more, _nowhere))
    await route.begun.wait()
    await recorder.close()
    [entry] = await entries(database)
    assert (entry.status, entry.outcome) == (None, "broken off")
    route.goes_on.set()
    await task
    assert [one.outcome for one in await entries(database)] == ["broken off"]


async def test_a_client_that_leaves_while_it_is_carried_out_changes_nothing_of_the_entry(database: Database) -> None:
    route = Changing(waits=True)
    async with recorded(Recorder(database), route) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/api/things/1", json={}, timeout=0.2)
        await route.begun.wait()
        route.goes_on.set()
        await until_so(partial(has_entries, database, 1))
    assert [(one.status, one.outcome) for one in await entries(database)] == [(200, "done")]


async def test_a_client_that_leaves_before_all_is_sent_changes_nothing(database: Database) -> None:
    route = Changing()
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/x",
        "query_string": b"",
        "caller": ADA,
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"100")],
    }
    messages: Iterator[dict[str, object]] = iter(
        [{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, object]:
        return next(messages)

    await Recorder(database).around(route, ROUTE, scope, receive, _nowhere)
    assert (route.bodies, await entries(database)) == ([], [])


async def test_what_cannot_be_written_down_is_not_done(database: Database) -> None:
    route = Changing()
    async with recorded(Recorder(database), route) as client:
        async with refusing(database, "INSERT"):
            answer = await client.post("/api/things/1", json={})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "nothing was changed" in answer.json()["detail"]
        assert route.bodies == []
        assert (await client.post("/api/things/1", json={})).status_code == 200
    assert len(route.bodies) == len(await entries(database)) == 1


async def test_an_outcome_that_cannot_be_written_is_written_later(database: Database) -> None:
    async with recorded(Recorder(database), Changing(status=201)) as client:
        async with refusing(database, "UPDATE"):
            assert (await client.post("/api/things/1", json={})).status_code == 201
            assert [one.outcome for one in await entries(database)] == ["unknown"]
        await until_so(partial(has_entries, database, 1))
    assert [one.status for one in await entries(database)] == [201]


async def test_files_go_by(database: Database) -> None:
    route, film = Changing(), json.dumps({"text": "a file that is JSON"}).encode()
    async with recorded(Recorder(database), route) as client:
        await client.put("/api/uploads/film.mp4", content=film, headers={"content-type": "application/json"})
        await client.post("/api/files/1/transcripts", content=film, headers={"content-type": "application/octet-stream"})
    assert route.bodies == [film, film]
    for entry in await entries(database):
        assert (entry.body, entry.body_bytes, entry.body_sha256) == (None, len(film), None)


async def test_a_flood_of_strangers_takes_one_row_a_minute(database: Database) -> None:
    recorder = Recorder(database, together=0.0)
    scope: Scope = {"method": "POST", "caller": NO_CALLER, "client": ("203.0.113.7", 1)}
    for number in range(5000):
        recorder.refused(scope, f"/api/{number % 3}", 401)
    await recorder.close()
    found = await entries(database)
    assert sum(entry.times for entry in found) == 5000
    assert len(found) <= 2  # two, if a minute ended meanwhile
    assert {(entry.actor, entry.address, entry.status, entry.outcome) for entry in found} == {
        ("nobody", "203.0.113.7", 401, "refused")
    }


async def test_a_flood_from_everywhere_takes_a_bounded_number_of_rows(database: Database) -> None:
    recorder = Recorder(database)
    for number in range(3 * MOST_ROWS):
        scope: Scope = {"method": "POST", "caller": NO_CALLER, "client": (f"10.0.{number // 256}.{number % 256}", 1)}
        recorder.refused(scope, "/api/session", 401)
    await recorder.close()
    found = await entries(database)
    assert sum(entry.times for entry in found) == 3 * MOST_ROWS
    assert len(found) <= 2 * (MOST_ROWS + 1)
    assert "several" in {entry.actor for entry in found}


async def test_refused_people_are_told_by_route(database: Database) -> None:
    recorder = Recorder(database)
    eve = Caller("eve", Means.SESSION, new_id(), new_id(), Role.VIEWER)
    for route in ("/api/nova/budgets", "/api/people", "/api/people"):
        recorder.refused({"method": "POST", "caller": eve}, route, 403)
    await recorder.close()
    times = Counter[tuple[str, str, int | None]]()
    for entry in await entries(database, actor="eve"):
        times[entry.method, entry.route, entry.status] += entry.times
    assert times == {("POST", "/api/nova/budgets", 403): 1, ("POST", "/api/people", 403): 2}


async def test_attempts_to_sign_in_are_kept_and_then_counted(database: Database) -> None:
    recorder = Recorder(database)
    async with recorded(recorder, Changing(status=401), caller=NO_CALLER) as client:
        for number in range(3 * FEW):
            await client.post("/api/session", json={"name": f"ada{number}", "password": "hunter2"})
    await recorder.close()
    found = await entries(database)
    assert sum(entry.times for entry in found) == 3 * FEW
    assert len(found) <= 2 * (FEW + 1)  # twice, if a minute ended meanwhile
    assert found[0].body == {"name": "ada0", "password": "(taken out)"}


async def test_who_signs_in_is_named_by_the_entry(database: Database) -> None:
    async def signs_in(scope: Scope, receive: Receive, send: Send) -> None:
        scope["caller"] = ADA
        await Response(status_code=200)(scope, receive, send)

    async with recorded(Recorder(database), signs_in, caller=NO_CALLER) as client:
        await client.post("/api/session", json={"name": "ada", "password": "hunter2"})
    [entry] = await entries(database)
    assert (entry.actor, entry.person_id, entry.means, entry.outcome) == ("ada", ADA.person_id, "key", "done")


KILLED = """
import asyncio, sys
from services.search.audit.recording import Recorder
from shared.database import Database
from tests.support.auditing import ADA, ROUTE

async def main(url):
    database = Database(url, connections=1)
    await database.open()
    async def route(scope, receive, send):
        print("begun", flush=True)
        await asyncio.sleep(600)
    async def nothing(*_): return {"type": "http.disconnect"}
    scope = {"type": "http", "method": "DELETE", "path": "/x", "headers": [], "query_string": b"", "caller": ADA}
    await Recorder(database).around(route, ROUTE, scope, nothing, nothing)

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def killed(settings: PlatformSettings) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the midst of a change."""
    url = settings.database_url.get_secret_value()
    folder = Path(__file__).parents[4]
    with subprocess.Popen([sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, cwd=folder) as process:
        yield process
        process.kill()


async def test_a_killed_process_leaves_an_entry_whose_outcome_nobody_knows(
    database: Database, killed: subprocess.Popen[bytes]
) -> None:
    assert killed.stdout is not None
    assert await asyncio.to_thread(killed.stdout.readline) == b"begun\n"
    killed.kill()
    await asyncio.to_thread(killed.wait)
    [entry] = await entries(database)
    assert (entry.method, entry.status, entry.ended_at, entry.outcome) == ("DELETE", None, None, "unknown")


async def _nothing_more() -> dict[str, object]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _nowhere(message: object) -> None:
    """Nobody listens."""
