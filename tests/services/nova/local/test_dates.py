from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nova.analyst import DateKind
from services.nova.local.dates import dates, written_dates
from tests.support.material import reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("job_2024_0812", ["2024-08-12"]),
        ("IMG_20240812_101010", ["2024-08-12"]),
        ("2024-08-12", ["2024-08-12"]),
        ("2024_08", ["2024-08"]),
        ("On August 12th, 2024 we", ["2024-08-12"]),
        ("12 aug 2024", ["2024-08-12"]),
        ("sept_2023", ["2023-09"]),
        ("May 2024", ["2024-05"]),
        # which of them is the month?
        ("08-12-2024", []),
        ("2024-02-30", []),
        ("20241301", []),
        ("augmented 2024", []),
        ("2024", []),
        ("1080p 202408123", []),
    ],
)
def test_written_dates(text: str, expected: list[str]) -> None:
    assert list(written_dates(text)) == expected


def test_capture_comes_first_and_agreeing_sources_are_one_date() -> None:
    found = dates(
        reading("it is August 2024", path="2024-08-12/x_20240812.jpg", captured_at=datetime(2024, 8, 12, 9, tzinfo=UTC))
    )
    assert [(date.kind, date.value, len(date.evidence)) for date in found] == [
        (DateKind.CAPTURE, "2024-08-12", 1),
        (DateKind.EVENT, "2024-08-12", 2),
        (DateKind.EVENT, "2024-08", 1),
    ]


@given(st.dates(min_value=datetime(1980, 1, 1).date(), max_value=datetime(2049, 12, 31).date()))  # noqa: DTZ001 - days only
def test_every_day_is_read_back(day: object) -> None:
    assert list(written_dates(f"clip_{day}_final")) == [str(day)]
