"""Sizes of renditions, and how far a JPEG is decoded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proxy.image_size import decoded_share, fitted, require_size, thumbnail
from shared.errors import BadMedia

SIDES = st.integers(1, 200_000)


@given(st.tuples(SIDES, SIDES))
def test_sizes_keep_their_bounds(size: tuple[int, int]) -> None:
    image = fitted(size)
    assert 1 <= min(image) <= 896
    assert max(image) <= 16_384
    assert all(now <= before for now, before in zip(image, size, strict=True))
    assert image == size or min(image) == 896 or max(image) == 16_384
    assert 1 <= thumbnail(image)[0] <= 320


@given(st.tuples(SIDES, SIDES))
def test_a_jpeg_is_decoded_at_twice_its_final_size_or_more(size: tuple[int, int]) -> None:
    share = decoded_share(size)
    assert share == 1 or size[0] / share >= 2 * fitted(size)[0]


@pytest.mark.parametrize(
    ("size", "share"), [((1920, 1080), 1), ((4000, 3000), 1), ((6000, 4000), 2), ((10_000, 7_500), 4), ((30_000, 20_000), 8)]
)
def test_shares_of_usual_photos(size: tuple[int, int], share: int) -> None:
    assert decoded_share(size) == share


def test_as_many_pixels_as_allowed_are_allowed() -> None:
    require_size((10, 10), 100)
    with pytest.raises(BadMedia, match="10 by 11 pixels"):
        require_size((10, 11), 100)
