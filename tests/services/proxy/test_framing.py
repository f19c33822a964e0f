"""The proxy's size."""

import pytest

from services.proxy.footage import Picture
from services.proxy.framing import UNTOLD, size


@pytest.mark.parametrize(
    ("source", "proxy"),
    [
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((641, 359), (640, 358)),
        ((639.9999, 480), (640, 480)),
        ((2, 2), (2, 2)),
        ((1, 1), (2, 2)),
        ((3, 3), (2, 2)),
        ((1922, 1082), (1278, 720)),
        ((8000, 100), (4096, 50)),
        ((40, 6000), (26, 4096)),
        ((7680, 1000), (4096, 532)),
    ],
)
def test_sides_are_even_and_neither_too_long_nor_enlarged(source: tuple[float, float], proxy: tuple[int, int]) -> None:
    assert size(Picture(*source)) == proxy


def test_a_size_that_nobody_tells_is_assumed() -> None:
    assert size(None) == UNTOLD
