import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.display import MATRIX, ONE, Turn, turn


def matrix(a: int, b: int, c: int, d: int) -> bytes:
    return MATRIX.pack(a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(
    ("corner", "expected"),
    [
        ((1, 0, 0, 1), Turn(0, mirrored=False)),
        ((0, 1, -1, 0), Turn(90, mirrored=False)),
        ((-1, 0, 0, -1), Turn(180, mirrored=False)),
        ((0, -1, 1, 0), Turn(270, mirrored=False)),
        ((-1, 0, 0, 1), Turn(0, mirrored=True)),
        ((1, 0, 0, -1), Turn(180, mirrored=True)),
        ((0, -1, -1, 0), Turn(90, mirrored=True)),
        ((0, 1, 1, 0), Turn(270, mirrored=True)),
    ],
)
def test_every_way_to_hold_a_camera(corner: tuple[int, int, int, int], expected: Turn) -> None:
    assert turn(matrix(*corner)) == expected


def test_what_turns_nothing_into_nothing_is_no_matrix() -> None:
    assert turn(matrix(0, 0, 0, 0)) is None
    assert turn(b"") is None


@given(st.binary(min_size=36, max_size=40))
def test_any_matrix_gives_quarters(content: bytes) -> None:
    found = turn(content)
    assert found is None or found.rotation in {0, 90, 180, 270}
