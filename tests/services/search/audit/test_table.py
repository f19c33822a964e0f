"""Every route that changes something leaves one entry, whatever became of the request."""

import re

import httpx
import pytest

from services.search.audit.routes import router
from services.search.identity.access import ACCESS
from shared.database import Database
from shared.identifiers import new_id
from tests.support.auditing import entries
from tests.support.identity import client, person, session_of

pytestmark = pytest.mark.connected

CHANGES = [place for place, access in ACCESS.items() if access.changes]
NUMBERS = {"number": "1", "letter_id": "1"}
NAMES = {"name": "rescan", "action": "proxy"}


def path_of(route: str) -> str:
    """A path of nothing that there is."""
    return re.sub(r"\{(\w+)\}", lambda name: {**NUMBERS, **NAMES}.get(name[1], str(new_id())), route)


async def test_each_leaves_one_entry(http: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    admin, told = await person(database), {}
    for method, route in CHANGES:
        session = await session_of(database, admin)  # a new one, as this may end it
        async with client(http, session.headers) as someone:
            answer = await someone.request(method, path_of(route), json={}, headers={"X-Request-Id": "walk"})
        told[method, route] = (answer.status_code, session.id)
    found = await entries(database)
    assert [(entry.method, entry.route) for entry in found] == CHANGES
    for entry in found:
        assert (entry.status, entry.means_id) == told[entry.method, entry.route]
        assert (entry.actor, entry.means, entry.person_id, entry.request_id) == ("admin", "session", admin.id, "walk")
        assert entry.ended_at is not None


def test_routes_that_only_tell_leave_none() -> None:
    reading = {("GET", route.path) for route in router.routes if hasattr(route, "path")}
    assert reading <= ACCESS.keys()
    assert not any(ACCESS[place].changes for place in reading)
