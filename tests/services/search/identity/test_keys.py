"""API keys: shown once, for no more than their owner may do, and for a time."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from services.search.identity import tokens
from services.search.identity.lives import expiry
from services.search.identity.roles import Role, Scope
from shared.clock import utc_now
from shared.database import Database
from shared.errors import Invalid
from tests.support.identity import Key, client, client_as, key_of, person, session_of

NOW = utc_now()


@pytest.mark.parametrize(
    ("days", "until", "is_given", "ends"),
    [
        (None, None, False, NOW + timedelta(days=90)),
        (7, None, False, NOW + timedelta(days=7)),
        (None, None, True, None),
        (None, NOW + timedelta(hours=1), True, NOW + timedelta(hours=1)),
    ],
)
def test_a_key_ends_as_it_is_asked(days: int | None, until: object, is_given: bool, ends: object) -> None:
    assert expiry(NOW, days=days, until=until, is_until_given=is_given) == ends  # type: ignore[arg-type]


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=3651)])
def test_a_key_does_not_end_before_now_nor_when_all_have_forgotten_it(until: object) -> None:
    with pytest.raises(Invalid, match="within the next ten years"):
        expiry(NOW, days=None, until=until, is_until_given=True)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="either"):
        expiry(NOW, days=1, until=until, is_until_given=True)  # type: ignore[arg-type]


def test_keys_are_told_by_their_beginning() -> None:
    made = {tokens.new_key() for _ in range(100)}
    assert len({tokens.prefix_of(key) for key in made}) == 100
    assert all(len(key) == len("spw_") + 8 + 1 + 43 for key in made)


@pytest.mark.connected
class TestServed:
    async def test_a_key_is_made_told_once_used_and_revoked(self, http: httpx.AsyncClient, database: Database) -> None:
        ada = await person(database, Role.EDITOR, "ada")
        async with client(http, (await session_of(database, ada)).headers) as browser:
            made = await browser.post("/api/keys", json={"name": "nightly", "scopes": ["read", "write"], "days": 3})
            assert made.status_code == 201
            secret, told = made.json()["secret"], made.json()["key"]
            assert secret.startswith(f"{told['prefix']}_")
            assert (told["person"], told["name"], told["scopes"]) == ("ada", "nightly", ["read", "write"])
            listed = await browser.get("/api/keys")
            assert listed.json()["keys"] == [told]
            assert secret not in listed.text
            async with client(http, {"Authorization": f"Bearer {secret}"}) as program:
                me = (await program.get("/api/session")).json()
                assert (me["means"], me["scopes"], me["csrf_token"]) == ("key", ["read", "write"], None)
                assert me["expires_at"] == told["expires_at"]
                assert (await browser.delete(f"/api/keys/{told['id']}")).status_code == 204
                assert (await program.get("/api/session")).status_code == 401
            assert (await browser.delete(f"/api/keys/{told['id']}")).status_code == 404
            assert (await browser.get("/api/keys")).json()["keys"][0]["revoked_at"]

    async def test_neither_tables_nor_logs_have_what_opens_anything(
        self, http: httpx.AsyncClient, database: Database, capfd: pytest.CaptureFixture[str]
    ) -> None:
        ada = (await http.post("/api/people", json={"name": "ada", "role": "admin"})).json()
        async with client(http) as browser:
            begun = await browser.post("/api/session", json={"name": "ada", "password": ada["password"]})
            browser.headers["X-CSRF-Token"] = begun.json()["csrf_token"]
            key = (await browser.post("/api/keys", json={"name": "k", "scopes": ["read"]})).json()["secret"]
            token = browser.cookies["spillway_session"]
            await browser.get("/api/files?cursor=broken", headers={"Authorization": f"Bearer {key}"})
            await browser.post("/api/session", json={"name": "ada", "password": f"{ada['password']}!"})
            change = {"current": ada["password"], "new": "a horse that reads maps"}
            assert (await browser.put("/api/session/password", json=change)).status_code == 204
            await browser.delete("/api/session")
        kept = str([await everything(database, table) for table in await tables(database)])
        said = "".join(capfd.readouterr())
        assert "ada" in kept
        for secret in (ada["password"], key, key[-43:], token, begun.json()["csrf_token"], change["new"]):
            assert secret not in kept
            assert secret not in said

    @pytest.mark.parametrize(
        ("role", "ask", "status"),
        [
            (Role.VIEWER, {"scopes": ["read"]}, 201),
            (Role.VIEWER, {"scopes": ["read", "write"]}, 422),
            (Role.EDITOR, {"scopes": ["manage"]}, 422),
            (Role.ADMIN, {"scopes": []}, 422),
            (Role.ADMIN, {"scopes": ["everything"]}, 422),
            (Role.ADMIN, {"scopes": ["read"], "name": ""}, 422),
            (Role.ADMIN, {"scopes": ["read"], "days": 0}, 422),
            (Role.ADMIN, {"scopes": ["read"], "days": 5000}, 422),
            (Role.ADMIN, {"scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, 422),
            (Role.ADMIN, {"scopes": ["read"], "expires_at": "2099-01-01T00:00:00"}, 422),
            (Role.ADMIN, {"scopes": ["read"], "expires_at": None}, 201),
        ],
    )
    async def test_a_key_is_for_what_its_owner_may_and_for_a_time(
        self, http: httpx.AsyncClient, database: Database, role: Role, ask: dict[str, object], status: int
    ) -> None:
        async with client(http, (await session_of(database, await person(database, role))).headers) as browser:
            made = await browser.post("/api/keys", json={"name": "k", **ask})
        assert made.status_code == status, made.text
        if "expires_at" in ask and status == 201:
            assert made.json()["key"]["expires_at"] is None

    async def test_a_key_makes_keys_only_if_it_may_manage_and_none_that_may_more(
        self, http: httpx.AsyncClient, database: Database
    ) -> None:
        ask = {"name": "k", "scopes": ["read"]}
        async with client_as(http, database, Role.EDITOR) as program:
            refused = await program.post("/api/keys", json=ask)
            assert refused.status_code == 403
            assert "the scope manage" in refused.json()["detail"]
        async with client_as(http, database, Role.ADMIN, scopes={Scope.READ, Scope.MANAGE}) as program:
            assert (await program.post("/api/keys", json=ask)).status_code == 201
            more = await program.post("/api/keys", json={"name": "k", "scopes": ["read", "spend"]})
            assert (more.status_code, "leave out spend" in more.json()["detail"]) == (422, True)

    async def test_only_administrators_see_and_revoke_keys_of_others(self, http: httpx.AsyncClient, database: Database) -> None:
        ada, bob = await person(database, Role.EDITOR, "ada"), await person(database, Role.EDITOR, "bob")
        key: Key = await key_of(database, ada)
        async with client(http, (await session_of(database, bob)).headers) as browser:
            assert (await browser.get("/api/keys")).json()["keys"] == []
            assert (await browser.get("/api/keys?person=ada")).status_code == 403
            assert (await browser.delete(f"/api/keys/{key.id}")).status_code == 404
        for who in ("ada", str(ada.id)):
            assert [one["id"] for one in (await http.get(f"/api/keys?person={who}")).json()["keys"]] == [str(key.id)]
        assert (await http.get("/api/keys?person=carol")).status_code == 404
        assert (await http.delete(f"/api/keys/{key.id}")).status_code == 204
        assert (await http.delete(f"/api/keys/{uuid4()}")).status_code == 404


async def tables(database: Database) -> list[str]:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [row[0] for row in await cursor.fetchall()]


async def everything(database: Database, table: str) -> str:
    async with database.connection() as connection:
        return str(await (await connection.execute(f"SELECT * FROM {table}".encode())).fetchall())
