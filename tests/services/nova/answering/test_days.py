from datetime import UTC, datetime
from typing import Any

import pytest

from services.nova.analyst import DateKind, Material
from services.nova.answering.answer import Day
from services.nova.answering.days import days
from services.nova.provenance import Source
from services.nova.reading import read
from tests.services.nova.answering.telling import ground, quote, said, seen
from tests.support.material import material

PLAIN = material("We built it in 2023.", "The party is in August 2024.", path="clip.mp4")


def told(value: Any, *evidence: dict[str, Any], kind: str = "event", file: Material = PLAIN) -> list[tuple[DateKind, str]]:
    day = Day.model_validate({"kind": kind, "value": value, "evidence": evidence, "confidence": 0.9})
    return [(one.kind, one.value) for one in days([day], ground(file), read(file))]


SPOKEN = (DateKind.EVENT, "2024-08")


@pytest.mark.parametrize(
    ("value", "evidence", "kept"),
    [
        ("2023", said("built it in 2023"), "2023"),
        (2023, said("built it in 2023"), "2023"),
        ("2023-05-01", said("built it in 2023"), "2023"),
        ("2022-01-02", seen("a screen that reads 2022-01-02"), "2022-01-02"),
        ("2 January 2022", seen("a screen that reads 2 January 2022"), "2022-01-02"),
        ("2022-01-02", seen("a sign that reads January 2022"), "2022-01"),
    ],
)
def test_a_date_is_as_exact_as_its_evidence(value: Any, evidence: dict[str, Any], kept: str) -> None:
    assert told(value, evidence) == [SPOKEN, (DateKind.EVENT, kept)]


@pytest.mark.parametrize(
    ("value", "evidence"),
    [
        ("2021", said("built it in 2023")),
        ("2021", said("never said in 2021")),
        ("last summer", seen("summer")),
        ("2022-13-40", seen("a screen that reads 2022-13-40")),
        ("1066", seen("a book about 1066")),
    ],
)
def test_a_date_that_nothing_says_is_none(value: Any, evidence: dict[str, Any]) -> None:
    found = told(value, evidence)
    assert [one for one in found if one != SPOKEN] in ([], [(DateKind.EVENT, "2022")])


def test_a_date_with_several_sources_is_one() -> None:
    day = {"kind": "event", "value": "2024-08", "evidence": [said("party is in August 2024"), seen("a poster: August 2024")]}
    (found,) = days([Day.model_validate(day | {"confidence": 0.95})], ground(PLAIN), read(PLAIN))
    assert {piece.source for piece in found.evidence} == {Source.TRANSCRIPT, Source.VISUAL}
    assert found.confidence == 0.95


def test_the_recorded_capture_stands_first() -> None:
    file = material(path="job_2024_0812/a.mp4", captured_at=datetime(2024, 8, 13, tzinfo=UTC))
    found = told("2024-08-13", quote("exif", "2024-08-13"), kind="capture", file=file)
    assert found == [(DateKind.CAPTURE, "2024-08-13"), (DateKind.EVENT, "2024-08-12")]
