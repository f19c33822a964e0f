"""`./spillway share …` as it is typed, against a running gateway."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.js import JetStreamContext

from cli.sharing import lines_of, meant
from cli.spans import clock, seconds_of
from shared import bus
from shared.blobs import Blobs
from shared.database import Database
from shared.errors import Invalid
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.serving import served
from tests.support.sharing import filed
from tests.support.terminal import Terminal

SHARE = {
    "id": "019a9f00-0000-7000-8000-000000000001",
    "label": "For [all]",
    "path": "/films/a.mp4",
    "starts": 75.0,
    "ends": 3723.5,
    "state": "failed",
    "reason": "The disk broke.",
    "expires_at": "2026-08-01T10:00:00+00:00",
    "created_by": "anna",
    "uses": 3,
    "used_at": None,
}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("75", 75),
        ("75.5", 75.5),
        ("0", 0),
        ("1:15", 75),
        ("01:02:03.5", 3723.5),
        ("100:00:00", 360000),
        (" 9 ", 9),
        ("99:59", 5999),
    ],
)
def test_times_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "1:60", "1:60:00", "-1", "1:2:3:4", "1,5", "nan", ":5", "5:", "\u0665"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(Invalid, match=r"give one as 75, 1:15 or 1:02:03\.5"):
        seconds_of(text)


@given(st.integers(0, 10**6))
def test_what_is_written_is_read_again(tenths: int) -> None:
    assert seconds_of(clock(tenths / 10)) == pytest.approx(tenths / 10)


def test_each_link_is_told_in_lines_that_begin_with_its_id() -> None:
    console = Terminal(width=40)
    console.print(lines_of(SHARE), soft_wrap=True)
    first, second, *rest = console.text.splitlines()
    assert first.startswith(f"{SHARE['id']}  failed, until 2026-08-01 ")
    assert first.endswith("not used yet")
    assert second == '    "For [all]", 1:15 to 1:02:03.5, by anna'
    assert rest == ["    /films/a.mp4", "    The disk broke."]


def test_a_link_to_a_whole_file_is_told_by_the_file() -> None:
    whole = {**SHARE, "label": "", "starts": None, "ends": None, "state": "ready", "reason": None}
    lines = lines_of({**whole, "used_at": "2026-08-01T09:00:00+00:00"}).plain.splitlines()
    assert "used 3 times, last 2026-08-01 " in lines[0]
    assert lines[1:] == ["    /films/a.mp4, by anna"]


def test_a_link_is_meant_by_the_beginning_of_its_id() -> None:
    other = {**SHARE, "id": "019a9f01-0000-7000-8000-000000000001"}
    both: list[dict[str, Any]] = [SHARE, other]
    assert meant("019A9F01", both) is other
    unknown = "019a9f02-0000-7000-8000-000000000001"
    assert meant(unknown, both) == {"id": unknown}
    for text, sentence in (("019a9f0", "Several links"), ("", "No link"), ("x", "No link")):
        with pytest.raises(Invalid, match=sentence):
            meant(text, both)


@pytest.fixture
async def client(platform: Platform, settings: PlatformSettings, stream: JetStreamContext) -> AsyncIterator[httpx.AsyncClient]:
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield client


@pytest.fixture
def env(client: httpx.AsyncClient, tmp_path: Path) -> dict[str, str]:
    return environment_at(client, tmp_path)


async def typed(env: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(lambda: spillway("share", *words, env=env))


@pytest.mark.connected
async def test_a_link_is_made_listed_and_revoked(
    env: dict[str, str], client: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    await filed(database, blobs, "/films/Smith/grotto.mp4", duration=120.0)
    options = ["--from", "1:10", "--to", "1:25.5", "--label", "The grotto", "--days", "3", "--download", "--transcript"]
    made = answer_of(await typed(env, "add", "Smith/grotto.mp4", *options, "--json"))
    assert (made["starts"], made["ends"], made["label"]) == (70.0, 85.5, "The grotto")
    assert (made["allow_download"], made["with_transcript"], made["state"]) == (True, True, "preparing")
    token = made["link"].partition("#")[2]
    told = await typed(env, "add", "grotto.mp4")
    assert told.stdout.splitlines()[0].startswith(f"{client.base_url}/s#")
    assert "Works until" in told.stdout
    assert "It is being prepared" not in told.stdout
    shares = answer_of(await typed(env, "ls", "grotto.mp4", "--json"))["shares"]
    assert [share["label"] for share in shares] == ["", "The grotto"]
    shown = await typed(env, "ls")
    assert "1:10 to 1:25.5" in shown.stdout
    assert token not in shown.stdout
    revoked = await typed(env, "revoke", made["id"])
    assert revoked.stdout == 'The link to "The grotto", 1:10 to 1:25.5 opens nothing any more.\n'
    guest = await client.get("/api/shared", headers={"Authorization": f"Share {token}"})
    assert guest.status_code == 410


@pytest.mark.connected
async def test_what_is_wrong_is_said_in_a_sentence(env: dict[str, str], database: Database, blobs: Blobs) -> None:
    assert (await typed(env, "ls")).stdout == "Nothing is shared; `./spillway share add FILE` makes a link.\n"
    await filed(database, blobs, "/films/a.mp4")
    for words, sentence in (
        (["add", "nothing.mp4"], "The library has no file at nothing.mp4."),
        (["add", "a.mp4", "--from", "5"], "give `starts` and `ends`"),
        (["add", "a.mp4", "--from", "x", "--to", "9"], "x is no time of a film"),
        (["add", "a.mp4", "--days", "400"], "365 days at most"),
        (["revoke", "x"], "No link has this id"),
    ):
        ran = await typed(env, *words)
        assert ran.returncode == 1
        assert sentence in " ".join(ran.stderr.split())
