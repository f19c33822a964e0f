"""`./spillway watch …` as it is typed, against a running gateway."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nats.js import JetStreamContext

from cli.watching import listed
from shared import bus
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.serving import served
from tests.support.terminal import Terminal

WATCH = {
    "path": "/films [old]",
    "state": "away",
    "reason": "There is no folder.",
    "settle_seconds": 2.5,
    "changed_at": None,
    "asked_by": "ada",
}


def test_the_table_tells_how_each_folder_is() -> None:
    console = Terminal()
    console.print(listed([WATCH, {**WATCH, "path": "/day 2", "state": "polling", "reason": None, "changed_at": "2026-08-01"}]))
    assert "/films [old]  away: There is no folder.  2.5 s" in console.text
    assert "watched by polling" in console.text
    assert "2026-08-01" in console.text


@pytest.fixture
async def env(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, tmp_path: Path
) -> AsyncIterator[dict[str, str]]:
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield environment_at(client, tmp_path)


async def typed(env: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(lambda: spillway("watch", *words, env=env))


@pytest.mark.connected
async def test_folders_are_added_listed_and_removed(env: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    added = answer_of(await typed(env, "add", str(folder), "--settle", "2", "--poll", "--json"))
    assert (added["path"], added["settle_seconds"], added["poll"], added["recursive"]) == (str(folder), 2.0, "polling", True)
    assert answer_of(await typed(env, "list", "--json"))["watches"] == [added]
    assert str(folder) in (await typed(env)).stdout
    removed = await typed(env, "remove", str(folder))
    assert removed.stdout == f"{folder} is watched no more; its files stay in the library.\n"
    assert (await typed(env, "list")).stdout == "No folder is watched; `./spillway watch add PATH` adds one.\n"


@pytest.mark.connected
async def test_what_is_wrong_is_said_in_a_sentence(env: dict[str, str], tmp_path: Path) -> None:
    for words, sentence in (
        (["add", str(tmp_path / "nowhere")], "There is no folder at"),
        (["remove", str(tmp_path)], "is not watched; `./spillway watch list` shows what is."),
        (["add"], "Say which folder to add: ./spillway watch add PATH."),
    ):
        ran = await typed(env, *words)
        assert ran.returncode == 1
        assert sentence in " ".join(ran.stderr.split())
