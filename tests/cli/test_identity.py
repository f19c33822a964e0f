"""People and keys by the command line: what is asked, told, and never shown."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from nats.js import JetStreamContext

from cli.identity_report import print_keys, print_people, until, works
from cli.keys import one_of
from services.search.identity.roles import Role, Scope
from shared import bus
from shared.clock import utc_now
from shared.database import Database
from shared.errors import Invalid
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.identity import client_as, key_of, person
from tests.support.serving import served
from tests.support.terminal import Terminal

KEY = {
    "id": "1",
    "name": "nightly",
    "prefix": "spw_Ab3dEf7h",
    "scopes": ["read"],
    "expires_at": "2026-03-01T12:00:00+00:00",
    "revoked_at": None,
    "last_used_at": None,
}
PERSON = {
    "name": "ada",
    "display_name": "Ada [of] Lovelace",
    "role": "editor",
    "has_password": True,
    "issuer": None,
    "disabled_at": None,
    "last_seen_at": None,
}
DAYS_13 = timedelta(days=13)
LONG = "correct horse battery staple"


def test_keys_are_listed_by_whether_they_work() -> None:
    console = Terminal()
    print_keys([KEY, {**KEY, "expires_at": None}, {**KEY, "revoked_at": "2026-02-01T12:00:00+00:00"}], console)
    assert "spw_Ab3dEf7h  nightly  read  expired 2026-03-01" in " ".join(console.text.split("\n"))[:400].replace("   ", "  ")
    assert "it is revoked" in console.text
    assert "revoked 2026-02-01" in console.text
    before = utc_now().replace(year=2026, month=1)
    assert works(KEY, before)
    assert until(KEY, before) == "2026-03-01"
    assert not works({**KEY, "revoked_at": "2026-02-01T12:00:00+00:00"}, before)


def test_people_are_listed_by_what_they_sign_in_with() -> None:
    console = Terminal()
    print_people(
        [PERSON, {**PERSON, "has_password": False}, {**PERSON, "issuer": "https://id", "disabled_at": "2026-02-01"}], console
    )
    assert "Ada [of] Lovelace" in console.text
    for words in ("password", "nothing yet", "https://id", "disabled 2026-02-01", "never"):
        assert words in console.text


@pytest.mark.parametrize("wanted", ["1", "nightly", "spw_Ab3dEf7h"])
def test_a_key_is_meant_by_id_name_or_beginning(wanted: str) -> None:
    assert one_of([KEY], wanted) is KEY


def test_a_key_that_could_be_two_or_none_is_not_guessed() -> None:
    with pytest.raises(Invalid, match="Several keys are called nightly; name one by its beginning: spw_Ab3dEf7h"):
        one_of([KEY, {**KEY, "id": "2"}], "nightly")
    for there in ([], [{**KEY, "revoked_at": "2026-02-01"}]):
        with pytest.raises(Invalid, match=r"no key nightly that could be revoked.*none"):
            one_of(there, "nightly")


@pytest.mark.connected
class TestCommands:
    @pytest.fixture
    async def http(
        self, platform: Platform, settings: PlatformSettings, stream: JetStreamContext
    ) -> AsyncIterator[httpx.AsyncClient]:
        nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
        async with served(platform, nats) as client:
            yield client

    @pytest.fixture
    def env(self, http: httpx.AsyncClient, tmp_path: Path) -> dict[str, str]:
        return environment_at(http, tmp_path)

    async def test_a_person_from_first_to_last(self, env: dict[str, str], http: httpx.AsyncClient) -> None:
        added = answer_of(await typed(env, "people", "add", "ada", "--role", "editor", "--display-name", "Ada L.", "--json"))
        assert (added["person"]["role"], added["person"]["display_name"]) == ("editor", "Ada L.")
        assert (await signs_in(http, "ada", added["password"])).status_code == 200
        listed = (await typed(env, "people", "ls")).stdout
        assert "Ada L." in listed
        assert (await typed(env, "people", "role", "ada", "viewer")).stdout == "ada is viewer now.\n"
        changed = await typed(env, "people", "password", "ada", "--password-stdin", given=LONG + "\n")
        assert "ada has a new password" in changed.stdout
        assert LONG not in changed.stdout + changed.stderr
        assert (await signs_in(http, "ada", LONG)).json()["person"]["role"] == "viewer"
        assert "not let in any more" in (await typed(env, "people", "disable", "ada")).stdout
        assert (await signs_in(http, "ada", LONG)).status_code == 401
        assert "let in again" in (await typed(env, "people", "enable", "ada")).stdout
        assert (await signs_in(http, "ada", LONG)).status_code == 200

    async def test_a_password_that_was_made_is_shown_once(self, env: dict[str, str], http: httpx.AsyncClient) -> None:
        said = (await typed(env, "people", "add", "ben")).stdout
        assert "ben is let in as viewer." in said
        assert "shown this once" in said
        made = said.partition("The password is ")[2].split()[0]
        assert (await signs_in(http, "ben", made)).status_code == 200
        given = await typed(env, "people", "add", "cyd", "--password-stdin", given=LONG)
        assert "The password is" not in given.stdout
        assert (await signs_in(http, "cyd", LONG)).status_code == 200

    @pytest.mark.skipif(os.name == "nt", reason="terminals are made otherwise there")
    @pytest.mark.parametrize("again", [LONG, "something else"])
    async def test_at_a_terminal_a_password_is_asked_for_twice_and_not_seen(
        self, env: dict[str, str], http: httpx.AsyncClient, again: str
    ) -> None:
        ours, theirs = os.openpty()
        words = [sys.executable, "-m", "cli", "people", "add", "dee"]
        command = await asyncio.create_subprocess_exec(
            *words, stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, start_new_session=True
        )
        assert command.stderr is not None
        async with asyncio.timeout(60):
            for prompt, answer in ((b"for one that is made): ", LONG), (b"once more: ", again)):
                await command.stderr.readuntil(prompt)
                os.write(ours, f"{answer}\n".encode())
            said = await command.stderr.read()
            await command.wait()
        os.close(theirs)
        assert LONG.encode() not in said + shown_at(ours)
        os.close(ours)
        assert (command.returncode, b"not the same" in said) == ((0, False) if again == LONG else (1, True))
        assert (await signs_in(http, "dee", LONG)).is_success is (again == LONG)

    async def test_what_is_wrong_is_said_in_a_sentence(self, env: dict[str, str]) -> None:
        for words, sentence in (
            (["people", "role", "nobody", "admin"], "There is nobody called nobody; there are admin."),
            (["people", "disable", "admin"], "last active administrator"),
            (["people", "add", "ada", "--password-stdin"], "There is no password on stdin"),
            (["keys", "revoke", "spw_"], "There is no key spw_ that could be revoked"),
        ):
            ran = await typed(env, *words, given="")
            assert ran.returncode == 1
            assert sentence in " ".join(ran.stderr.split())

    async def test_a_key_from_first_to_last(self, env: dict[str, str]) -> None:
        said = (await typed(env, "keys", "add", "nightly", "--scope", "read", "--scope", "write", "--days", "3")).stdout
        secret = said.partition("The key is ")[2].split()[0]
        assert "It may read, write, until" in said
        assert "shown this once" in said
        theirs = {**env, "SPILLWAY_API_KEY": secret}
        who = answer_of(await typed(theirs, "whoami", "--json"))
        assert (who["scopes"], who["key_from"]) == (["read", "write"], "SPILLWAY_API_KEY")
        refused = await typed(theirs, "people", "ls")
        assert refused.returncode == 1
        assert "yours has read, write. `./spillway whoami`" in " ".join(refused.stderr.split())
        listed = await typed(env, "keys", "ls")
        assert secret[:12] in listed.stdout
        assert secret not in listed.stdout
        assert "works no more" in (await typed(env, "keys", "revoke", "nightly")).stdout
        gone = await typed(theirs, "whoami")
        assert gone.returncode == 1
        assert "does not accept the key of SPILLWAY_API_KEY" in gone.stderr
        assert secret not in gone.stderr

    async def test_a_key_may_only_read_and_lasts_for_ever_only_if_asked(self, env: dict[str, str]) -> None:
        usual = answer_of(await typed(env, "keys", "add", "one", "--json"))["key"]
        assert usual["scopes"] == ["read"]
        assert usual["expires_at"] is not None
        lasting = answer_of(await typed(env, "keys", "add", "two", "--forever", "--json"))["key"]
        assert lasting["expires_at"] is None

    async def test_the_key_in_use_is_not_revoked_by_accident(self, env: dict[str, str]) -> None:
        own = env["SPILLWAY_API_KEY"][:12]
        refused = await typed(env, "keys", "revoke", own)
        assert "It is the key by which this command asks" in refused.stderr
        assert (await typed(env, "whoami")).returncode == 0
        assert (await typed(env, "keys", "revoke", own, "--yes")).returncode == 0
        assert (await typed(env, "whoami")).returncode == 1

    async def test_keys_of_others_are_an_admins_business(
        self, env: dict[str, str], http: httpx.AsyncClient, database: Database, tmp_path: Path
    ) -> None:
        async with client_as(http, database, Role.VIEWER, name="vic") as viewer:
            theirs = environment_at(viewer, tmp_path)
        assert answer_of(await typed(env, "keys", "ls", "--person", "vic", "--json"))["keys"][0]["person"] == "vic"
        assert (await typed(env, "keys", "revoke", "of a test", "--person", "vic")).returncode == 0
        assert (await typed(theirs, "whoami")).returncode == 1

    async def test_who_has_no_key_yet_makes_one_with_a_password(self, env: dict[str, str]) -> None:
        await typed(env, "people", "add", "ada", "--role", "editor", "--password-stdin", given=LONG)
        del env["SPILLWAY_API_KEY"]
        own = ("--as", "ada", "--password-stdin")
        made = answer_of(await typed(env, "keys", "add", "laptop", "--scope", "write", *own, "--json", given=LONG))
        assert (made["key"]["person"], made["key"]["scopes"]) == ("ada", ["write"])
        assert (
            answer_of(await typed({**env, "SPILLWAY_API_KEY": made["secret"]}, "whoami", "--json"))["person"]["name"] == "ada"
        )
        assert "laptop" in (await typed(env, "keys", "ls", *own, given=LONG)).stdout
        assert "works no more" in (await typed(env, "keys", "revoke", "laptop", *own, given=LONG)).stdout
        wrong = await typed(env, "keys", "ls", *own, given="a wrong one")
        assert (wrong.returncode, "name or the password is not right" in wrong.stderr) == (1, True)
        assert "There is no terminal" in (await typed(env, "keys", "ls", "--as", "ada")).stderr

    async def test_ones_own_password_is_changed_by_who_knows_it(
        self, env: dict[str, str], http: httpx.AsyncClient, database: Database
    ) -> None:
        await typed(env, "people", "add", "ada", "--password-stdin", given=LONG)
        del env["SPILLWAY_API_KEY"]
        changed = await typed(env, "people", "password", "ada", "--own", "--password-stdin", given=f"{LONG}\n{LONG} again\n")
        assert changed.stdout == "Your password is changed; your other sessions have ended.\n", changed.stderr
        assert (await signs_in(http, "ada", LONG)).status_code == 401
        assert (await signs_in(http, "ada", f"{LONG} again")).status_code == 200
        short = await typed(env, "people", "password", "ada", "--own", "--password-stdin", given=f"{LONG} again\nshort\n")
        assert (short.returncode, "12 characters" in short.stderr) == (1, True)
        async with database.connection() as connection:
            cursor = await connection.execute("SELECT count(*) FROM sessions WHERE ended_at IS NULL")
            assert await cursor.fetchone() == (1,), "only that of the test itself goes on"

    async def test_who_i_am(self, env: dict[str, str]) -> None:
        said = (await typed(env, "whoami")).stdout
        assert said.startswith(f"admin, admin at {env['SPILLWAY_URL']}\n")
        assert "by the key of SPILLWAY_API_KEY, which may read, write, spend, manage, until it is revoked" in said

    async def test_nobody_is_told_how_to_be_somebody(self, env: dict[str, str], tmp_path: Path) -> None:
        """Although this machine's own file has a key: it is not for a gateway elsewhere, even if that would take it."""
        (tmp_path / "credentials.json").write_text(json.dumps({"api_key": env.pop("SPILLWAY_API_KEY")}))
        for words in (["whoami"], ["search", "waterfall"], ["events", "tail"]):
            ran = await typed(env, *words)
            assert ran.returncode == 1
            assert "wants to know who asks: set SPILLWAY_API_KEY" in ran.stderr

    async def test_the_doctor_tries_the_key(self, env: dict[str, str], database: Database) -> None:
        at = {**env, "SPILLWAY_WHISPER_MODEL": env["SPILLWAY_DATA"]}
        assert "✓ Credentials: The key of SPILLWAY_API_KEY is accepted: admin, admin." in (await typed(at, "doctor")).stdout
        someone = await person(database)
        soon = await key_of(database, someone, scopes={Scope.READ}, expires_at=utc_now().replace(microsecond=0) + DAYS_13)
        ends = await typed({**at, "SPILLWAY_API_KEY": soon.text}, "doctor")
        assert "! Credentials" in ends.stdout
        assert "`./spillway keys add` makes another" in ends.stdout
        wrong = await typed({**at, "SPILLWAY_API_KEY": "spw_wrong"}, "doctor")
        assert "✗ Credentials" in wrong.stdout
        assert wrong.returncode == 1
        del at["SPILLWAY_API_KEY"]
        assert "✗ Credentials: SPILLWAY_URL names a gateway" in (await typed(at, "doctor")).stdout


def shown_at(terminal: int) -> bytes:
    """What a terminal shows of what was typed."""
    os.set_blocking(terminal, False)
    shown = b""
    try:
        while more := os.read(terminal, 1 << 16):
            shown += more
    except OSError:  # there is no more, and nobody writes to it
        return shown
    return shown


async def signs_in(http: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=http.base_url, trust_env=False) as browser:
        return await browser.post("/api/session", json={"name": name, "password": password})


async def typed(env: dict[str, str], *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(lambda: spillway(*words, env=env, stdin=given))
