"""What makes questions the same."""

import json
from typing import Any

import pytest

from services.nova.chunking.plan import Chunk
from services.nova.questions import question_parts
from services.nova.requests import SAMPLING
from shared.analyses import AnalysisType, Depth

BASE: dict[str, Any] = {
    "fingerprint": "c0ffee",
    "types": (AnalysisType.SUMMARY, AnalysisType.CHAPTERS),
    "model": "2-lite",
    "model_id": "us.amazon.nova-2-lite-v1:0",
    "prompt_version": "nova-1",
    "taxonomy": ("waterfall", 1),
    "chunk": Chunk(1, 0.0, 900.0),
}


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "decaf"},
        {"types": (AnalysisType.SUMMARY,)},
        {"model": "lite"},
        {"model_id": "amazon.nova-lite-v1:0"},
        {"prompt_version": "nova-2"},
        {"taxonomy": ("waterfall", 2)},
        {"taxonomy": ("landscape", 1)},
        {"chunk": Chunk(1, 0.0, 899.999)},
        {"chunk": Chunk(1, 0.001, 900.0)},
        {"chunk": None},
        {"depth": Depth.BRIEF},
        {"language": "de"},
        {"purpose": "repair"},
        {"text": "an answer that is to be mended"},
        {"text": ""},
    ],
)
def test_another_question_has_other_parts(change: dict[str, Any]) -> None:
    assert question_parts(**BASE | change) != question_parts(**BASE)


@pytest.mark.parametrize(
    "change",
    [
        {"types": [AnalysisType.CHAPTERS, AnalysisType.SUMMARY, AnalysisType.SUMMARY]},
        {"chunk": Chunk(2, 0.0, 900.0)},
        {"chunk": Chunk(1, 0.0000001, 900.0000001)},
    ],
)
def test_the_same_question_has_the_same_parts(change: dict[str, Any]) -> None:
    assert question_parts(**BASE | change) == question_parts(**BASE)


def test_parts_are_plain_values_and_hold_the_sampling_but_no_text() -> None:
    parts = question_parts(**BASE, text="secret words", depth=Depth.DETAILED)
    written = json.dumps(parts)
    assert json.loads(written) == parts
    assert parts["sampling"] == dict(SAMPLING)
    assert parts["chunk"] == [0, 900_000]
    assert "secret" not in written


def test_text_that_is_no_unicode_is_a_text_as_well() -> None:
    half = question_parts(**BASE, text="\ud83c")
    assert half["text"] not in (None, question_parts(**BASE, text="?")["text"])
