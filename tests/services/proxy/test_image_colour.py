"""Colours of every make come out as sRGB: profiles, inks, depths, and what only a few programs write."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from tests.support.pictures import Colour, close, gradient, picture
from tests.support.profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB,
    encoded,
    grey_profile,
    in_srgb,
    press_profile,
    rgb_profile,
)


def saved(path: Path, mode: str, colour: int | Sequence[int], **options: Any) -> Path:
    """An image of one colour."""
    Image.new(mode, (64, 48), colour if isinstance(colour, int) else tuple(colour)).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tiff", ".webp", ".heic"])
@pytest.mark.parametrize(("matrix", "colour"), [(DISPLAY_P3, (180, 90, 60)), (ADOBE_RGB, (110, 170, 100))])
def test_colours_of_a_profile_become_srgb(
    tmp_path: Path, suffix: str, matrix: tuple[tuple[float, float, float], ...], colour: Colour
) -> None:
    path = saved(tmp_path / f"wide{suffix}", "RGB", colour, icc_profile=rgb_profile(matrix, 2.2), quality=98)
    expected = in_srgb(colour, matrix, 2.2)
    assert max(abs(one - other) for one, other in zip(colour, expected, strict=True)) > 10
    assert close(picture(path), (30, 20), expected, within=4)


def test_a_grey_profile(tmp_path: Path) -> None:
    path = saved(tmp_path / "grey.png", "L", 55, icc_profile=grey_profile(1.0))
    light = encoded(55 / 255)
    assert light > 120
    assert close(picture(path), (30, 20), (light, light, light), within=3)


def test_a_profile_that_changes_nothing_is_left_out(tmp_path: Path) -> None:
    colours = gradient(64, 48)
    colours.save(tmp_path / "plain.png")
    colours.save(tmp_path / "tagged.png", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert picture(tmp_path / "tagged.png").tobytes() == picture(tmp_path / "plain.png").tobytes()


@pytest.mark.parametrize(
    "profile", [b"no profile", rgb_profile(SRGB, 2.2)[:300], grey_profile(2.2), press_profile(lambda inks: 50.0)]
)
def test_a_profile_that_cannot_be_used_counts_as_none(tmp_path: Path, profile: bytes) -> None:
    path = saved(tmp_path / "photo.jpg", "RGB", (200, 40, 40), icc_profile=profile, quality=95)
    assert close(picture(path), (30, 20), (200, 40, 40))


@pytest.mark.parametrize("suffix", [".jpg", ".tiff"])
def test_four_inks_without_a_profile_become_three_lights(tmp_path: Path, suffix: str) -> None:
    path = saved(tmp_path / f"cmyk{suffix}", "CMYK", (10, 200, 100, 30), quality=98)
    assert close(picture(path), (30, 20), (216, 49, 137), within=4)


@pytest.mark.parametrize("suffix", [".jpg", ".tiff"])
def test_four_inks_with_the_profile_of_a_press(tmp_path: Path, suffix: str) -> None:
    profile = press_profile(lambda inks: 100 * (1 - inks[3]) * (1 - sum(inks[:3]) / 6) * (0 if sum(inks) == 4 else 1))
    path = saved(tmp_path / f"cmyk{suffix}", "CMYK", (255, 0, 0, 0), icc_profile=profile, quality=98)
    grey = encoded(((83.3 + 16) / 116) ** 3)
    assert close(picture(path), (30, 20), (grey, grey, grey), within=6)


def test_inks_and_light_of_another_profile(tmp_path: Path) -> None:
    path = saved(tmp_path / "cmyk.jpg", "CMYK", (10, 200, 100, 30), icc_profile=rgb_profile(DISPLAY_P3, 2.2), quality=98)
    assert close(picture(path), (30, 20), (216, 49, 137), within=4)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bits_of_grey_keep_their_brightness(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(np.full((48, 64), 32768, dtype=np.uint16)).save(tmp_path / f"deep{suffix}")
    assert close(picture(tmp_path / f"deep{suffix}"), (30, 20), (128, 128, 128), within=2)


@pytest.mark.parametrize("bands", [3, 4])
@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bits_of_colour(tmp_path: Path, suffix: str, bands: int) -> None:
    values = np.full((48, 64, bands), 65535, dtype=np.uint16)
    values[:, :, :3] = (50_000, 30_000, 10_000)
    deep = pyvips.Image.new_from_memory(values.tobytes(), 64, 48, bands, "ushort").copy(interpretation="rgb16")
    deep.write_to_file(str(tmp_path / f"deep{suffix}"))
    assert close(picture(tmp_path / f"deep{suffix}"), (30, 20), (194, 116, 38), within=3)


def test_floats_are_stretched_to_what_occurs(tmp_path: Path) -> None:
    values = np.linspace(-1.0, 3.0, 64, dtype=np.float32)[None, :].repeat(48, 0)
    values[4, 30:32] = np.nan, np.inf
    Image.fromarray(values).save(tmp_path / "float.tiff")
    image = picture(tmp_path / "float.tiff")
    assert close(image, (0, 20), (0, 0, 0))
    assert close(image, (63, 20), (255, 255, 255))
    assert close(image, (31, 20), (126, 126, 126))


def test_whole_numbers_of_32_bits(tmp_path: Path) -> None:
    values = np.linspace(0, 2_000_000, 64, dtype=np.int32)[None, :].repeat(48, 0)
    Image.fromarray(values).save(tmp_path / "whole.tiff")
    image = picture(tmp_path / "whole.tiff")
    assert close(image, (0, 20), (0, 0, 0))
    assert close(image, (63, 20), (255, 255, 255))


def test_lab(tmp_path: Path) -> None:
    path = saved(tmp_path / "lab.tiff", "LAB", (128, 168, 88))  # L* 50.2, a* 40, b* -40
    assert close(picture(path), (30, 20), (159, 93, 189), within=4)


def test_luminance_and_chroma_that_are_not_compressed(tmp_path: Path) -> None:
    path = saved(tmp_path / "ycc.tiff", "YCbCr", (100, 120, 150))
    assert close(picture(path), (30, 20), (130, 87, 85), within=4)
