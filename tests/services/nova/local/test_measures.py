import pytest

from services.nova.local.measures import measures
from services.nova.words import said
from tests.support.material import segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it is 2.5 feet high", [("height", 2.5)]),
        ("two and a half feet tall", [("height", 2.5)]),
        ("Twelve feet wide.", [("width", 12)]),
        ("two to three feet high", [("height", 2.5)]),
        ("1.5\u20132 ft high and 8\u201310 ft wide", [("height", 1.75), ("width", 9)]),
        ("a height of about four feet", [("height", 4)]),
        ("two meters high", [("height", 6.562)]),
        ("two feet away from the wall", []),
        ("feet high", []),
        ("my feet are wide", []),
        ("12 ft", []),
        ("nan feet high", []),
    ],
)
def test_measures(text: str, expected: list[tuple[str, float]]) -> None:
    assert [(found.dimension, round(found.feet, 3)) for found in measures(said(segments([text])))] == expected
