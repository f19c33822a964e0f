"""The main job: the sample folder goes in through the gateway, and searches find the moments where the words are spoken."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.demo.queries import SEARCHES
from tests.support.world import World, world

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def imported(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, list[dict[str, Any]]]]:
    with world(tmp_path_factory.mktemp("flow")) as everything:
        job_id = everything.gateway.import_path(samples)
        everything.finished(job_id, within=200)
        yield everything, everything.gateway.job_files(job_id)


def test_every_sample_is_done_or_skipped_for_a_stated_reason(
    imported: tuple[World, list[dict[str, Any]]], samples: Path
) -> None:
    _, files = imported
    media = {path for path in samples.rglob("*") if path.is_file()}
    assert {Path(file["path"]) for file in files} == media
    for file in files:
        assert file["stages"]["ingest"] in {"done", "skipped"}, file
        assert "failed" not in file["stages"].values(), file
        assert "pending" not in file["stages"].values(), file


@pytest.mark.parametrize(
    "search", json.loads(SEARCHES.read_text()) if SEARCHES.exists() else [], ids=lambda search: search["q"]
)
def test_searches_find_the_clip_at_the_right_time(
    imported: tuple[World, list[dict[str, Any]]], samples: Path, search: dict[str, Any]
) -> None:
    everything, _ = imported
    best = everything.gateway.search(search["q"], limit=3)["moments"][0]
    assert Path(best["path"]) == samples / search["path"]
    assert abs(best["start"] - search["start"]) <= 2.0
