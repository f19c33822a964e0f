"""`./spillway search` against a running gateway."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nats.js import JetStreamContext

from cli.searching import instant, place
from shared import bus
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.searching import library
from tests.support.serving import served


def test_a_folder_of_this_machine_is_told_in_full_and_one_of_another_as_it_is(tmp_path: Path) -> None:
    assert place(str(tmp_path / ".." / tmp_path.name)) == str(tmp_path.resolve())
    assert place("D:\\Footage") == "D:\\Footage"
    assert instant(None) is None


@pytest.mark.connected
class TestCommand:
    @pytest.fixture
    async def env(
        self, platform: Platform, settings: PlatformSettings, stream: JetStreamContext, tmp_path: Path
    ) -> AsyncIterator[dict[str, str]]:
        nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
        async with served(platform, nats) as client:
            yield environment_at(client, tmp_path)

    async def test_options_filter_and_facets_count(self, database: Database, env: dict[str, str]) -> None:
        async def run(*words: str) -> "subprocess.CompletedProcess[str]":
            return await asyncio.to_thread(spillway, "search", *words, env=env)

        ids = await library(database)
        told = answer_of(await run("waterfall", "--camera", "canon", "--since", "2024-01-01", "--kind", "video", "--json"))
        assert {file["id"] for file in told["files"]} == {str(ids["smith"])}
        told = answer_of(await run("--has", "transcript", "--sort", "path", "--limit", "1", "--json"))
        assert [file["id"] for file in told["files"]] == [str(ids["party"])]
        shown = (await run("waterfall camera:canon lens:50", "--files", "--facets")).stdout
        assert "grotto.mp4" in shown
        assert "camera    Canon EOS R8 (2)" in shown
        refused = await run("waterfall", "--near", "here")
        assert refused.returncode == 1
        assert "Give the place as" in refused.stderr
