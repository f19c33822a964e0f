"""Signing in and out, over HTTP as a browser does it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie

import httpx
import pytest
from nats.js import JetStreamContext

from services.search.identity import passwords, people, tokens
from services.search.identity.passwords import HASHER, Passwords
from services.search.identity.people import Person
from services.search.identity.roles import Role
from services.search.settings import SearchSettings
from shared import bus
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.identity import client, key_of, person, session_of
from tests.support.serving import served

pytestmark = pytest.mark.connected

PASSWORD = "a horse that reads maps"
ANOTHER = "a map that reads horses"


@pytest.fixture
async def ada(database: Database) -> Person:
    """An editor with a password."""
    who = await person(database, Role.EDITOR, "ada")
    async with database.transaction() as connection:
        await people.set_password(connection, who.id, await Passwords().hashed(PASSWORD))
        return await people.find(connection, who.id)


@pytest.fixture
async def browser(http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A client that shows nothing yet, and keeps cookies."""
    async with client(http, {"User-Agent": "Browser/1.0"}) as own:
        yield own


async def signed_in(browser: httpx.AsyncClient, name: str = "ada", password: str = PASSWORD) -> httpx.Response:
    answer = await browser.post("/api/session", json={"name": name, "password": password})
    if answer.is_success:
        browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return answer


def cookie_of(answer: httpx.Response) -> Morsel[str]:
    [morsel] = SimpleCookie(answer.headers["set-cookie"]).values()
    return morsel


async def test_who_signs_in_is_known_until_he_signs_out(browser: httpx.AsyncClient, ada: Person) -> None:
    begun = await signed_in(browser)
    assert begun.status_code == 200
    assert begun.json()["person"]["name"] == "ada"
    told = await browser.get("/api/session")
    assert told.headers["cache-control"] == "no-store"
    me = told.json()
    assert (me["person"]["id"], me["role"], me["means"]) == (str(ada.id), "editor", "session")
    assert me["scopes"] == ["read", "write", "spend"]
    assert me["csrf_token"] == begun.json()["csrf_token"]
    token = browser.cookies["spillway_session"]
    gone = await browser.delete("/api/session")
    assert gone.status_code == 204
    assert cookie_of(gone)["max-age"] == "0"
    assert browser.cookies == {}
    browser.cookies["spillway_session"] = token
    assert (await browser.get("/api/session")).status_code == 401


async def test_each_sign_in_is_a_session_of_its_own(browser: httpx.AsyncClient, ada: Person, database: Database) -> None:
    secrets = set()
    for _ in range(3):
        answer = await signed_in(browser)
        secrets.add(browser.cookies["spillway_session"])
        assert cookie_of(answer).value not in (await rows(database, "SELECT * FROM sessions"))
    assert len(secrets) == 3
    assert all(tokens.TOKEN.fullmatch(secret) for secret in secrets)


async def test_the_cookie_is_out_of_reach(browser: httpx.AsyncClient, ada: Person) -> None:
    cookie = cookie_of(await signed_in(browser))
    assert cookie.key == "spillway_session"
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "lax", "/", "")
    assert cookie["domain"] == ""
    assert int(cookie["max-age"]) == 30 * 86400


async def test_by_https_the_cookie_goes_over_nothing_else(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, ada: Person
) -> None:
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats, given={"public_url": "https://media.example"}) as http, client(http) as browser:
        cookie = cookie_of(await signed_in(browser))
        assert cookie.key == "__Host-spillway_session"
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "lax", "/", True)
        show = {"Cookie": f"__Host-spillway_session={cookie.value}", "Host": "media.example"}
        assert (await browser.get("/api/session", headers=show)).status_code == 200
        other = {"Cookie": f"spillway_session={cookie.value}"}
        assert (await browser.get("/api/session", headers=other)).status_code == 401


async def test_what_is_wrong_is_not_told(browser: httpx.AsyncClient, ada: Person, database: Database) -> None:
    await person(database, Role.VIEWER, "without-password")
    gone = await person(database, Role.VIEWER, "gone")
    async with database.transaction() as connection:
        await people.set_password(connection, gone.id, HASHER.hash(PASSWORD))
        await people.change(connection, gone.id, disabled=True)
    answers = [
        await signed_in(browser, name, password)
        for name, password in (
            ("ada", ANOTHER),
            ("nobody-here", PASSWORD),
            ("without-password", PASSWORD),
            ("gone", PASSWORD),
            ("", ""),
        )
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["detail"] for answer in answers} == {"The name or the password is not right."}
    assert not browser.cookies


