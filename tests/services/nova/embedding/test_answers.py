"""What Bedrock writes into a bucket about the segments of a video."""

import json
from typing import Any

import pytest

from services.nova.embedding.answers import Unseen, file_of_pictures, segments
from shared.embedding_requests import UnfitVector


def result(**told: Any) -> bytes:
    return json.dumps({"embeddingResults": [{"embeddingType": "AUDIO", "outputFileUri": "s3://b/a"}, told]}).encode()


def lines(*told: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, told)).encode()


def line(start: float, **others: Any) -> dict[str, Any]:
    return {"embedding": [3, 4], "segmentMetadata": {"segmentStartSeconds": start, "segmentEndSeconds": start + 5}, **others}


def test_the_file_with_the_pictures_is_found() -> None:
    assert file_of_pictures(result(embeddingType="VIDEO", status="PARTIAL_SUCCESS", outputFileUri="s3://b/v")) == "s3://b/v"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"{", "no JSON"),
        (b"[]", "names no file"),
        (result(embeddingType="IMAGE", outputFileUri="s3://b/v"), "names no file"),
        (result(embeddingType="VIDEO", status="FAILURE", failureReason="INVALID_CONTENT"), "INVALID_CONTENT"),
        (result(embeddingType="VIDEO", status="SUCCESS"), "does not say why"),
    ],
)
def test_a_result_without_pictures_is_told_of(written: bytes, why: str) -> None:
    with pytest.raises(Unseen, match=why):
        file_of_pictures(written)


def test_segments_are_in_order_and_without_those_that_failed() -> None:
    failed = {"status": "FAILURE", "failureReason": "RATE_LIMIT_EXCEEDED"}
    found = segments(lines(line(10, status="SUCCESS"), line(5, **failed), line(0)), 2)
    assert [(segment.start, segment.end) for segment in found] == [(0, 5), (10, 15)]
    assert found[0].vector.tolist() == pytest.approx([0.6, 0.8])


def test_nothing_but_failures_is_none_at_all() -> None:
    with pytest.raises(Unseen, match="every segment failed"):
        segments(lines(line(5, status="FAILURE")), 2)


def test_a_segment_of_no_time_is_of_no_use() -> None:
    with pytest.raises(UnfitVector, match="which seconds"):
        segments(lines({"embedding": [3, 4]}), 2)
