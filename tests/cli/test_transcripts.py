"""`./spillway transcript …` against a running gateway."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from nats.js import JetStreamContext

from cli.transcripts import is_id, print_import, print_list, print_segments, the_one
from shared import bus
from shared.database import Database
from shared.errors import Invalid
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.footage import Footage, add_searchable
from tests.support.serving import served
from tests.support.terminal import Terminal

FILES = [
    {"id": "1", "path": "/films/Smith/pump.mp4"},
    {"id": "2", "path": "/films/Lopez/pump.mp4"},
    {"id": "3", "path": "D:\\films\\Lopez\\pond.mp4"},
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("/films/Smith/pump.mp4", "1"),
        ("Lopez/pump.mp4", "2"),
        ("pond.mp4", "3"),
        ("Lopez/pond.mp4", "3"),
        ("Lopez\\pond.mp4", "3"),
    ],
)
def test_a_file_is_found_by_the_end_of_its_path(wanted: str, found: str) -> None:
    assert the_one(wanted, FILES) == found


def test_what_is_not_there_or_could_be_several_is_told() -> None:
    with pytest.raises(Invalid, match=r"no file at ump\.mp4"):
        the_one("ump.mp4", FILES)
    with pytest.raises(Invalid, match=r"2 files .* give more of it:\n  /films/Smith/pump\.mp4\n  /films/Lopez/pump\.mp4"):
        the_one("pump.mp4", FILES)


def test_ids_are_no_paths() -> None:
    assert is_id(str(uuid4()))
    assert not is_id("pump.mp4")


SUMMARY: dict[str, Any] = {
    "id": "x",
    "model": "small",
    "source": "speech",
    "name": None,
    "task": "translate",
    "language": "de",
    "segment_count": 12,
    "doubtful_count": 3,
    "locked_count": 1,
    "created_at": "2026-08-01T10:11:12+00:00",
    "best": True,
    "chosen": False,
    "outdated": False,
}


def test_transcripts_are_listed_in_lines_that_fit_a_terminal() -> None:
    console = Terminal()
    imported = {**SUMMARY, "source": "import", "name": "[pump].srt", "best": False, "task": "transcribe", "segment_count": 1}
    print_list([SUMMARY, imported, {**SUMMARY, "chosen": True}], console)
    lines = console.text.splitlines()
    assert lines[:2] == ["x  best", "  small (translated), de: 12 segments, 3 doubtful, 1 edited, made 2026-08-01 10:11"]
    assert lines[2:4] == ["x", "  [pump].srt, de: 1 segment, 3 doubtful, 1 edited, made 2026-08-01 10:11"]
    assert lines[4] == "x  chosen"
    console = Terminal()
    print_list([], console)
    assert "no transcript" in console.text


def test_segments_tell_who_speaks_and_what_is_doubtful() -> None:
    console = Terminal()
    doubts = [{"kind": "repetition", "reason": "It says the same [four] times."}]
    print_segments([{"start": 61.0, "end": 62.5, "text": "Go [on].", "speaker": "Ada", "doubts": doubts}], console)
    assert console.text == "01:01-01:02  Ada: Go [on].  (It says the same [four] times.)\n"


def test_an_import_tells_what_is_odd() -> None:
    console = Terminal()
    told = {
        "created": False,
        "segment_count": 1,
        "transcript_id": "x",
        "language": "de",
        "best": True,
        "notes": ["1 cue is odd."],
    }
    print_import(told, "pump.srt", console)
    assert console.text == "pump.srt was already transcript x (1 segment, language de, the best one).\n  1 cue is odd.\n"


@pytest.mark.connected
class TestCommands:
    @pytest.fixture
    async def film(self, database: Database, tmp_path: Path) -> Footage:
        path = tmp_path / "films" / "pump.mp4"
        return await add_searchable(database, "The pump goes in.", "It runs.", path=str(path))

    @pytest.fixture
    async def env(
        self, platform: Platform, settings: PlatformSettings, stream: JetStreamContext, tmp_path: Path
    ) -> AsyncIterator[dict[str, str]]:
        nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
        async with served(platform, nats) as client:
            yield environment_at(client, tmp_path)

    async def test_subtitles_go_in_and_out(self, film: Footage, env: dict[str, str], tmp_path: Path) -> None:
        async def run(*words: str) -> "subprocess.CompletedProcess[str]":
            return await asyncio.to_thread(spillway, "transcript", *words, env=env)

        exported = tmp_path / "pump.de.srt"
        ran = await run("export", film.path, "-o", str(exported))
        assert ran.returncode == 0, ran.stderr
        assert exported.read_text() == (
            "1\n00:00:00,000 --> 00:00:04,000\nThe pump goes in.\n\n2\n00:00:06,000 --> 00:00:10,000\nIt runs.\n"
        )
        exported.write_text(exported.read_text().replace("It runs.", "Sie läuft."), encoding="utf-8")
        told = answer_of(await run("import", "films/pump.mp4", str(exported), "--json"))
        assert (told["created"], told["language"], told["notes"]) == (True, "de", [])
        listed = answer_of(await run("list", str(film.id), "--json"))["transcripts"]
        assert [(one["id"], one["best"]) for one in listed] == [(told["transcript_id"], True), (str(film.id), False)]
        shown = answer_of(await run("show", told["transcript_id"], "--json"))
        assert [segment["text"] for segment in shown["segments"]] == ["The pump goes in.", "Sie läuft."]
        assert "00:06-00:10  Sie läuft." in (await run("show", "pump.mp4")).stdout
        ran = await run("export", told["transcript_id"], "--format", "txt", "--timestamps")
        assert ran.stdout == "[00:00:00] The pump goes in.\n\n[00:00:06] Sie läuft.\n"

    async def test_what_is_not_there_is_told_in_a_sentence(self, film: Footage, env: dict[str, str]) -> None:
        for words in (("show", "pond.mp4"), ("export", str(uuid4())), ("list", str(uuid4()))):
            ran = await asyncio.to_thread(spillway, "transcript", *words, env=env)
            assert ran.returncode == 1
            assert ran.stderr.startswith("spillway: The")
