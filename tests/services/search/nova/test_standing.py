"""How far an analysis is, in a word and in per cent; which model a request means."""

from typing import Any

import pytest

from services.search.nova.choosing import chosen, pinned, require_path
from services.search.nova.standing import Standing, current_chunk, percent, word
from shared.analyses import AnalysisOptions
from shared.batch_requests import BatchRequest
from shared.contracts import Kind
from shared.errors import Invalid
from shared.selection import Filter


def standing(job: str = "running", total: int = 4, **told: Any) -> Standing:
    counts = dict.fromkeys(("done", "skipped", "failed", "running", "waiting", "working"), 0)
    return Standing(job=job, total=total, parts=told.pop("parts", 0.0), **{**counts, **told})


@pytest.mark.parametrize(
    ("job", "told", "said"),
    [
        ("pending", {}, "pending"),
        ("running", {}, "pending"),
        ("running", {"running": 1, "waiting": 3}, "running"),
        ("running", {"waiting": 1}, "waiting"),
        ("running", {"waiting": 1, "working": 1}, "waiting"),
        ("running", {"waiting": 1, "working": 2}, "running"),
        ("running", {"done": 1}, "running"),
        ("done", {"done": 3, "failed": 1}, "done"),
        ("done", {"failed": 1, "skipped": 3}, "failed"),
        ("done", {"skipped": 4}, "cancelled"),
        ("done", {"total": 0}, "done"),
        ("failed", {"done": 1}, "failed"),
        ("cancelled", {"running": 1}, "cancelled"),
    ],
)
def test_a_job_is_told_in_one_word(job: str, told: dict[str, Any], said: str) -> None:
    assert word(standing(job, **told)) == said


@pytest.mark.parametrize(
    ("job", "told", "share"),
    [
        ("running", {}, 0.0),
        ("running", {"done": 1, "failed": 1, "parts": 0.5}, 62.5),
        ("running", {"done": 4}, 99.9),
        ("running", {"total": 0}, 0.0),
        ("done", {"skipped": 4}, 100.0),
        ("cancelled", {"done": 1}, 25.0),
    ],
)
def test_parts_of_a_long_video_count(job: str, told: dict[str, Any], share: float) -> None:
    assert percent(standing(job, **told)) == share


def test_chunks_are_counted_from_one_to_the_last() -> None:
    assert [current_chunk(done, 3) for done in (0, 2, 3)] == [1, 3, 3]
    assert current_chunk(0, None) is None


def test_a_model_is_meant_by_name_or_by_the_analyst_s_setting() -> None:
    named, none = AnalysisOptions(model="lite"), AnalysisOptions()
    assert chosen(named, analyst="local", default="2-lite") == "lite"
    assert chosen(none, analyst="local", default="2-lite") == "local"
    assert chosen(none, analyst="bedrock", default="2-lite") == "2-lite"


def test_what_was_priced_is_what_is_asked() -> None:
    options = AnalysisOptions(language="de")
    request = pinned(BatchRequest(filter=Filter(), options=options.given()), options, "2-lite", requested_by="ada")
    assert request.options == {"language": "de", "model": "2-lite", "requested_by": "ada"}
    assert (request.force, request.unanswered) == (True, True)
    forced = pinned(BatchRequest(filter=Filter(), force=True), options, "2-lite", requested_by="ada")
    assert (forced.force, forced.unanswered) == (True, None)


def test_a_file_of_another_kind_has_a_path_of_its_own() -> None:
    require_path("/api/nova/analyze", [Kind.VIDEO, Kind.AUDIO])
    with pytest.raises(Invalid, match="is an image; ask POST /api/nova/image/analyze"):
        require_path("/api/nova/analyze", [Kind.VIDEO, Kind.IMAGE])
