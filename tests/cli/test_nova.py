"""`./spillway nova …`, in words and against a running gateway."""

import asyncio
import io
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from nats.js import JetStreamContext

from cli.nova_asking import listed, wanted_of
from cli.nova_money_report import money, print_budgets, print_estimate, print_usage, spread
from cli.nova_report import line_of, print_models, print_result, print_results, print_status
from cli.nova_stale import print_stale
from services.ingest.batches.handlers import on_batch_requested
from shared import bus, stages
from shared.contracts import BatchRequested, Stage, StageState
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.analysed import add_analysis, add_call, add_run, result
from tests.support.asking import asked_for, file_at
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.library import about, count
from tests.support.serving import served
from tests.support.terminal import Terminal
from tests.support.waiting import until_so

STATUS: dict[str, Any] = {
    "status": "waiting",
    "progress_percent": 25.0,
    "current_chunk": 2,
    "total_chunks": 4,
    "waiting_for": "It is [throttled].",
    "cost": {"usd": 0.0123},
    "files": {"total": 3, "done": 1, "failed": 1, "skipped": 0, "pending": 1},
    "error": None,
}
ESTIMATE: dict[str, Any] = {
    "model": "2-lite",
    "files": 2,
    "usd_low": 0.01234,
    "usd_high": 0.5,
    "input_tokens": 172800,
    "output_tokens_low": 300,
    "output_tokens_high": 1400,
    "seconds_low": 12.0,
    "seconds_high": 95.0,
    "prices_as_of": "2026-11-20",
    "notes": ["A [note]."],
    "budgets": [
        {"name": "daily", "period": "day", "left": 1.0, "left_after": 0.5, "enough": True},
        {"name": "tight", "period": "month", "left": 0.1, "left_after": -0.4, "enough": False},
    ],
}
SPENT = {"key": "2026-08-01", "calls": 2, "input_tokens": 1800, "output_tokens": 600, "usd": 0.26}


def found(**told: Any) -> dict[str, Any]:
    """A result as the gateway tells it."""
    cost = {"usd": 0.0123, "cached": False, "usd_saved_by_cache": 0.0, "calls": [1]}
    known = {"path": "/a/[film].mp4", "status": "done", "error": None, "prompt_version": "nova-1", "cost": cost}
    return {**result(), **known, **told}


@pytest.mark.parametrize(
    ("usd", "told"),
    [(0, "$0.00"), (0.0123, "$0.0123"), (0.00001, "$0.000010"), (1.5, "$1.5000"), (1234.5, "$1,234.50")],
)
def test_money_is_told_to_the_digit_that_says_something(usd: float, told: str) -> None:
    assert money(usd) == told


def test_a_range_that_is_none_is_one_number() -> None:
    assert (spread(0.5, 0.5), spread(0.1, 0.5)) == ("$0.5000", "$0.1000 to $0.5000")


def test_only_what_was_given_is_asked_for() -> None:
    assert wanted_of(model=None, types=None, depth=None, language=None, combined=True) == {"options": {}}
    given = wanted_of(model="lite", types="summary, classification,", depth="brief", language="de", combined=False, fresh=True)
    assert given == {
        "model": "lite",
        "analysis_types": ["summary", "waterfall_classification"],
        "options": {"summary_depth": "brief", "language": "de", "combined": False, "fresh": True},
    }
    assert listed(" , ") == []


def test_an_estimate_tells_what_it_rests_on_and_what_budgets_have_left() -> None:
    console = Terminal()
    print_estimate(ESTIMATE, console)
    assert console.text.splitlines() == [
        "2-lite, 2 files: $0.0123 to $0.5000",
        "  172,800 tokens in, 300 to 1,400 out",
        "  12 s to 1 min 35 s; by prices of 2026-11-20",
        "  A [note].",
        "  budget daily: $1.0000 left this day, $0.5000 after it",
        "  budget tight: $0.1000 left this month, which is too little",
    ]


def test_a_status_is_one_line() -> None:
    assert line_of(STATUS) == "waiting 25 %, part 2 of 4, $0.0123: It is [throttled]."
    assert line_of({**STATUS, "total_chunks": 1, "waiting_for": None}) == "waiting 25 %, $0.0123"
    console = Terminal()
    print_status({**STATUS, "error": "It [broke]."}, console)
    assert console.text.splitlines()[1:] == ["3 files: 1 done, 1 failed, 1 pending", "It [broke]."]


