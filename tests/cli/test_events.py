"""`./spillway events …`, in words and against a running gateway."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nats.js import JetStreamContext

from cli.event_choice import chosen, moment, places
from cli.event_following import last_place, parsed
from cli.event_report import line_of, print_events, print_letters, print_replay, print_resent
from cli.events import agreed, wanted_of
from shared import bus, topology
from shared.contracts import FileIngested, Kind, ProxyReady, Stage, TranscriptSkipped
from shared.database import Database
from shared.errors import Invalid
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.asking import file_at, job_of
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.delivering import publish, reacting, settled, working
from tests.support.gateway import gateway
from tests.support.library import about, stage_of
from tests.support.replaying import Repaired, added, publish_waiting, tell
from tests.support.serving import served
from tests.support.terminal import Terminal

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def test_times_are_given_in_full_or_as_so_long_ago() -> None:
    assert moment("90m", NOW) == "2026-08-01T10:30:00+00:00"
    assert moment("7d", NOW) == "2026-07-25T12:00:00+00:00"
    assert moment("2026-08-01T10:30+02:00", NOW) == datetime.fromisoformat("2026-08-01T08:30Z").astimezone().isoformat()
    assert datetime.fromisoformat(moment("2026-08-01", NOW)).tzinfo is not None
    for wrong in ("yesterday", "7y", "-1h", "999999w"):
        with pytest.raises(Invalid, match="is no time"):
            moment(wrong, NOW)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("7", {"first_sequence": 7, "last_sequence": 7}),
        ("7..20", {"first_sequence": 7, "last_sequence": 20}),
        ("7..", {"first_sequence": 7}),
        ("..20", {"last_sequence": 20}),
    ],
)
def test_a_range_may_be_open(text: str, ends: dict[str, int]) -> None:
    assert places(text) == ends


def test_what_is_no_range_is_refused() -> None:
    for wrong in ("", "..", "a..b", "1-2"):
        with pytest.raises(Invalid, match="range of the stream"):
            places(wrong)


def test_only_what_is_said_is_asked_for() -> None:
    assert chosen(NOW) == {}
    assert chosen(NOW, subject=["proxy.ready"], since="1h", sequence="7..") == {
        "subject": ["proxy.ready"],
        "since": "2026-08-01T11:00:00+00:00",
        "first_sequence": 7,
    }


def test_a_feed_is_read_event_by_event() -> None:
    lines = [": ping", "", "id: 7-ab", "event: proxy.ready", 'data: {"file_id": "f"}', "", "id:8", "event:x", "data:{}", ""]
    ended = ["event: stream.end", 'data: {"reason": "x"}', "", "id: 9", "event: cut"]
    assert list(parsed([*lines, *ended])) == [
        {"place": "7-ab", "subject": "proxy.ready", "file_id": "f"},
        {"place": "8", "subject": "x"},
    ]
    assert last_place([{"sequence": 3}, {"sequence": None}, {"sequence": 7}]) == "7"
    assert last_place([]) == "0"


REPLAY: dict[str, Any] = {
    "consumer": "proxy",
    "chosen": 3,
    "acts": {"rerun": 1, "send": 0, "nothing": 2},
    "events": [{"sequence": None, "subject": "file.ingested", "sentence": "Runs proxy of [a].mp4 again.", "act": "rerun"}],
    "untold": 2,
    "cost": None,
    "refused": "Too dear.",
    "applied": False,
    "job_id": None,
}


def test_events_are_listed_with_ids_that_can_be_copied() -> None:
    event = {"sequence": 84, "created_at": "2026-08-01T10:11:12+00:00", "subject": "proxy.ready", "path": "/films/[a].mp4"}
    console = Terminal(width=40)
    print_events([{**event, "id": "899aadee-5732-5c7f-884e-7a47d4175aa1", "key": ""}], console)
    lines = console.text.splitlines()
    assert lines[0].endswith("proxy.ready  /films/[a].mp4")
    assert lines[1].strip() == "899aadee-5732-5c7f-884e-7a47d4175aa1"


def test_a_replay_is_told_event_by_event_and_in_sum() -> None:
    console = Terminal()
    print_replay(REPLAY, console)
    assert console.text.splitlines() == [
        "- file.ingested: Runs proxy of [a].mp4 again.",
        "and 2 more",
        "",
        "3 events for proxy: 1 run again, 2 left as they are",
        "Too dear.",
        "Nothing was changed.",
    ]
    console = Terminal()
    print_replay({**REPLAY, "applied": True, "refused": None, "job_id": "7"}, console)
    assert console.text.splitlines()[-1] == "Job 7; `./spillway batch status 7` says how far it is."


def test_letters_are_told_with_their_reasons() -> None:
    letter = {
        "id": 3,
        "buried_at": "2026-08-01T10:11:12.345+00:00",
        "consumer": "proxy",
        "state": "dead",
        "edited": True,
        "path": None,
        "address": "file.ingested.f",
        "error": "It is [damaged].",
    }
    counted = {"consumer": "proxy", "error_type": "BadMedia", "letters": 4, "dead": 1}
    console = Terminal()
    print_letters({"letters": [letter], "counts": [counted]}, console)
    assert console.text.splitlines()[1].split("  ")[0].strip() == "3"
    assert "dead, edited" in console.text
    assert "It is [damaged]." in console.text
    assert "proxy, BadMedia: 4, of which 1 wait" in console.text
    console = Terminal()
    resent = {"letters": [{"id": 3, "sentence": "Gone.", "act": "nothing"}], "acts": {"nothing": 1}, "costs": []}
    print_resent({**resent, "refused": None, "applied": True}, console)
    assert console.text == "3: Gone.\n\n1 left as they are\n"


def test_an_event_of_the_feed_is_one_line() -> None:
    told = {"place": "7", "subject": "proxy.ready", "time": "2026-08-01T10:11:12.345", "file_id": "f", "data": {"revision": 2}}
    assert line_of(told).plain == '7 2026-08-01T10:11:12 proxy.ready f {"revision": 2}'


def test_nothing_is_paid_for_unless_somebody_agrees() -> None:
    told: list[str] = []
    assert agreed([], lambda: told.append("asked"), yes=False)
    assert agreed([{"usd_high": 0.0}], lambda: told.append("asked"), yes=False)
    assert agreed([{"usd_high": 0.5}], lambda: told.append("asked"), yes=True)
    with pytest.raises(Invalid, match="--yes"):
        agreed([{"usd_high": 0.0}, {"usd_high": 0.5}], lambda: told.append("asked"), yes=False)
    assert told == []


def test_letters_are_meant_in_one_way() -> None:
    assert wanted_of([7, 8], {}, everything=False) == {"ids": [7, 8]}
    assert wanted_of(None, {"consumer": "proxy"}, everything=True) == {"consumer": "proxy"}
    ways: list[tuple[list[int] | None, dict[str, str], bool]] = [
        (None, {}, False),
        (None, {"consumer": "proxy"}, False),
        (None, {}, True),
        ([7], {}, True),
        ([7], {"consumer": "proxy"}, False),
    ]
    for letters, chosen_by, everything in ways:
        with pytest.raises(Invalid, match="etters"):
            wanted_of(letters, chosen_by, everything=everything)


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

    @pytest.fixture
    async def film(
        self, settings: PlatformSettings, platform: Platform, database: Database, stream: JetStreamContext
    ) -> FileIngested:
        """A film whose proxies could not be made."""
        event = await added(database)
        await tell(database, event)
        await publish_waiting(database, stream)
        async with working(settings, database, stream, reacting(topology.PROXY, Repaired(platform))):
            await settled(stream, topology.PROXY.durable)
        return event

    async def test_the_log(self, env: dict[str, str], film: FileIngested) -> None:
        run = running(env)
        listed = answer_of(await run("ls", "--file", film.path, "--sequence", "1..", "--since", "1h", "--oldest", "--json"))
        assert [event["subject"] for event in listed["events"]] == ["file.ingested"]
        assert "file.ingested" in (await run("ls", "--subject", "file.ingested")).stdout
        assert "no such event" in (await run("ls", "--job", str(uuid4()))).stdout
        shown = answer_of(await run("show", str(film.id), "--json"))
        assert [taker["dead_letter"] for taker in shown["consumers"]] == [1]
        assert "Given up: dead letter 1." in (await run("show", str(film.id))).stdout
        refused = await run("ls", "--subject", "proxy")
        assert (refused.returncode, "no subject" in refused.stderr) == (1, True)

    async def test_a_replay(self, env: dict[str, str], database: Database, film: FileIngested) -> None:
        run = running(env)
        ask = ("replay", "--to", "proxy", "--file", film.path)
        foreseen = answer_of(await run(*ask, "--dry-run", "--json"))
        assert (foreseen["applied"], foreseen["acts"]["rerun"], foreseen["job_id"]) == (False, 1, None)
        assert "Nothing was changed." in (await run(*ask, "--dry-run")).stdout
        done = answer_of(await run(*ask, "--json"))
        assert (await job_of(database, done["job_id"])).kind == "proxy"

    async def test_a_replay_of_analyses_tells_its_price(self, env: dict[str, str], database: Database) -> None:
        async with database.transaction() as connection:
            film = await file_at(connection, "/nas/film.mp4")
        await tell(database, TranscriptSkipped(**about(film).model_dump(exclude={"run_id"}), reason="Nobody speaks."))
        ran = await running(env)("replay", "--to", "analyse", "--file", str(film))
        assert "Runs analyse of film.mp4 again" in ran.stdout, ran.stderr
        assert "by local, $0.00" in ran.stdout
        assert "batch status" in ran.stdout

    async def test_dead_letters(self, env: dict[str, str], database: Database, film: FileIngested, tmp_path: Path) -> None:
        run = running(env)
        assert len(answer_of(await run("dead", "--consumer", "proxy", "--json"))["letters"]) == 1
        assert "It is damaged" in (await run("dead")).stdout
        assert "Sending it again: Runs proxy" in (await run("dead", "1")).stdout
        assert "which letters" in (await run("resend")).stderr
        assert "of which letters" in (await run("resend", "--all")).stderr.lower()
        edit = tmp_path / "edit.json"
        edit.write_text(json.dumps({**film.model_dump(mode="json"), "size": 2}))
        tried = answer_of(await run("resend", "1", "--edit", str(edit), "--dry-run", "--json"))
        assert (tried["edited_body"]["size"], tried["resend"]["act"]) == (2, "rerun")
        assert (await stage_of(database, film.file_id, Stage.PROXY)).state == "failed"
        done = answer_of(await run("resend", "1", "--edit", str(edit), "--json"))
        assert done["letters"][0]["event_id"]
        assert (await stage_of(database, film.file_id, Stage.PROXY)).state == "pending"
        assert "no such dead letters" in (await run("dead")).stdout
        assert "no letters" in (await run("resend", "--all", "--consumer", "proxy", "--since", "1h")).stdout
        assert "waits for proxy already" in (await run("resend", "1", "--dry-run")).stdout

    async def test_the_feed_is_followed_over_a_restart(
        self, http: httpx.AsyncClient, stream: JetStreamContext, tmp_path: Path
    ) -> None:
        async with gateway(str(http.base_url)) as way:
            env = {**environment_at(http, tmp_path), "SPILLWAY_URL": way.url.rstrip("/")}
            words = [sys.executable, "-m", "cli", "events", "tail", "--subject", "proxy.ready", "--json"]
            command = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
            assert command.stdout is not None
            assert command.stderr is not None
            try:
                events = [ready() for _ in range(3)]
                await publish(stream, events[0], FileIngested.model_validate({**BODY, "file_id": uuid4()}))
                async with asyncio.timeout(60):
                    told = [json.loads(await command.stdout.readline())]
                    await way.shut()
                    assert b"is away" in await command.stderr.readline()
                    await publish(stream, *events[1:])
                    await way.open()
                    told += [json.loads(await command.stdout.readline()) for _ in range(2)]
            finally:
                command.kill()
                await command.wait()
        assert [one["file_id"] for one in told] == [str(event.file_id) for event in events]


BODY = {"revision": 1, "kind": "video", "path": "/a.mp4", "size": 1, "fingerprint": "00"}


def ready() -> ProxyReady:
    return ProxyReady(file_id=uuid4(), revision=1, kind=Kind.VIDEO, renditions={}, has_speech_track=True)


def running(env: dict[str, str]) -> Any:
    async def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(spillway, "events", *words, env=env)

    return run
