import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nova.answering.objects import NoObject, first_object
from services.nova.answering.parsing import MOST_FAULTS, InvalidAnswer, parsed, parsed_sections
from shared.analyses import AnalysisType
from shared.contracts import Kind

GOOD: dict[str, Any] = {"summary": {"brief": {"text": "A grotto.", "evidence": [], "confidence": 0.9}}}
TEXT = json.dumps(GOOD)
DUE = ("summary",)


def faults(raw: str, due: tuple[str, ...] = DUE) -> tuple[str, ...]:
    with pytest.raises(InvalidAnswer) as error:
        parsed_sections(raw, due)
    assert str(error.value) == " ".join(error.value.faults)
    return error.value.faults


@pytest.mark.parametrize(
    "raw",
    [
        TEXT,
        f"\ufeff{TEXT}",
        f"```json\n{TEXT}\n```",
        f"```\n{TEXT}```",
        f"Here is the answer:\n{TEXT}\nI hope that it helps {{as asked}}.",
        f"With {{braces}} and [brackets]: {TEXT}",
        f"{TEXT}\n{TEXT}",
        f'{TEXT}{{"summary": 5}}',
        f'{{"note": "thinking"}} {TEXT}',
        f"{{}} {TEXT}",
        TEXT.replace("}", ",}").replace("]", "]"),
        TEXT.replace("[]", "[ ,\n]").replace("[ ,", "["),
        json.dumps({**GOOD, "extra": {"deep": [1, 2]}, "chapters": "not asked, so not looked at"}),
    ],
)
def test_what_surrounds_an_answer_is_passed_over(raw: str) -> None:
    answer = parsed_sections(raw, DUE)
    assert answer.summary is not None
    assert answer.summary.brief is not None
    assert answer.summary.brief.text == "A grotto."
    assert answer.chapters is None


def test_commas_within_texts_stay() -> None:
    raw = '{"summary": {"brief": {"text": "a ,} b \\" ,] c", "evidence": [],},},}'
    answer = parsed_sections(raw, DUE)
    assert answer.summary is not None
    assert answer.summary.brief is not None
    assert answer.summary.brief.text == 'a ,} b " ,] c'


def test_line_breaks_within_texts_are_read() -> None:
    answer = parsed_sections('{"summary": {"brief": {"text": "one\ntwo"}}}', DUE)
    assert answer.summary is not None
    assert answer.summary.brief is not None
    assert answer.summary.brief.text == "one\ntwo"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("", "There is no JSON object"),
        ("I cannot help with that.", "There is no JSON object"),
        (f"[{TEXT}]", "is a JSON array"),
        (f"```json\n[\n{TEXT}]\n```", "is a JSON array"),
        (TEXT[:-1], "breaks off"),
        (TEXT[:-20], "breaks off"),
        (TEXT[:25], "breaks off"),
        (f"```json\n{TEXT[:-2]}\n```", "breaks off"),
        ("{", "breaks off"),
        (TEXT.replace("0.9", "high"), "broken at line 1, column"),
        (TEXT.replace(":", "=", 1), "broken at line 1, column 11"),
        (TEXT.replace("0.9", "NaN"), "has NaN, which is no number"),
        (TEXT.replace("0.9", "-Infinity"), "has -Infinity, which is no number"),
        (TEXT.replace("0.9", "1e999"), "has 1e999, which is no number"),
        (TEXT.replace("0.9", "9" * 5000), "too many digits"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_object_is_refused_in_words(raw: str, told: str) -> None:
    assert told in faults(raw)[0]


def test_an_inner_object_of_a_broken_one_is_no_answer() -> None:
    inner = '{"summary": {"brief": {"text": "no"}}}'
    assert "breaks off" in faults(f'{{"answer": [{inner}, ')[0]


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({}, "summary is missing."),
        ({"summary": None}, "summary is missing."),
        ({"summary": {}}, "summary has to have at least one of brief, standard and detailed, not {}."),
        ({"summary": 5}, "summary has to be an object, not 5."),
        ({"summary": {"brief": {"confidence": 1}}}, "summary.brief.text is missing."),
        ({"summary": {"brief": {"text": ""}}}, "summary.brief.text must not be empty, not ''."),
        ({"summary": {"brief": {"text": []}}}, "summary.brief.text has to be a text, not []."),
        (
            {"summary": {"brief": {"text": "x", "evidence": [{"source": "sound", "phrase": "x"}]}}},
            "summary.brief.evidence[0].source has to be 'visual', 'transcript', 'filename', 'path' or 'exif', not 'sound'.",
        ),
        ({"summary": {"brief": {"text": "x", "confidence": 2}}}, "summary.brief.confidence has to be 1 or less, not 2."),
        ({"summary": {"brief": {"text": "x", "confidence": -1}}}, "summary.brief.confidence has to be 0 or more, not -1."),
        (
            {"summary": {"brief": {"text": "x", "confidence": "high"}}},
            "summary.brief.confidence has to be a number, not 'high'.",
        ),
        ({"summary": {"brief": {"text": "x", "confidence": []}}}, "summary.brief.confidence has to be a number, not []."),
    ],
)
def test_every_fault_says_where_and_what_was_expected(told: Any, fault: str) -> None:
    assert faults(json.dumps(told)) == (fault,)


def test_all_faults_are_told_at_once() -> None:
    raw = json.dumps({"chapters": [{"start": "soon", "title": "x"}], "elements": {"kind": "animal", "name": "x"}})
    assert faults(raw, ("summary", "chapters", "elements")) == (
        "summary is missing.",
        "chapters[0].start has to be a number, not 'soon'.",
        "chapters[0].end is missing.",
        "elements has to be a list, not {'kind': 'animal', 'name': 'x'}.",
    )


def test_many_faults_are_cut_short() -> None:
    found = faults(json.dumps({"chapters": [{}] * 30}), ("chapters",))
    assert len(found) == MOST_FAULTS + 1
    assert found[-1] == "There are 70 more faults of this kind."


def test_a_long_wrong_value_is_cut() -> None:
    assert len(faults(json.dumps({"summary": ["x" * 500]}))[0]) < 150


def test_what_was_asked_is_due() -> None:
    types = (AnalysisType.CHAPTERS,)
    with pytest.raises(InvalidAnswer, match="chapters: at least one"):
        parsed('{"chapters": [], "search_metadata": {}}', Kind.VIDEO, types)
    with pytest.raises(InvalidAnswer, match=r"search_metadata is missing\."):
        parsed('{"chapters": [{"start": 0, "end": 1, "title": "x"}]}', Kind.VIDEO, types)
    told = parsed('{"chapters": [{"start": 0, "end": 1, "title": "x"}], "search_metadata": {}}', Kind.VIDEO, types)
    assert told.chapters is not None
    assert len(told.chapters) == 1


@given(st.text(alphabet='{}[]",:a0 \n`\\'))
def test_any_text_is_an_object_or_refused(text: str) -> None:
    try:
        found = first_object(text, ["a"])
    except NoObject:
        return
    assert isinstance(found, dict)


@given(st.text(alphabet="abc .:\n", max_size=20), st.text(max_size=20), st.integers(0, len(TEXT) - 1))
def test_an_answer_is_found_whole_or_not_at_all(before: str, after: str, cut: int) -> None:
    assert first_object(f"{before}{TEXT}{after}", DUE) == GOOD
    with pytest.raises(NoObject):
        first_object(f"{before}{TEXT[:cut]}", DUE)
