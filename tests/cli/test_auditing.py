"""`./spillway audit …`, in words and against a running gateway."""

import asyncio
import csv
import json
import subprocess
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.js import JetStreamContext

from cli.audit_report import print_entries, print_entry
from cli.auditing import wanted_of
from shared import bus
from shared.errors import Invalid
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.serving import served
from tests.support.terminal import Terminal

ENTRY: dict[str, Any] = {
    "id": 7,
    "at": "2026-08-01T10:11:12.3+00:00",
    "actor": "ada",
    "means": "key",
    "means_id": "899aadee",
    "method": "POST",
    "route": "/api/batch/{action}",
    "path_params": {"action": "nova"},
    "query": {},
    "body": {"force": True, "key": "(taken out)"},
    "body_bytes": 40,
    "body_sha256": None,
    "noted": {"job_id": "5", "usd_high": 1.5},
    "request_id": "r-1",
    "address": "127.0.0.1",
    "user_agent": "[curl]",
    "status": 202,
    "outcome": "done",
    "ended_at": "2026-08-01T10:11:13+00:00",
    "times": 1,
}


def test_entries_are_listed_in_lines() -> None:
    console = Terminal(width=40)
    unknown = {**ENTRY, "noted": {}, "status": None, "outcome": "unknown"}
    print_entries([ENTRY, unknown, {**ENTRY, "noted": {}, "times": 3, "status": 401, "outcome": "refused"}], console)
    assert console.text.splitlines() == [
        "       7  2026-08-01T10:11:12  ada  POST /api/batch/nova  done (202)",
        "          job_id 5  usd_high 1.5",
        "       7  2026-08-01T10:11:12  ada  POST /api/batch/nova  unknown outcome",
        "       7  2026-08-01T10:11:12  ada  POST /api/batch/nova  refused (401) 3 times",
    ]
    console = Terminal()
    print_entries([], console)
    assert console.text == "The audit log has no such entry.\n"


def test_one_is_told_in_full() -> None:
    console = Terminal()
    print_entry(ENTRY, console)
    assert "by      key 899aadee" in console.text
    assert "with    [curl]" in console.text
    assert '"key": "(taken out)"' in console.text
    console = Terminal()
    print_entry({**ENTRY, "body": None, "body_bytes": 5000, "body_sha256": "ab12"}, console)
    assert "body    5,000 bytes, SHA-256 ab12" in console.text


def test_only_what_is_said_is_asked_for() -> None:
    assert wanted_of(since=None, until=None, actor="ada", route=None) == {"actor": "ada"}
    assert set(wanted_of(since="2h", until="1h")) == {"since", "until"}
    with pytest.raises(Invalid, match="is no time"):
        wanted_of(since="yesterday", until=None)


@pytest.fixture
async def http(platform: Platform, settings: PlatformSettings, stream: JetStreamContext) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running gateway."""
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield client


async def test_the_log_is_listed_shown_and_exported(http: httpx.AsyncClient, tmp_path: Path) -> None:
    accepted = (await http.post("/api/batch/proxy", json={"filter": {}})).json()
    await http.post("/api/watches", json={"path": "nowhere"})
    env = environment_at(http, tmp_path)

    async def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(partial(spillway, "audit", *words, env=env))

    listed = answer_of(await run("ls", "--actor", "admin", "--since", "1h", "--json"))["entries"]
    assert [(entry["route"], entry["outcome"]) for entry in listed] == [
        ("/api/watches", "refused"),
        ("/api/batch/{action}", "done"),
    ]
    assert "/api/batch/proxy  done (202)" in (await run("ls", "--about", accepted["job_id"])).stdout
    shown = answer_of(await run("show", str(listed[0]["id"]), "--json"))
    assert shown["body"] == {"path": "nowhere"}
    assert "/api/watches  refused (422)" in (await run("show", str(listed[0]["id"]))).stdout
    written = tmp_path / "log.csv"
    assert "Wrote" in (await run("export", str(written), "--outcome", "refused")).stderr
    [row] = csv.DictReader(written.read_text(encoding="utf-8").splitlines())
    assert (row["route"], row["status"]) == ("/api/watches", "422")
    lines = (await run("export", "-")).stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [entry["id"] for entry in listed]
