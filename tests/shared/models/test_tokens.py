"""Tokens by the documented rules, and what holds of them whatever the file."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.models.catalogue import load
from shared.models.tokens import Tokens, image_tokens, notation_tokens, text_tokens, unknown_image_tokens, video_tokens

CATALOGUE = load()
LOOKING = ["lite", "pro", "2-lite", "2-pro-preview", "premier"]
MINUTE = 60.0


@pytest.mark.parametrize("key", ["lite", "pro"])
@pytest.mark.parametrize(
    ("seconds", "tokens"),
    [(10, 2880), (30, 8640), (16 * MINUTE, 276_480), (20 * MINUTE, 276_480), (30 * MINUTE, 276_480), (90 * MINUTE, 276_480)],
)
def test_the_first_generation_stops_at_960_frames(key: str, seconds: float, tokens: int) -> None:
    assert video_tokens(CATALOGUE.find(key), seconds) == Tokens(tokens, tokens)


@pytest.mark.parametrize(
    ("seconds", "tokens"),
    [(10, 2880), (30, 8640), (16 * MINUTE, 276_480), (20 * MINUTE, 345_600), (30 * MINUTE, 518_400), (45 * MINUTE, 777_600)],
)
def test_nova_2_has_two_readings_of_which_the_table_is_the_upper(seconds: float, tokens: int) -> None:
    assert video_tokens(CATALOGUE.find("2-lite"), seconds) == Tokens(min(tokens, 276_480), tokens)
    assert video_tokens(CATALOGUE.find("premier"), seconds) == Tokens(tokens, tokens)


@pytest.mark.parametrize(
    ("width", "height", "first", "second"),
    [(900, 450, 800, 515), (900, 900, 1300, 1035), (1400, 900, 1800, 1600), (1800, 900, 2400, 2060), (1300, 1300, 2600, 2155)],
)
def test_images_have_the_tokens_of_the_documented_examples(width: int, height: int, first: int, second: int) -> None:
    assert image_tokens(CATALOGUE.find("lite"), width, height) == Tokens(first, first)
    assert image_tokens(CATALOGUE.find("2-lite"), width, height) == Tokens(230, second)
    assert image_tokens(CATALOGUE.find("lite"), height, width) == Tokens(first, first)


def test_small_images_are_enlarged_until_one_side_is_long_enough() -> None:
    lite = CATALOGUE.find("lite")
    assert image_tokens(lite, 300, 300) == image_tokens(lite, 896, 896)
    assert image_tokens(lite, 448, 100) == image_tokens(lite, 896, 200)


def test_an_image_of_unknown_size_lies_between_the_examples() -> None:
    assert unknown_image_tokens(CATALOGUE.find("lite")) == Tokens(800, 2600)
    assert unknown_image_tokens(CATALOGUE.find("2-lite")) == Tokens(230, 2155)


@pytest.mark.parametrize(("characters", "tokens"), [(0, 0), (1, 1), (38, 10), (39, 11)])
def test_text_is_counted_by_characters_and_rounded_up(characters: int, tokens: int) -> None:
    assert text_tokens(characters) == tokens
    assert notation_tokens(characters) == math.ceil(characters * 2 / 3.8)


def test_a_model_of_text_takes_no_pictures() -> None:
    micro = CATALOGUE.find("micro")
    with pytest.raises(Invalid, match="Nova Micro takes no video"):
        video_tokens(micro, 1)
    with pytest.raises(Invalid, match="Nova Micro takes no images"):
        image_tokens(micro, 1, 1)
    with pytest.raises(Invalid, match="Nova Micro takes no images"):
        unknown_image_tokens(micro)


@settings(deadline=None)
@given(key=st.sampled_from(LOOKING), seconds=st.floats(0, 20_000), more=st.floats(0, 5_000))
def test_longer_is_never_less_and_high_never_under_low(key: str, seconds: float, more: float) -> None:
    short, long = (video_tokens(CATALOGUE.find(key), length) for length in (seconds, seconds + more))
    assert short.low <= short.high
    assert (short.low <= long.low, short.high <= long.high) == (True, True)
    assert short.high % 288 == 0


@settings(deadline=None)
@given(key=st.sampled_from(LOOKING), width=st.integers(896, 8000), height=st.integers(1, 8000), more=st.integers(0, 2000))
def test_larger_images_never_have_fewer_tokens(key: str, width: int, height: int, more: int) -> None:
    small, large = (image_tokens(CATALOGUE.find(key), width, side) for side in (height, height + more))
    assert small.low <= small.high
    assert (small.low <= large.low, small.high <= large.high) == (True, True)
