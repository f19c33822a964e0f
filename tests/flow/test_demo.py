"""The main job: the demo imports the samples, and its searches find the moments where the words are spoken."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.demo.queries import SEARCHES
from shared.contracts import Stage
from tests.support.commands import answer_of, environment, spillway

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]

EXPECTED: list[dict[str, Any]] = json.loads(SEARCHES.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return answer_of(spillway("demo", "--once", "--json", env=environment(tmp_path_factory.mktemp("demo"))))


def test_every_sample_is_done_or_skipped_for_a_stated_reason(demo: Any, samples: Path) -> None:
    assert {file["path"] for file in demo["files"]} == {str(path) for path in samples.rglob("*") if path.is_file()}
    for file in demo["files"]:
        assert list(file["stages"]) == list(Stage)
        assert file["error"] is None
        assert {stage: state for stage, state in file["stages"].items() if state != "done"} == dict.fromkeys(
            file["reasons"], "skipped"
        ), file


def test_only_files_without_speech_are_not_transcribed(demo: Any) -> None:
    skipped = {Path(file["path"]).name for file in demo["files"] if file["stages"]["transcribe"] == "skipped"}
    assert skipped == {"DSC_0142.jpg", "valley_view.heic", "DJI_0007.mp4", "site_plan.png", "IMG_2041.jpg", "IMG_2043.jpg"}


@pytest.mark.parametrize("number", range(len(EXPECTED)), ids=[search["q"] for search in EXPECTED])
def test_the_first_answer_is_the_right_clip_at_the_right_time(demo: Any, samples: Path, number: int) -> None:
    expected, answer = EXPECTED[number], demo["searches"][number]
    assert answer["q"] == expected["q"]
    best = answer["moments"][0]
    assert Path(best["path"]) == samples / expected["path"]
    assert abs(best["start"] - expected["start"]) <= 2.0
    assert best["end"] > best["start"]
    assert best["snippet"]


def test_folders_above_the_imported_one_are_not_taken_for_names(demo: Any) -> None:
    by_path = [moment for answer in demo["searches"] for moment in answer["moments"] if moment["field"] == "path"]
    assert by_path
    assert all(moment["snippet"].startswith("<mark>Smith</mark>") for moment in by_path)


def test_the_time_is_told(demo: Any) -> None:
    assert demo["seconds"] > 0