def test_a_result_is_told_as_people_read_it() -> None:
    console = Terminal()
    print_result(found(), console)
    lines = console.text.splitlines()
    assert lines[0] == "/a/[film].mp4  done"
    assert "A pump is set into a vault." in lines
    assert "00:00-01:01  Digging  A hole." in lines
    assert "pump (equipment)" in lines
    assert "tier level: Unknown (Nothing shows its size.)" in lines
    assert "family: Genesis Natural (80% sure)" in lines
    assert lines[-1] == "2-lite, prompts nova-1; $0.0123 for 1 call"
    console = Terminal()
    cached = {"usd": 0.0, "cached": True, "usd_saved_by_cache": 0.25, "calls": []}
    print_result(found(cost=cached, summary=None, elements=None), console)
    assert console.text.splitlines()[-1].endswith("so it cost nothing (it had cost $0.2500)")


def test_results_of_several_files_are_told_in_two_lines_each() -> None:
    console = Terminal()
    print_results({"files": [found(), found(summary=None, error="It [broke].")], "next_cursor": "x"}, console)
    lines = console.text.splitlines()
    assert lines[:2] == ["/a/[film].mp4  done, $0.0123", "    A pump goes in."]
    assert lines[3] == "    It [broke]."
    assert "nova export" in lines[-1]


def test_models_say_why_they_cannot_be_asked() -> None:
    model = {
        "key": "2-lite",
        "name": "Nova 2 Lite",
        "usable": True,
        "default": True,
        "modalities": ["image", "text"],
        "context_tokens": 1000000,
        "price": {"input": "0.33", "output": "2.75"},
        "why_not": None,
    }
    retired = {**model, "key": "premier", "usable": False, "default": False, "price": None, "why_not": "It was [retired]."}
    told = {"models": [model, retired], "prices_as_of": "2026-11-20", "scope": "us", "tier": "standard", "local": True}
    console = Terminal()
    print_models(told, console)
    assert "2-lite (default)" in console.text
    assert "0.33" in console.text
    assert "premier: It was [retired]." in console.text
    assert "rules over words, at no cost" in console.text


def test_budgets_and_usage_are_tables() -> None:
    console = Terminal()
    print_budgets([], console)
    assert "nothing limits" in console.text
    one = {
        "name": "daily",
        "requested_by": None,
        "usd": 5.0,
        "period": "day",
        "spent": 1.25,
        "reserved": 0.0,
        "left": 3.75,
        "enabled": False,
        "until": "2026-08-02T00:00:00+00:00",
    }
    console = Terminal()
    print_budgets([one], console)
    row = console.text.splitlines()[1].split("  ")
    assert [cell.strip() for cell in row if cell.strip()] == [
        *("daily (off)", "everybody", "$5.0000 a day", "$1.2500", "$0.00", "$3.7500"),
    ]
    console = Terminal()
    ratio = {"mean": 0.9, "lowest": 0.8, "highest": 1.0}
    told = {
        "since": "2026-08-01",
        "until": "2026-08-02",
        "total": SPENT,
        "by_day": [SPENT],
        "by_model": [],
        "by_analysis": [],
        "by_user": [],
        "estimates": {"input_tokens": ratio},
    }
    print_usage(told, console)
    assert "2026-08-01 to 2026-08-02: $0.2600 for 2 calls" in console.text
    assert "met to 90% (80% to 100%)" in console.text


def test_what_is_stale_is_told_with_the_price_of_renewing() -> None:
    told = {
        "total": 21,
        "analysed": 30,
        "renewable": 20,
        "model": "2-lite",
        "next_cursor": "x",
        "counts": {"prompt": 20, "model": 0, "local": 0, "transcript": 1},
        "meanings": {"prompt": "Older prompts.", "transcript": "Said anew.", "model": "", "local": ""},
        "renewal": {"usd_low": 0.1, "usd_high": 0.2},
        "files": [{"path": "/a/[x].mp4", "reasons": ["prompt"]}],
    }
    console = Terminal()
    print_stale(told, console)
    assert "20  Older prompts." in console.text
    assert "Renewing 20 with 2-lite costs $0.1000 to $0.2000" in console.text
    assert "/a/[x].mp4  (prompt)" in console.text
    assert "and 20 more" in console.text
    console = Terminal()
    print_stale({**told, "total": 0}, console)
    assert console.text == "Nothing is stale: all 30 analyses are as 2-lite would make them now.\n"


