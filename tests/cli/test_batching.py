"""`./spillway batch …` and `reconcile`, in words and against a running gateway."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nats.js import JetStreamContext

from cli.batch_report import line_of, print_begun, print_list, print_status, table_of
from cli.batching import options_of
from cli.reconciling import print_findings
from services.ingest.batches.handlers import on_batch_requested
from services.proxy.reconcile.handlers import on_reconcile_requested
from shared import bus, stages
from shared.contracts import BatchRequested, ReconcileRequested, Stage, StageState
from shared.database import Database
from shared.errors import Invalid
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.asking import asked_for, file_at
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.library import about
from tests.support.serving import served
from tests.support.terminal import Terminal
from tests.support.waiting import until_so

BATCH: dict[str, Any] = {
    "job_id": "7",
    "action": "proxy",
    "state": "running",
    "finished": False,
    "items": {"pending": 3, "done": 5, "skipped": 1, "failed": 2},
    "kinds": {
        "video": {"total": 9, "pending": 3, "done": 4, "skipped": 0, "failed": 2},
        "image": {"total": 2, "pending": 0, "done": 1, "skipped": 1, "failed": 0},
    },
    "eta_seconds": 75.0,
    "eta_basis": "3 min of video left at 2.4 times real time.",
    "current": [{"path": "/a/[x].mp4", "done_seconds": 30.0, "total_seconds": 60.0, "speed": 2.4}],
    "errors": [{"reason": "It is [damaged].", "count": 5, "examples": ["/a.mp4", "/b.mp4"]}],
    "skipped_because": [],
    "created_at": "2026-08-01T10:11:12+00:00",
    "asked_by": "ada",
}


def test_a_line_counts_by_kind_and_says_what_is_left() -> None:
    told = "3 min of video left at 2.4 times real time."
    assert line_of(BATCH) == f"proxies: videos 6/9 (2 failed), photos 2/2; 1 min 15 s left: {told}"
    assert line_of({**BATCH, "eta_seconds": None, "eta_basis": "Nobody knows."}).endswith("; Nobody knows.")
    assert line_of({**BATCH, "kinds": {}, "finished": True, "state": "done"}) == "proxies: no files yet; done"


def test_the_table_tells_what_is_being_worked_on() -> None:
    console = Terminal()
    console.print(table_of(BATCH))
    assert "2 failed" in next(line for line in console.text.splitlines() if line.startswith("videos"))
    assert "/a/[x].mp4 50% at 2.4 times real time" in console.text


def test_reasons_are_told_once_with_examples() -> None:
    console = Terminal()
    print_status(BATCH, console)
    assert "\nIt is [damaged].\n  /a.mp4\n  /b.mp4\n  and 3 more\n" in console.text
    assert console.text.endswith("\nrunning: 5 done, 1 skipped, 2 failed, 3 pending\n")


def test_what_was_begun_and_what_not() -> None:
    console = Terminal()
    accepted = {"job_id": "7", "video_count": 2, "image_count": 0, "audio_count": 1, "under_way": 1}
    print_begun({**accepted, "excluded": {"processed": 4, "unknown": 0}}, console)
    assert console.text.splitlines() == [
        "Job 7: 2 videos, 1 recordings.",
        "  4 left out, since they have a result already; --force does them again",
        "  1 among them that are being worked on already",
    ]


def test_batches_are_listed_in_rows() -> None:
    console = Terminal()
    print_list([BATCH], console)
    assert console.text.splitlines()[1].split() == ["7", "proxies", "running", "5", "1", "2", "3", "2026-08-01T10:11:12", "ada"]


def test_options_are_numbers_switches_and_text() -> None:
    given = ["beam_size=5", "vad=true", "language=de", 'hotwords=["a"]', "initial_prompt=a=b"]
    assert options_of(given) == {
        "beam_size": 5,
        "vad": True,
        "language": "de",
        "hotwords": '["a"]',
        "initial_prompt": "a=b",
    }
    for wrong in ("beam", "=5"):
        with pytest.raises(Invalid, match="name=value"):
            options_of([wrong])


def test_findings_are_told_with_what_becomes_of_them() -> None:
    found = {"orphan": {"count": 3, "bytes": 2_500_000, "examples": ["proxy/a"]}}
    told = {"compared": {"objects": 9, "renditions": 6}, "found": found, "apply": False}
    console = Terminal()
    print_findings(told, console)
    assert "3  objects that no file uses  2 MB" in console.text
    assert "Nothing was changed" in console.text
    console = Terminal()
    print_findings({**told, "apply": True}, console)
    assert "are removed  proxy/a" in console.text
    assert "Nothing was changed" not in console.text


@pytest.mark.connected
class TestCommands:
    @pytest.fixture
    async def env(
        self, platform: Platform, settings: PlatformSettings, stream: JetStreamContext, tmp_path: Path
    ) -> AsyncIterator[dict[str, str]]:
        nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
        async with served(platform, nats) as client:
            yield environment_at(client, tmp_path)

    async def test_a_batch_from_its_beginning_to_its_retry(
        self, platform: Platform, database: Database, env: dict[str, str]
    ) -> None:
        async def run(*words: str) -> "subprocess.CompletedProcess[str]":
            return await asyncio.to_thread(spillway, "batch", *words, env=env)

        async with database.transaction() as connection:
            film = await file_at(connection, "/nas/films/pump.mp4", transcribe="failed")
            await file_at(connection, "/nas/other/pond.mp4", transcribe="failed")
        ran = await run("transcribe", "/nas/films", "--option", "language=de", "--urgent")
        assert "1 videos" in ran.stdout, ran.stderr
        [begun] = answer_of(await run("list", "--json"))["batches"]
        job_id = begun["job_id"]
        await on_batch_requested(BatchRequested(job_id=job_id), platform)
        [asked] = await asked_for(database, job_id)
        assert (asked.file_id, asked.body["options"], asked.body["priority"]) == (film, {"language": "de"}, "interactive")

        watching = asyncio.create_task(run("status", job_id, "--wait", "--json"))
        async with database.transaction() as connection:
            await stages.settle(connection, about(film, run_id=job_id), Stage.TRANSCRIBE, StageState.FAILED, "No model.")
        assert answer_of(await watching)["state"] == "done"
        assert "No model." in (await run("status", job_id)).stdout
        again = answer_of(await run("retry", job_id, "--json"))
        assert again["total_files"] == 1
        assert (await run("cancel", again["job_id"])).returncode == 0
        assert answer_of(await run("status", again["job_id"], "--json"))["state"] == "cancelled"
        assert "ended already" in (await run("cancel", job_id)).stderr
        one = answer_of(await run("proxy", "/nas/films/pump.mp4", "--force", "--json"))
        assert one["total_files"] == 1
        assert "leave out the options" in (await run("proxy", "/nas/films/pump.mp4", "--kind", "video")).stderr

    async def test_a_comparison(self, platform: Platform, database: Database, env: dict[str, str]) -> None:
        ran = asyncio.create_task(asyncio.to_thread(spillway, "reconcile", "--json", env=env))
        job: list[Any] = []

        async def asked() -> bool:
            async with database.connection() as connection:
                cursor = await connection.execute("SELECT id FROM jobs WHERE kind = 'reconcile'")
                job[:] = await cursor.fetchall()
            return bool(job)

        await until_so(asked, within=30)
        await on_reconcile_requested(ReconcileRequested(job_id=job[0][0]), platform)
        told = answer_of(await ran)
        assert told["state"] in {"reported", "done"}
        assert told["compared"]["renditions"] == 0
