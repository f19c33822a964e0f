"""Photos as they come: of every size and format, rotated, transparent, deep, moving, of several pages."""

import os
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from services.proxy.image_loading import JPEG, load
from services.proxy.image_rendering import finished
from shared.errors import BadMedia
from tests.support.media import tiny_photo
from tests.support.pictures import Colour, close, gradient, picture, rendered

UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that writes such an orientation stores what it sees upright."""

pillow_heif.register_heif_opener()


@pytest.mark.parametrize(
    ("size", "image", "thumbnail"),
    [
        ((4000, 3000), (1195, 896), (320, 240)),
        ((3000, 4000), (896, 1195), (320, 427)),
        ((5000, 1000), (4480, 896), (320, 64)),
        ((640, 480), (640, 480), (320, 240)),
        ((100, 68), (100, 68), (100, 68)),
        ((3000, 1), (3000, 1), (320, 1)),
        ((60_000, 30), (16_384, 8), (320, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_the_shorter_side_is_896_and_nothing_is_enlarged(
    tmp_path: Path, size: tuple[int, int], image: tuple[int, int], thumbnail: tuple[int, int], suffix: str
) -> None:
    result = rendered(tiny_photo(tmp_path / f"photo{suffix}", size=size))
    assert (result.image.width, result.image.height) == image
    assert (result.thumbnail.width, result.thumbnail.height) == thumbnail
    assert result.reason is None


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tiff", ".webp", ".gif", ".heic"])
def test_formats_are_told_by_content(tmp_path: Path, suffix: str) -> None:
    gradient(1400, 1000).save(tmp_path / f"photo{suffix}")
    (tmp_path / f"photo{suffix}").rename(tmp_path / "photo.dat")
    image = picture(tmp_path / "photo.dat")
    assert image.size == (1254, 896)
    assert close(image, (627, 448), (127, 127, 64), within=40)


@pytest.mark.parametrize("suffix", [".bmp", ".ppm", ".ico", ".eps", ".avif"])
def test_other_formats_are_not_opened(tmp_path: Path, suffix: str) -> None:
    gradient(64, 48).save(tmp_path / f"photo{suffix}")
    (tmp_path / f"photo{suffix}").rename(tmp_path / "photo.jpg")
    with pytest.raises(BadMedia, match="This is no image that can be read here"):
        rendered(tmp_path / "photo.jpg")


def three_corners() -> Image.Image:
    """Red, blue and green in three corners, as it should come out."""
    corners = Image.new("RGB", (120, 80), "white")
    for colour, corner in (("red", (0, 0)), ("blue", (60, 0)), ("lime", (0, 40))):
        corners.paste(colour, (*corner, corner[0] + 60, corner[1] + 40))
    return corners


def is_upright(image: Image.Image) -> bool:
    """Whether each corner is where it should be."""
    places: dict[tuple[int, int], Colour] = {(15, 15): (255, 0, 0), (105, 15): (0, 0, 255), (15, 65): (0, 255, 0)}
    places[105, 65] = 255, 255, 255
    return image.size == (120, 80) and all(close(image, place, colour, within=25) for place, colour in places.items())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tiff", ".webp", ".heic"])
def test_every_orientation_comes_out_upright(tmp_path: Path, orientation: int, suffix: str) -> None:
    stored = three_corners().transpose(UNDO[orientation]) if orientation in UNDO else three_corners()
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / f"photo{suffix}", exif=exif.tobytes(), quality=95)  # as bytes, HEIC gets boxes for it
    assert is_upright(picture(tmp_path / f"photo{suffix}"))


@pytest.mark.parametrize("suffix", [".jpg", ".tiff"])
def test_so_does_one_that_only_pillow_reads(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = three_corners().transpose(UNDO[6])
    (stored.convert("YCbCr") if suffix == ".tiff" else stored).save(tmp_path / f"photo{suffix}", exif=exif, quality=95)
    if suffix == ".jpg":
        content = (tmp_path / "photo.jpg").read_bytes()
        (tmp_path / "photo.jpg").write_bytes(content[:-4])  # cut off in its last block
    assert is_upright(picture(tmp_path / f"photo{suffix}"))


@pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere take text only")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 [Q=1,\xff].jpg")
    gradient(64, 48).save(tmp_path / "photo.jpg")
    (tmp_path / "photo.jpg").rename(path)
    assert rendered(path).reason is None


def test_a_large_photo_that_lies_on_its_side_is_put_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    gradient(4000, 3000).save(tmp_path / "photo.jpg", exif=exif)
    image = picture(tmp_path / "photo.jpg")
    assert image.size == (896, 1195)
    assert close(image, (10, 10), (0, 255, 64), within=16)


def test_place_and_camera_are_not_in_the_renditions(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    gradient(64, 48).save(tmp_path / "photo.jpg", exif=exif, comment=b"at home", xmp=b"<x:xmpmeta/>")
    picture(tmp_path / "photo.jpg")


def test_damaged_exif_data_does_not_matter(tmp_path: Path) -> None:
    gradient(64, 48).save(tmp_path / "photo.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\xff\xff" * 9)
    assert picture(tmp_path / "photo.jpg").size == (64, 48)


def test_transparency_becomes_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (60, 40), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (30, 0, 60, 40))
    for mode, suffix in (("RGBA", ".png"), ("LA", ".png"), ("RGBA", ".webp"), ("RGBA", ".tiff"), ("RGBA", ".gif")):
        image.convert(mode).save(tmp_path / f"{mode}{suffix}")
        assert close(picture(tmp_path / f"{mode}{suffix}"), (50, 20), (255, 255, 255)), (mode, suffix)
    assert close(picture(tmp_path / "RGBA.png"), (10, 20), (255, 0, 0))


def test_half_transparent_becomes_paler(tmp_path: Path) -> None:
    Image.new("RGBA", (60, 40), (255, 0, 0, 128)).save(tmp_path / "pale.png")
    assert close(picture(tmp_path / "pale.png"), (30, 20), (255, 127, 127), within=4)


def test_a_transparent_edge_has_no_fringe_when_scaled(tmp_path: Path) -> None:
    image = Image.new("RGBA", (2000, 2000), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 999, 2000))
    image.save(tmp_path / "edge.png")
    pixels = np.asarray(picture(tmp_path / "edge.png").convert("L"))
    assert pixels.min() > 250


def test_a_palette_with_transparency(tmp_path: Path) -> None:
    paletted = Image.new("P", (60, 40), 0)
    paletted.putpalette([0, 0, 0, 255, 0, 0])
    paletted.paste(1, (0, 0, 30, 40))
    paletted.save(tmp_path / "p.png", transparency=0)
    assert close(picture(tmp_path / "p.png"), (50, 20), (255, 255, 255))
    assert close(picture(tmp_path / "p.png"), (10, 20), (255, 0, 0))


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_one_bit(tmp_path: Path, suffix: str) -> None:
    image = Image.new("1", (60, 40), 1)
    image.paste(0, (0, 0, 30, 40))
    image.save(tmp_path / f"bits{suffix}")
    assert close(picture(tmp_path / f"bits{suffix}"), (10, 20), (0, 0, 0))
    assert close(picture(tmp_path / f"bits{suffix}"), (50, 20), (255, 255, 255))


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tiff"])
def test_of_several_frames_or_pages_the_first_is_taken(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue")]
    frames[0].save(tmp_path / f"moving{suffix}", save_all=True, append_images=frames[1:])
    assert close(picture(tmp_path / f"moving{suffix}"), (30, 20), (255, 0, 0))


def test_large_jpegs_are_decoded_small_but_not_too_small(tmp_path: Path) -> None:
    """Thin lines become an even grey by Lanczos; decoding to little more than the final size would leave a pattern."""
    lines = np.zeros((4096, 4096), dtype=np.uint8)
    lines[:, ::6] = 255
    Image.fromarray(lines).save(tmp_path / "lines.jpg", quality=95)
    assert load(tmp_path / "lines.jpg", JPEG, 10**8).image.width == 2048
    pixels = np.asarray(picture(tmp_path / "lines.jpg").convert("L"), dtype=float)
    assert pixels.mean() == pytest.approx(255 / 6, abs=2)
    assert pixels.std() < 3


@pytest.mark.parametrize(("suffix", "loader"), [(".jpg", JPEG), (".png", "pngload")])
def test_pixels_are_those_of_lanczos_on_the_whole_image(tmp_path: Path, suffix: str, loader: str) -> None:
    chance = np.random.default_rng(1)
    coarse, fine = chance.normal(0, 1, (1200, 1600, 3)).cumsum(0).cumsum(1), chance.normal(0, 12, (1200, 1600, 1))
    shape = (coarse - coarse.min()) / (coarse.max() - coarse.min()) * 200 + 25 + fine
    Image.fromarray(shape.clip(0, 255).astype(np.uint8)).save(tmp_path / f"photo{suffix}", quality=95)
    with Image.open(tmp_path / f"photo{suffix}") as whole:
        lanczos = whole.convert("RGB").resize((1195, 896), Image.Resampling.LANCZOS)
    ours = finished(load(tmp_path / f"photo{suffix}", loader, 10**8)).numpy()
    assert ((ours.astype(float) - np.asarray(lanczos)) ** 2).mean() < 0.65  # 50 dB
