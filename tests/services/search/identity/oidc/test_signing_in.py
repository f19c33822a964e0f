"""Sign-in at a real provider, through its login form, over real HTTP."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.search.identity import people
from services.search.identity.oidc.routes import CALLBACK
from services.search.identity.roles import Role
from shared.database import Database
from tests.support.oidc.running import PASSWORD, RealProvider
from tests.support.oidc.walking import HTML, a_browser, allowed, filled_in, signed_in, to_the_form

pytestmark = pytest.mark.connected


def error_of(response: httpx.Response) -> str | None:
    """The code with which a browser was sent back to the page."""
    return parse_qs(response.url.query.decode()).get("sign_in_error", [None])[0]


async def who(browser: httpx.AsyncClient) -> tuple[str, str] | None:
    """Name and role of who is signed in there."""
    response = await browser.get("/api/session")
    if response.status_code == 401:
        return None
    told = response.raise_for_status().json()
    return told["person"]["name"], told["role"]


async def entries(database: Database) -> list[tuple[str, int, Mapping[str, object]]]:
    """Who signed in, or did not, as the audit log has it."""
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT actor, status, noted FROM audit_log WHERE route = %s ORDER BY id", [CALLBACK])
        return await cursor.fetchall()


async def test_a_person_signs_in_and_gets_where_they_wanted(
    studio: RealProvider, browser: httpx.AsyncClient, database: Database
) -> None:
    await studio.has("ada", "staff", display_name="Ada Lovelace", email="ada@studio.example")

    page = await signed_in(browser, "ada", PASSWORD, "/?q=größe&kind=video")

    assert (page.status_code, page.url.raw_path) == (200, b"/?q=gr%C3%B6%C3%9Fe&kind=video")
    assert await who(browser) == ("ada", "viewer")
    person = (await browser.get("/api/session")).json()["person"]
    assert (person["display_name"], person["email"], person["has_password"]) == ("Ada Lovelace", "ada@studio.example", False)
    assert person["issuer"] == studio.issuer
    (actor, status, noted), *others = await entries(database)
    assert (actor, status, noted["role"], noted["is_new"], others) == ("ada", 303, "viewer", True, [])


async def test_the_session_is_an_ordinary_one(studio: RealProvider, browser: httpx.AsyncClient) -> None:
    await studio.has("ada", "staff")
    await signed_in(browser, "ada", PASSWORD)
    token = (await browser.get("/api/session")).json()["csrf_token"]
    assert (await browser.get("/api/files")).status_code == 200
    assert (await browser.delete("/api/session", headers={"X-CSRF-Token": token})).status_code == 204
    assert await who(browser) is None


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(studio: RealProvider, gateway: httpx.AsyncClient) -> None:
    await studio.has("ada", "staff")
    async with a_browser(gateway.base_url) as browser:
        page = await filled_in(browser, await to_the_form(browser), "ada", PASSWORD)
        back = await allowed(browser, page, follow=False)
        landed = await browser.get(back.headers["location"], follow_redirects=False)
    (session,) = landed.headers.get_list("set-cookie")
    assert session.startswith("spillway_session=")
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    login = await gateway.get("/api/oidc/login")
    (flow,) = login.headers.get_list("set-cookie")
    assert flow.startswith("spillway_sign_in=")
    assert "HttpOnly" in flow
    assert "SameSite=lax" in flow
    assert "Max-Age=600" in flow
    assert login.headers["cache-control"] == landed.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("groups", "role"),
    [(["staff"], "viewer"), (["staff", "sound"], "editor"), (["staff", "cutters", "chiefs"], "admin")],
)
async def test_groups_give_the_role(studio: RealProvider, browser: httpx.AsyncClient, groups: list[str], role: str) -> None:
    await studio.has("grace", *groups)
    await signed_in(browser, "grace", PASSWORD)
    assert await who(browser) == ("grace", role)


async def test_the_role_follows_the_groups_at_every_sign_in(
    studio: RealProvider, gateway: httpx.AsyncClient, browser: httpx.AsyncClient, database: Database
) -> None:
    await studio.has("grace", "chiefs", display_name="Grace", email="grace@studio.example")
    await signed_in(browser, "grace", PASSWORD)
    assert (await browser.get("/api/people")).status_code == 200
    await studio.has("grace", "staff", display_name="Grace Hopper", email="")

    async with a_browser(gateway.base_url) as another:
        await signed_in(another, "grace", PASSWORD)
        assert await who(another) == ("grace", "viewer")

    assert await who(browser) == ("grace", "viewer")
    assert (await browser.get("/api/people")).status_code == 403
    person = (await browser.get("/api/session")).json()["person"]
    assert (person["display_name"], person["email"], person["version"]) == ("Grace Hopper", None, "2")
    assert (await entries(database))[1][2]["role_before"] == "admin"


async def test_who_loses_every_group_loses_sessions_keys_and_role(
    studio: RealProvider, gateway: httpx.AsyncClient, browser: httpx.AsyncClient, database: Database
) -> None:
    await studio.has("grace", "chiefs")
    await signed_in(browser, "grace", PASSWORD)
    token = (await browser.get("/api/session")).json()["csrf_token"]
    made = await browser.post("/api/keys", json={"name": "backup", "scopes": ["read"]}, headers={"X-CSRF-Token": token})
    key = {"Authorization": f"Bearer {made.raise_for_status().json()['secret']}"}
    async with httpx.AsyncClient(base_url=gateway.base_url, headers=key, trust_env=False) as program:
        assert (await program.get("/api/files")).status_code == 200
        await studio.has("grace", "guests")

        async with a_browser(gateway.base_url) as another:
            assert error_of(await signed_in(another, "grace", PASSWORD)) == "no_role"
            assert await who(another) is None

        assert await who(browser) is None
        assert (await program.get("/api/files")).status_code == 401
    async with database.connection() as connection:
        person = await people.named(connection, "grace")
    assert person is not None
    assert person.role is Role.VIEWER
    assert (await entries(database))[1][:2] == ("grace", 403)


async def test_a_stranger_in_no_group_is_not_let_in(
    studio: RealProvider, browser: httpx.AsyncClient, database: Database
) -> None:
    await studio.has("stranger", "guests")
    assert error_of(await signed_in(browser, "stranger", PASSWORD)) == "no_role"
    async with database.connection() as connection:
        assert await people.named(connection, "stranger") is None


async def test_who_is_disabled_here_stays_out(
    studio: RealProvider, gateway: httpx.AsyncClient, browser: httpx.AsyncClient, database: Database
) -> None:
    await studio.has("joan", "staff")
    await signed_in(browser, "joan", PASSWORD)
    async with database.transaction() as connection:
        person = await people.named(connection, "joan")
        assert person is not None
        await people.change(connection, person.id, disabled=True)
    await studio.has("joan", "chiefs")

    async with a_browser(gateway.base_url) as another:
        assert error_of(await signed_in(another, "joan", PASSWORD)) == "disabled"
        assert await who(another) is None

    async with database.connection() as connection:
        person = await people.named(connection, "joan")
    assert person is not None
    assert person.role is Role.VIEWER


async def test_nobody_becomes_somebody_else_by_their_name(
    studio: RealProvider, gateway: httpx.AsyncClient, browser: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        ours = await people.add(connection, name="ada", role=Role.ADMIN, email="ada@studio.example")
    await studio.has("Ada", "staff", email="ada@studio.example")

    await signed_in(browser, "Ada", PASSWORD)
    assert await who(browser) == ("ada-2", "viewer")

    async with a_browser(gateway.base_url) as another:
        await signed_in(another, "Ada", PASSWORD)
        assert await who(another) == ("ada-2", "viewer")
    async with database.connection() as connection:
        assert await people.named(connection, "ada") == ours


async def test_a_wrong_password_leads_nowhere(studio: RealProvider, browser: httpx.AsyncClient) -> None:
    await studio.has("ada", "staff")
    page = await filled_in(browser, await to_the_form(browser), "ada", "not this one")
    assert str(page.url).startswith(studio.origin)
    assert await who(browser) is None


async def test_who_says_no_at_the_provider_is_told_so(studio: RealProvider, browser: httpx.AsyncClient) -> None:
    await studio.has("ada", "staff")
    page = await filled_in(browser, await to_the_form(browser), "ada", PASSWORD)
    assert error_of(await allowed(browser, page, allow=False)) == "denied"
    assert await who(browser) is None


async def test_a_new_key_of_the_provider_is_learnt_at_once(
    studio: RealProvider, gateway: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    await studio.has("ada", "staff")
    await signed_in(browser, "ada", PASSWORD)
    await studio.takes_a_new_key()
    async with a_browser(gateway.base_url) as another:
        await signed_in(another, "ada", PASSWORD)
        assert await who(another) == ("ada", "viewer")


async def test_an_answer_works_once_and_only_in_the_browser_that_asked(
    studio: RealProvider, gateway: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    await studio.has("ada", "staff")
    page = await filled_in(browser, await to_the_form(browser), "ada", PASSWORD)
    place = (await allowed(browser, page, follow=False)).headers["location"]
    assert urlsplit(place).path == CALLBACK

    async with a_browser(gateway.base_url) as another:
        assert error_of(await another.get(place)) == "begin_again"
        await to_the_form(another)  # with a cookie of its own it is another browser still
        assert error_of(await another.get(place)) == "begin_again"
        assert await who(another) is None
    assert error_of(await browser.get(place)) is None
    assert await who(browser) == ("ada", "viewer")
    assert error_of(await browser.get(place)) == "begin_again"


async def test_sign_ins_in_two_tabs_do_not_undo_each_other(studio: RealProvider, browser: httpx.AsyncClient) -> None:
    await studio.has("ada", "staff")
    first = await to_the_form(browser, "/?tab=1")
    second = await to_the_form(browser, "/?tab=2")
    asked = await filled_in(browser, first, "ada", PASSWORD)
    assert (await allowed(browser, asked)).url.query == b"tab=1"
    asked = await browser.get(httpx.URL(studio.origin).join(second.url.params["next"]))
    assert (await allowed(browser, asked)).url.query == b"tab=2"


@pytest.mark.parametrize("state", [None, "", "x", "A" * 43, "\x00"])
async def test_a_state_that_was_never_given_is_refused(browser: httpx.AsyncClient, state: str | None) -> None:
    await to_the_form(browser)
    asked = {"code": "a-code"} | ({} if state is None else {"state": state})
    assert error_of(await browser.get(CALLBACK, params=asked)) == "begin_again"
    plain = await browser.get(CALLBACK, params=asked, headers={"Accept": "application/json"})
    assert plain.status_code == 400
    assert plain.headers["content-type"] == "application/problem+json"
    assert "Sign in once more" in plain.json()["detail"]


async def test_a_sign_in_that_takes_too_long_is_begun_again(
    studio: RealProvider, browser: httpx.AsyncClient, database: Database
) -> None:
    await studio.has("ada", "staff")
    page = await to_the_form(browser)
    async with database.connection() as connection:
        await connection.execute("UPDATE oidc_flows SET expires_at = now() - interval '1 second'")
    page = await filled_in(browser, page, "ada", PASSWORD)
    assert error_of(await allowed(browser, page)) == "begin_again"
    async with a_browser(browser.base_url) as another:
        await to_the_form(another)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FILTER (WHERE expires_at < now()), count(*) FROM oidc_flows")
        assert await cursor.fetchone() == (0, 1)


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example", ""])
async def test_nobody_is_led_elsewhere(gateway: httpx.AsyncClient, place: str) -> None:
    response = await gateway.get("/api/oidc/login", params={"return_to": place}, headers=HTML)
    assert response.status_code == 422
    assert "set-cookie" not in response.headers


async def test_only_hashes_of_what_opens_anything_are_kept(gateway: httpx.AsyncClient, database: Database) -> None:
    login = await gateway.get("/api/oidc/login")
    state = parse_qs(urlsplit(login.headers["location"]).query)["state"][0]
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT * FROM oidc_flows")
        (row,) = await cursor.fetchall()
    assert state not in str(row)
    assert login.cookies["spillway_sign_in"] not in str(row)
