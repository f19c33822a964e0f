"""The first administrator, and the one who has lost the password."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from services.search import recover
from services.search.identity import credentials, first, people
from services.search.identity.credentials import Credentials
from services.search.identity.passwords import Passwords
from services.search.identity.roles import Role
from services.search.settings import SearchSettings
from shared.database import Database
from shared.errors import Conflict
from tests.support.identity import client, key_of, person, session_of

ROOT = Path(__file__).resolve().parents[4]
MADE = Credentials("admin", "a password", "spw_key")


def settings(**given: object) -> SearchSettings:
    return SearchSettings.model_validate(given)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def count(database: Database, table: str) -> int:
    async with database.connection() as connection:
        row = await (await connection.execute(f"SELECT count(*) FROM {table}".encode())).fetchone()
    assert row
    return int(row[0])


class TestFile:
    def test_it_is_for_its_owners_eyes(self, tmp_path: Path) -> None:
        path = tmp_path / "credentials.json"
        path.write_text("{}")
        path.chmod(0o644)
        credentials.write(path, MADE)
        assert json.loads(path.read_text()) == {"name": "admin", "password": "a password", "api_key": "spw_key"}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(tmp_path.iterdir()) == [path]

    def test_one_that_cannot_be_written_is_told_in_words(self, tmp_path: Path) -> None:
        with pytest.raises(Conflict, match="SPILLWAY_SEARCH_CREDENTIALS_FILE"):
            credentials.write(tmp_path / "none" / "credentials.json", MADE)
        (tmp_path / "folder").mkdir()
        with pytest.raises(Conflict, match="cannot be written"):
            credentials.write(tmp_path / "folder", MADE)
        assert [path.name for path in tmp_path.iterdir()] == ["folder"]

    def test_it_is_not_shown(self) -> None:
        assert "password" not in repr(MADE)
        assert "spw_" not in repr(MADE)


@pytest.mark.connected
class TestFirstStart:
    async def test_two_that_start_at_once_make_one(self, database: Database, tmp_path: Path) -> None:
        files = [tmp_path / "a.json", tmp_path / "b.json"]
        await asyncio.gather(*(first.begin(database, Passwords(), settings(credentials_file=str(file))) for file in files))
        assert (await count(database, "people"), await count(database, "api_keys")) == (1, 1)
        assert len([file for file in files if file.exists()]) == 1

    async def test_what_is_written_opens_the_gateway(self, database: Database, tmp_path: Path, http: httpx.AsyncClient) -> None:
        async with database.connection() as connection:
            await connection.execute("TRUNCATE people CASCADE")
        file = tmp_path / "credentials.json"
        await first.begin(database, Passwords(), settings(credentials_file=str(file)))
        made = json.loads(file.read_text())
        async with client(http, {"Authorization": f"Bearer {made['api_key']}"}) as program:
            me = (await program.get("/api/session")).json()
            assert (me["role"], me["scopes"], me["expires_at"]) == ("admin", ["read", "write", "spend", "manage"], None)
        async with client(http) as browser:
            ask = {"name": made["name"], "password": made["password"]}
            assert (await browser.post("/api/session", json=ask)).status_code == 200

    async def test_where_somebody_is_nothing_is_made(self, database: Database, tmp_path: Path) -> None:
        await person(database, Role.VIEWER, "ada")
        await first.begin(database, Passwords(), settings(credentials_file=str(tmp_path / "credentials.json")))
        assert await count(database, "people") == 1
        assert names_in(tmp_path) == []

    async def test_a_file_that_cannot_be_written_leaves_nobody(self, database: Database, tmp_path: Path) -> None:
        with pytest.raises(Conflict, match="cannot be written"):
            await first.begin(database, Passwords(), settings(credentials_file=str(tmp_path / "none" / "file.json")))
        assert await count(database, "people") == 0

    async def test_a_password_that_is_set_is_taken(self, database: Database) -> None:
        await first.begin(database, Passwords(), settings(admin_password="a horse that reads maps"))
        async with database.connection() as connection:
            found = await people.password_of(connection, "admin")
        assert found
        assert await Passwords().fits(found[1], "a horse that reads maps")
        assert await count(database, "api_keys") == 0

    async def test_with_neither_the_log_says_what_to_set(self, database: Database, capfd: pytest.CaptureFixture[str]) -> None:
        await first.begin(database, Passwords(), settings())
        assert await count(database, "people") == 0
        said = "".join(capfd.readouterr())
        assert "nobody can sign in" in said
        assert "SPILLWAY_SEARCH_CREDENTIALS_FILE" in said


@pytest.mark.connected
class TestRecover:
    async def test_what_is_lost_is_made_anew_and_what_was_found_is_worth_nothing(
        self, database: Database, http: httpx.AsyncClient, stack_environment: dict[str, str]
    ) -> None:
        ada = await person(database, Role.ADMIN, "ada")
        session, key = await session_of(database, ada), await key_of(database, ada)
        told = await asyncio.to_thread(recovered, stack_environment, "ada")
        assert told.returncode == 0, told.stderr
        made = json.loads(told.stdout)
        for headers, status in (
            ({"Authorization": f"Bearer {made['api_key']}"}, 200),
            (session.headers, 401),
            (key.headers, 401),
        ):
            async with client(http, headers) as own:
                assert (await own.get("/api/session")).status_code == status
        async with client(http) as browser:
            ask = {"name": "ada", "password": made["password"]}
            assert (await browser.post("/api/session", json=ask)).status_code == 200

    async def test_with_a_file_nothing_is_printed(
        self, database: Database, stack_environment: dict[str, str], tmp_path: Path
    ) -> None:
        await person(database, Role.ADMIN, "ada")
        file = tmp_path / "credentials.json"
        environment = {**stack_environment, "SPILLWAY_SEARCH_CREDENTIALS_FILE": str(file)}
        told = await asyncio.to_thread(recovered, environment, "ada")
        made = json.loads(file.read_text())
        assert told.stdout == f"The new password and key of ada are in {file}.\n"
        assert made["password"] not in told.stdout + told.stderr
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    async def test_where_no_administrator_is_left_somebody_is_made_one(self, database: Database) -> None:
        bob = await person(database, Role.EDITOR, "bob")
        async with database.transaction() as connection:
            await people.change(connection, bob.id, disabled=True)
        await recover.recovered(database, settings(), "bob")
        async with database.connection() as connection:
            now = await people.find(connection, bob.id)
        assert (now.role, now.disabled_at) == (Role.ADMIN, None)

    async def test_who_is_not_there_is_told_in_words(self, database: Database) -> None:
        await person(database, Role.ADMIN, "ada")
        with pytest.raises(Conflict, match="nobody called carol; there is ada"):
            await recover.recovered(database, settings(), "carol")


def recovered(environment: dict[str, str], name: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "services.search.recover", name]
    own = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False, timeout=50)
