"""By which ways people sign in."""

import httpx
import pytest

from services.search.identity.oidc.routes import CALLBACK
from tests.support.oidc.hostile import Hostile
from tests.support.oidc.walking import HTML

pytestmark = pytest.mark.connected
PASSWORD = {"name": "somebody", "password": "whatever it is"}


@pytest.fixture
def without_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that is served from here on takes none."""
    monkeypatch.setenv("SPILLWAY_SEARCH_PASSWORD_SIGN_IN", "false")


async def test_the_page_learns_which_ways_there_are(gateway: httpx.AsyncClient) -> None:
    async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False) as anybody:
        told = (await anybody.get("/api/session/ways")).raise_for_status().json()
    assert told == {"password": True, "oidc": {"name": "the studio's accounts", "login": "/api/oidc/login"}}


async def test_where_no_provider_is_set_up_that_is_said(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/session/ways")).json() == {"password": True, "oidc": None}
    for path in ("/api/oidc/login", CALLBACK):
        response = await http.get(path)
        assert response.status_code == 404
        assert "No sign-in service is set up here" in response.json()["detail"]
        sent = await http.get(path, headers=HTML)
        assert (sent.status_code, sent.headers["location"]) == (303, "/?sign_in_error=not_set_up")


@pytest.mark.usefixtures("without_passwords")
class TestWithoutPasswords:
    async def test_none_is_taken_beside_a_provider(self, hostile: Hostile, misled: httpx.AsyncClient) -> None:
        told = (await misled.get("/api/session/ways")).json()
        assert (told["password"], told["oidc"]["login"]) == (False, "/api/oidc/login")
        answer = await misled.post("/api/session", json=PASSWORD)
        assert answer.status_code == 403
        assert "switched off" in answer.json()["detail"]

    async def test_where_there_is_no_other_way_they_are(self, http: httpx.AsyncClient) -> None:
        assert (await http.get("/api/session/ways")).json() == {"password": True, "oidc": None}
        assert (await http.post("/api/session", json=PASSWORD)).status_code == 401
