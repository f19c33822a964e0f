"""People: who is let in and as what, and what becomes of their keys and sessions."""

import asyncio

import httpx
import pytest

from services.search.identity import people
from services.search.identity.roles import Role, Scope
from shared.database import Database
from shared.errors import Conflict
from tests.support.identity import client, client_as, key_of, person, session_of

pytestmark = pytest.mark.connected


async def made(http: httpx.AsyncClient, **ask: object) -> dict[str, object]:
    answer = await http.post("/api/people", json={"name": "ada", **ask})
    assert answer.status_code == 201, answer.text
    told: dict[str, object] = answer.json()
    return told


async def test_somebody_new_signs_in_with_the_password_that_was_told_once(http: httpx.AsyncClient) -> None:
    told = await made(http, role="editor", email="ada@example.com")
    assert told["person"]["role"] == "editor"  # type: ignore[index]
    assert told["person"]["display_name"] == "ada"  # type: ignore[index]
    assert str(told["password"]) not in (await http.get("/api/people")).text
    async with client(http) as browser:
        signed_in = await browser.post("/api/session", json={"name": "ada", "password": told["password"]})
    assert signed_in.status_code == 200


async def test_a_password_that_is_given_is_not_told(http: httpx.AsyncClient) -> None:
    assert (await made(http, password="a horse that reads"))["password"] is None


@pytest.mark.parametrize(
    "ask",
    [
        {"name": "Ada"},
        {"name": "a b"},
        {"name": ""},
        {"name": "x" * 101},
        {"role": "owner"},
        {"password": "short"},
        {"email": "ada"},
        {"display_name": "a\nb"},
        {"surname": "Lovelace"},
    ],
)
async def test_what_cannot_be_is_refused(http: httpx.AsyncClient, ask: dict[str, str]) -> None:
    assert (await http.post("/api/people", json={"name": "ada", **ask})).status_code == 422


async def test_names_are_taken_once_and_nobody_is_nobody(http: httpx.AsyncClient) -> None:
    await made(http)
    again = await http.post("/api/people", json={"name": "ada"})
    assert again.status_code == 409
    assert "called ada already" in again.json()["detail"]
    for name in ("nobody", "local"):
        assert (await http.post("/api/people", json={"name": name})).status_code == 409


async def test_a_person_is_changed_as_it_was_read(http: httpx.AsyncClient) -> None:
    before = (await made(http))["person"]
    at = f"/api/people/{before['id']}"  # type: ignore[index]
    match = {"If-Match": f'"{before["version"]}"'}  # type: ignore[index]
    change = {"role": "editor", "display_name": "Ada L.", "email": "ada@example.com"}
    changed = await http.patch(at, json=change, headers=match)
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in change} == change
    assert (await http.patch(at, json={"role": "viewer"}, headers=match)).status_code == 412
    assert (await http.get(at)).json() == changed.json()
    emptied = await http.patch(at, json={"email": ""}, headers={"If-Match": f'"{changed.json()["version"]}"'})
    assert (emptied.json()["email"], emptied.json()["role"]) == (None, "editor")


async def test_who_is_disabled_may_do_nothing_at_once_and_begins_anew_when_enabled(
    http: httpx.AsyncClient, database: Database
) -> None:
    ada = await person(database, Role.EDITOR, "ada")
    session, key = await session_of(database, ada), await key_of(database, ada)
    async with client(http, session.headers) as browser, client(http, key.headers) as program:
        assert [(await one.get("/api/session")).status_code for one in (browser, program)] == [200, 200]
        assert (await http.patch(f"/api/people/{ada.id}", json={"disabled": True})).json()["disabled_at"]
        assert [(await one.get("/api/session")).status_code for one in (browser, program)] == [401, 401]
        assert (await http.patch(f"/api/people/{ada.id}", json={"disabled": False})).json()["disabled_at"] is None
        assert [(await one.get("/api/session")).status_code for one in (browser, program)] == [401, 401]


async def test_who_loses_a_role_loses_it_at_once(http: httpx.AsyncClient, database: Database) -> None:
    ada = await person(database, Role.EDITOR, "ada")
    async with client(http, (await key_of(database, ada)).headers) as program:
        assert (await program.post("/api/watches", json={})).status_code == 422
        await http.patch(f"/api/people/{ada.id}", json={"role": "viewer"})
        assert (await program.post("/api/watches", json={})).status_code == 403
        assert (await program.get("/api/session")).json()["scopes"] == ["read"]


async def test_a_new_password_of_an_administrators_making_ends_sessions_and_not_keys(
    http: httpx.AsyncClient, database: Database
) -> None:
    ada = await person(database, Role.EDITOR, "ada")
    session, key = await session_of(database, ada), await key_of(database, ada)
    async with client(http, session.headers) as browser, client(http, key.headers) as program:
        assert (await browser.get("/api/session")).status_code == 200
        password = (await http.post(f"/api/people/{ada.id}/password", json={})).json()["password"]
        assert [(await one.get("/api/session")).status_code for one in (browser, program)] == [401, 200]
        again = await browser.post("/api/session", json={"name": "ada", "password": password})
        assert again.status_code == 200
    assert (await http.post(f"/api/people/{ada.id}/password", json={"password": "short"})).status_code == 422


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "editor"}, {"role": "viewer", "disabled": True}])
async def test_the_last_administrator_stays_one(http: httpx.AsyncClient, database: Database, change: dict[str, object]) -> None:
    last, other = await person(database), await person(database, Role.ADMIN, "other")
    assert (await http.patch(f"/api/people/{other.id}", json={"disabled": True})).status_code == 200
    refused = await http.patch(f"/api/people/{last.id}", json=change)
    assert refused.status_code == 409
    assert "last active administrator" in refused.json()["detail"]
    assert (await http.patch(f"/api/people/{last.id}", json={"display_name": "Boss"})).status_code == 200


async def test_two_who_demote_each_other_at_once_leave_one(database: Database) -> None:
    """Both are in their transactions before either has changed anything."""
    admins = [await person(database, Role.ADMIN, name) for name in ("ada", "bob")]
    both_in = asyncio.Barrier(2)

    async def demoted(who: people.Person) -> bool:
        async with database.transaction() as connection:
            await people.named(connection, who.name)
            await both_in.wait()
            await people.change(connection, who.id, role=Role.VIEWER)
        return True

    results = await asyncio.gather(*(demoted(who) for who in admins), return_exceptions=True)
    assert {type(result) for result in results} == {bool, Conflict}
    async with database.connection() as connection:
        assert [one.role for one in await people.people(connection)].count(Role.ADMIN) == 1


async def test_a_key_to_manage_looks_after_people_and_one_to_read_does_not(http: httpx.AsyncClient, database: Database) -> None:
    async with client_as(http, database, Role.ADMIN, scopes={Scope.MANAGE}) as program:
        assert (await program.get("/api/people")).status_code == 200
        await made(program)
    async with client_as(http, database, Role.ADMIN, scopes={Scope.READ}) as program:
        assert (await program.get("/api/people")).status_code == 403
