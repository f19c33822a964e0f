"""`./spillway events rebuild`, in words and against a running gateway."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from nats.js import JetStreamContext

from cli.rebuilding import line_of, print_rebuild
from shared import bus
from shared.contracts import RebuildRequested
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.footage import add_searchable
from tests.support.library import count
from tests.support.rebuilding import rebuilt, restore_tables, rows
from tests.support.serving import served
from tests.support.terminal import Terminal
from tests.support.waiting import until_so

VECTORS = {"copied": 40, "from_ledger": 2, "made": 0, "lacking": 3, "usd": 0.0012}
REBUILD: dict[str, Any] = {
    "job_id": "7",
    "state": "running",
    "finished": False,
    "dry_run": False,
    "phase": "filling",
    "files": 9,
    "files_done": 4,
    "vectors": VECTORS,
    "index": None,
    "eta_seconds": 75.0,
    "report": None,
    "error": None,
}
REPORT = {
    "tables": {"moments": {"now": 40, "then": 42}, "embeddings": {"now": None, "then": 45}},
    "files_different": 1,
    "examples": [{"file_id": "1", "path": "/a/[x].mp4", "added": 2, "removed": 0, "changed": 1, "facts": 0}],
}


def test_a_line_says_what_is_done_and_what_is_left() -> None:
    assert line_of(REBUILD) == "fills in files, 4/9 files, 1 min 15 s left"
    indexing = {**REBUILD, "phase": "indexing", "index": {"name": "moments_words", "share": 0.5}, "eta_seconds": None}
    assert line_of(indexing) == "makes indexes, moments_words 50%"
    assert line_of({**REBUILD, "phase": None, "eta_seconds": None}) == "waits for the nova service"
    assert line_of({**REBUILD, "finished": True, "state": "done"}) == "rebuild done"


def test_a_dry_run_tells_what_would_change_and_what_it_costs() -> None:
    console = Terminal()
    print_rebuild({**REBUILD, "state": "done", "dry_run": True, "report": REPORT}, console)
    assert "moments     40 rows now       42 then" in console.text
    assert "embeddings  missing rows now  45 then" in console.text
    assert "/a/[x].mp4: 2 come, 1 change" in console.text
    assert "Vectors: 40 taken over, 2 kept by the ledger, 3 to be made, for about $0.0012." in console.text
    assert console.text.rstrip().endswith("Nothing was changed.")


def test_the_end_is_told_with_where_vectors_came_from() -> None:
    console = Terminal()
    print_rebuild({**REBUILD, "state": "done"}, console)
    assert console.text.strip() == "9 files were filled in. Vectors: 40 taken over, 2 kept by the ledger, 0 made."
    console = Terminal()
    print_rebuild({**REBUILD, "state": "cancelled"}, console)
    assert "was cancelled" in console.text


@pytest.mark.connected
class TestCommands:
    @pytest.fixture
    async def env(
        self, platform: Platform, settings: PlatformSettings, stream: JetStreamContext, tmp_path: Path
    ) -> AsyncIterator[dict[str, str]]:
        nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
        async with served(platform, nats) as client:
            yield environment_at(client, tmp_path)
        await restore_tables(platform.database)

    async def test_search_is_rebuilt(self, platform: Platform, database: Database, env: dict[str, str]) -> None:
        await add_searchable(database, "The pump goes in.")
        before = await rows(database)
        for words, number in ((("--dry-run",), 1), ((), 2)):
            run = asyncio.create_task(asyncio.to_thread(spillway, "events", "rebuild", "search", *words, "--json", env=env))
            await until_so(partial(is_begun, database, number), within=30.0)
            await rebuilt(platform, await begun(database))
            told = answer_of(await run)
            assert (told["state"], told["files"], bool(told["report"])) == ("done", 1, bool(words))
        assert await rows(database) == before

    async def test_it_is_begun_and_called_off(self, database: Database, env: dict[str, str]) -> None:
        async def run(*words: str) -> Any:
            ran = await asyncio.to_thread(spillway, "events", "rebuild", "search", *words, env=env)
            return ran.returncode, ran.stdout + ran.stderr

        code, said = await run("--no-wait")
        job_id = str((await begun(database)).job_id)
        assert (code, job_id in said) == (0, True)
        code, said = await run("--no-wait")
        assert (code, job_id in said.replace("\n", "")) == (1, True)
        code, said = await run("--cancel", job_id)
        assert (code, "cancelled" in said) == (0, True)


async def is_begun(database: Database, number: int) -> bool:
    return await count(database, "jobs", "kind = 'rebuild'") == number


async def begun(database: Database) -> RebuildRequested:
    """The event of the rebuild that waits."""
    async with database.connection() as connection:
        row = await (await connection.execute("SELECT id FROM jobs WHERE kind = 'rebuild' AND state = 'pending'")).fetchone()
    assert row is not None
    return RebuildRequested(job_id=row[0])