async def test_an_old_hash_is_replaced_at_sign_in(browser: httpx.AsyncClient, ada: Person, database: Database) -> None:
    old = type(HASHER)(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with database.transaction() as connection:
        await people.set_password(connection, ada.id, old)
    assert (await signed_in(browser)).status_code == 200
    async with database.transaction() as connection:
        kept = await people.lock_password(connection, ada.id)
    assert kept is not None
    assert kept != old
    assert not passwords.is_outdated(kept)
    assert (await signed_in(browser)).status_code == 200


async def test_people_see_their_own_sessions_and_end_them(
    http: httpx.AsyncClient, browser: httpx.AsyncClient, ada: Person, database: Database
) -> None:
    await signed_in(browser)
    others = [await session_of(database, ada, address="10.0.0.9") for _ in range(2)]
    foreign = await session_of(database, await person(database))
    listed = (await browser.get("/api/sessions")).json()["sessions"]
    assert [(one["current"], one["address"], one["user_agent"]) for one in listed] == [
        (False, "10.0.0.9", "of a test"),
        (False, "10.0.0.9", "of a test"),
        (True, "127.0.0.1", "Browser/1.0"),
    ]
    async with client(http, others[0].headers) as first, client(http, others[1].headers) as second:
        assert [(await one.get("/api/session")).status_code for one in (first, second)] == [200, 200]
        assert (await browser.delete(f"/api/sessions/{others[0].id}")).status_code == 204
        assert [(await one.get("/api/session")).status_code for one in (first, second)] == [401, 200]
        assert (await browser.delete(f"/api/sessions/{foreign.id}")).status_code == 404
        assert (await browser.delete("/api/sessions")).status_code == 204
        assert (await second.get("/api/session")).status_code == 401
    assert [one["current"] for one in (await browser.get("/api/sessions")).json()["sessions"]] == [True]


async def test_a_new_password_ends_all_other_sessions(
    http: httpx.AsyncClient, browser: httpx.AsyncClient, ada: Person, database: Database
) -> None:
    await signed_in(browser)
    other = await session_of(database, ada)
    async with client(http, other.headers) as elsewhere:
        assert (await elsewhere.get("/api/session")).status_code == 200
        changed = await browser.put("/api/session/password", json={"current": PASSWORD, "new": ANOTHER})
        assert changed.status_code == 204
        assert (await elsewhere.get("/api/session")).status_code == 401
    assert (await browser.get("/api/session")).status_code == 200
    assert (await signed_in(browser)).status_code == 401
    assert (await signed_in(browser, password=ANOTHER)).status_code == 200


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        ({"current": ANOTHER, "new": ANOTHER + "!"}, 403),
        ({"current": PASSWORD, "new": "elevenchars"}, 422),
        ({"current": PASSWORD, "new": "x" * 1025}, 422),
        ({"current": PASSWORD, "new": PASSWORD}, 422),
    ],
)
async def test_a_password_that_cannot_be_is_refused(
    browser: httpx.AsyncClient, ada: Person, ask: dict[str, str], status: int
) -> None:
    await signed_in(browser)
    assert (await browser.put("/api/session/password", json=ask)).status_code == status
    assert (await signed_in(browser)).status_code == 200


async def test_a_key_cannot_change_a_password(http: httpx.AsyncClient, ada: Person, database: Database) -> None:
    async with client(http, (await key_of(database, ada)).headers) as program:
        refused = await program.put("/api/session/password", json={"current": PASSWORD, "new": ANOTHER})
    assert refused.status_code == 403


def test_a_session_lasts_as_it_is_set() -> None:
    settings = SearchSettings.model_validate({"session_idle_days": 0.5, "session_days": 2})
    assert (settings.session_idle, settings.session_lasts) == (timedelta(hours=12), timedelta(days=2))
    assert SearchSettings().hosts == ()
    assert SearchSettings.model_validate({"public_url": "https://media.example:8443"}).hosts == ("media.example",)


async def rows(database: Database, statement: str) -> str:
    async with database.connection() as connection:
        return str(await (await connection.execute(statement.encode())).fetchall())
