"""The image benchmark compares what is comparable."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.bench.image_process import Request, image_process
from tests.bench.image_sides import SIDES
from tests.bench.images import psnr
from tests.bench.photographs import CLASSES, Class, make


def small(kind: Class) -> Class:
    return Class(kind.name, (kind.size[0] // 4, kind.size[1] // 4), kind.suffix, kind.write)


def test_every_class_is_what_it_says(tmp_path: Path) -> None:
    paths = make(tmp_path, tuple(map(small, CLASSES)))
    with Image.open(paths["12 MP JPEG of four inks"]) as image:
        assert image.mode == "CMYK"
    with Image.open(paths["12 MP JPEG, progressive"]) as image:
        assert image.info["progressive"]
    with Image.open(paths["12 MP JPEG in Display P3"]) as image:
        assert image.info["icc_profile"]
    assert (tmp_path / "8.png").read_bytes()[24] == 16  # bits


def test_the_sides_make_the_same_renditions(tmp_path: Path) -> None:
    kinds = tuple(small(kind) for kind in CLASSES if kind.name in {"12 MP JPEG, on its side", "12 MP PNG of 16 bits"})
    for path in make(tmp_path, kinds).values():
        pixels = {name: side.pixels(path) for name, side in SIDES.items()}
        assert all(psnr(found, pixels["Pillow"]) > 45 for found in pixels.values())
        for side in SIDES.values():
            side.make(path, tmp_path)
            with Image.open(tmp_path / "image.jpg") as image, Image.open(tmp_path / "thumbnail.jpg") as thumbnail:
                assert image.size == pixels["Pillow"].shape[1::-1]
                assert thumbnail.width == 320


def test_likeness_is_infinite_for_the_same_and_none_for_other_sizes() -> None:
    black = np.zeros((2, 2, 3), dtype=np.uint8)
    assert psnr(black, black) == 99
    assert psnr(black, black + 255) == pytest.approx(0)
    with pytest.raises(ValueError, match="different sizes"):
        psnr(black, black[:1])


def test_a_side_answers_from_a_process_of_its_own(tmp_path: Path) -> None:
    [path] = make(tmp_path, (small(CLASSES[0]),)).values()
    with image_process("Spillway", core=0) as process:
        figures = process.ask(Request(str(path), str(tmp_path), 2, str(tmp_path / "pixels.npy")))
    assert figures["ms"] > 0
    assert np.load(tmp_path / "pixels.npy").shape == (750, 1000, 3)
