"""Footage goes through every service, and Nova looks at it; the Bedrock is ours, all else is as it is."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.bedrock import FakeBedrock, Fault, Trouble, fake_bedrock
from tests.support.commands import answer_of, spillway
from tests.support.media import run_ffmpeg, tiny_photo, tiny_video
from tests.support.world import World, world

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

PHOTOS = 20
LONG = 2400


class Crew:
    """A running installation whose analyst is Nova, and the command line beside it."""

    def __init__(self, running: World, bedrock: FakeBedrock, folder: Path) -> None:
        self._env = running.environment(folder / "client")
        self._database = running.settings.database_url.get_secret_value()
        self.bedrock = bedrock

    def say(self, *words: str) -> Any:
        return answer_of(self.run(*words, "--json"))

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return spillway(*words, env=self._env)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._database) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("crew")
    with fake_bedrock() as bedrock:
        asked = {**bedrock.environment, "SPILLWAY_ANALYST": "bedrock", "SPILLWAY_NOVA_MODEL": "lite"}
        with world(folder, environment=asked) as running:
            yield Crew(running, bedrock, folder)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty minutes, ten seconds, an AVI, a silent clip and twenty photos."""
    folder = tmp_path_factory.mktemp("Smith Residence")
    picture = f"testsrc=size=64x48:rate=5:duration={LONG}"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", folder / "long.mp4")
    tiny_video(folder / "short.mp4", seconds=10.0)
    tiny_video(folder / "old.avi", seconds=4.0)
    tiny_video(folder / "silent.mp4", seconds=3.0, sound=False)
    for number in range(PHOTOS):
        tiny_photo(folder / f"photo_{number:02d}.jpg", colour=f"#{number * 12:02x}8040")
    return folder


def test_everything_is_looked_at_and_paid_for_once(crew: Crew, footage: Path) -> None:
    crew.say("ingest", str(footage), "--wait")
    analysed = dict(crew.ask("SELECT path, analyses.model FROM analyses JOIN files ON files.id = file_id"))
    assert Counter(analysed.values()) == {"lite": PHOTOS + 4}
    # One call for each, but three chunks and one summary of them for the long one.
    assert Counter(crew.ask("SELECT purpose FROM model_calls WHERE state = 'answered'")) == {
        ("analysis",): PHOTOS + 3 + 3,
        ("merge",): 1,
    }
    assert len(crew.bedrock.billed) == PHOTOS + 7
    [(usd,)] = crew.ask("SELECT sum(usd) FROM model_calls")
    assert usd > 0


def test_results_say_what_they_rest_on(crew: Crew, footage: Path) -> None:
    told = crew.say("nova", "analyze", str(footage / "long.mp4"), "--model", "lite", "--wait", "--yes")
    assert (told["chapters"][0]["start"], told["chapters"][-1]["end"]) == (0.0, float(LONG))
    assert {"model", "version", "run_id"} <= told["made"]["chapters"].keys()
    assert all(chapter["evidence"] and "confidence" in chapter for chapter in told["chapters"])


def test_asked_again_nothing_is_paid(crew: Crew, footage: Path) -> None:
    before = len(crew.bedrock.billed)
    told = crew.say("nova", "analyze", str(footage / "short.mp4"), "--model", "lite", "--wait", "--yes")
    assert len(crew.bedrock.billed) == before
    assert (told["cost"]["usd"], told["cost"]["cached"]) == (0, True)
    assert told["cost"]["usd_saved_by_cache"] > 0


def test_an_analysis_that_fails_says_why(crew: Crew, footage: Path) -> None:
    crew.bedrock.script(Fault(Trouble.CONTENT_FILTERED))
    failed = crew.run("nova", "analyze", str(footage / "silent.mp4"), "--model", "pro", "--wait", "--yes", "--json")
    assert failed.returncode == 1
    assert "content filter withheld" in json.loads(failed.stdout)["error"]


def test_a_budget_refuses_and_is_named(crew: Crew, footage: Path) -> None:
    before = len(crew.bedrock.calls)
    crew.say("nova", "budget", "set", "pennies", "--usd", "0.0001", "--period", "day")
    refused = crew.run("nova", "analyze", str(footage / "short.mp4"), "--model", "pro", "--yes")
    assert refused.returncode == 1
    assert "pennies" in refused.stderr
    assert len(crew.bedrock.calls) == before