@pytest.mark.connected
class TestCommands:
    @pytest.fixture
    async def env(
        self,
        platform: Platform,
        settings: PlatformSettings,
        stream: JetStreamContext,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> AsyncIterator[dict[str, str]]:
        monkeypatch.setenv("SPILLWAY_ANALYST", "bedrock")
        nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
        async with served(platform, nats) as client:
            yield environment_at(client, tmp_path)

    async def test_an_analysis_from_its_price_to_its_export(
        self, platform: Platform, database: Database, env: dict[str, str], tmp_path: Path
    ) -> None:
        async def run(*words: str, said: str | None = None) -> "subprocess.CompletedProcess[str]":
            return await asyncio.to_thread(asked, "nova", *words, env=env, said=said)

        async with database.transaction() as connection:
            film = await file_at(connection, "/nas/films/pump.mp4", duration=600.0)
        priced = answer_of(await run("estimate", "/nas/films/pump.mp4", "--types", "summary", "--json"))
        assert (priced["files"], priced["usd_high"] > 0.05) == (1, True)
        assert "$" in (await run("estimate", "--seconds", "60")).stdout
        declined = await run("analyze", "films/pump.mp4", "--types", "summary", said="n\n")
        assert (declined.stdout.strip(), "Go on?" in declined.stderr) == ("Nothing was begun.", True)
        assert await count(database, "jobs") == 0
        assert "retired" in (await run("analyze", "pump.mp4", "--model", "premier", "--yes")).stderr

        waiting = asyncio.create_task(run("analyze", "pump.mp4", "--types", "summary", "--wait", "--yes"))
        job_id = await begun_in(database)
        await finish(platform, database, job_id, film)
        ran = await waiting
        assert "A pump goes in." in ran.stdout, ran.stderr
        assert "$0.2500 for 1 call" in ran.stdout
        assert (await run("status", str(job_id))).stdout.startswith("done 100 %")
        assert answer_of(await run("results", str(job_id), "--json"))["summary"] == result()["summary"]
        book = tmp_path / "out.xlsx"
        assert (await run("export", str(book), "--analysis", str(job_id))).returncode == 0
        assert "Chapters" in openpyxl.load_workbook(io.BytesIO(book.read_bytes())).sheetnames
        everything = answer_of(await run("export", "-", "--path", "/nas/films"))
        assert [one["path"] for one in everything["files"]] == ["/nas/films/pump.mp4"]
        assert "Nothing is stale" in (await run("stale")).stdout
        renewal = await run("stale", "--model", "lite", "--renew", "--json")
        assert answer_of(renewal)["total_files"] == 1

    async def test_budgets_are_set_shown_and_removed(self, database: Database, env: dict[str, str]) -> None:
        async def run(*words: str) -> "subprocess.CompletedProcess[str]":
            return await asyncio.to_thread(spillway, "nova", *words, env=env)

        async with database.transaction() as connection:
            await file_at(connection, "/nas/pump.mp4", duration=600.0)
        told = (await run("budget", "set", "daily", "--usd", "0.01", "--period", "day")).stdout
        assert told == "daily allows $0.0100 a day; $0.0100 are left.\n"
        refused = await run("analyze", "/nas/pump.mp4", "--yes")
        assert (refused.returncode, '"daily"' in refused.stderr) == (1, True)
        assert answer_of(await run("budget", "set", "daily", "--usd", "5", "--json"))["usd"] == 5.0
        assert [one["name"] for one in answer_of(await run("budget", "list", "--json"))["budgets"]] == ["daily"]
        assert (await run("budget", "remove", "daily")).returncode == 0
        assert "there are none" in (await run("budget", "remove", "daily")).stderr
        assert answer_of(await run("usage", "--json"))["total"]["calls"] == 0
        assert "2-lite (default)" in (await run("models")).stdout

    async def test_a_batch_tells_what_it_may_cost(self, database: Database, env: dict[str, str], platform: Platform) -> None:
        async with database.transaction() as connection:
            await file_at(connection, "/nas/pump.mp4", duration=60.0)
        ran = await asyncio.to_thread(spillway, "batch", "transcript-summary", env=env)
        assert ran.stdout.splitlines()[1] == "  by 2-lite, $0.00", ran.stderr
        ran = await asyncio.to_thread(spillway, "batch", "nova", "--option", "model=lite", env=env)
        assert ran.stdout.splitlines()[1].startswith("  by lite, $0.0"), ran.stderr


def asked(*words: str, env: dict[str, str], said: str | None) -> "subprocess.CompletedProcess[str]":
    """Run a command, and say something to it."""
    import sys

    command = [sys.executable, "-m", "cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, input=said)


async def begun_in(database: Database) -> UUID:
    """The id of the one job, once there is one."""
    job: list[Any] = []

    async def there() -> bool:
        async with database.connection() as connection:
            job[:] = await (await connection.execute("SELECT id FROM jobs")).fetchall()
        return bool(job)

    await until_so(there, within=30)
    return UUID(str(job[0][0]))


async def finish(platform: Platform, database: Database, job_id: UUID, film: UUID) -> None:
    """What the nova service does with a job about a film."""
    await on_batch_requested(BatchRequested(job_id=job_id), platform)
    [wanted] = await asked_for(database, job_id)
    assert wanted.body["options"]["analysis_types"] == ["summary"]
    async with database.transaction() as connection:
        run_id = await add_run(connection, film, job_id, analyses=("summary",))
        await add_analysis(connection, film, run_id)
        await add_call(connection, film, run_id, usd=0.25)
        await stages.settle(connection, about(film, run_id=job_id), Stage.ANALYSE, StageState.DONE)
