"""Photos as they come: rotated, transparent, deep, in four colours, broken, hostile."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from services.proxy.images import ImageJob, ImageResult, render
from shared.errors import BadMedia
from tests.support.media import tiny_photo

INCOMPLETE = "The image is damaged or incomplete: part of it is missing. Copy it again from the camera or card."


@pytest.fixture(autouse=True)
def pillow_as_in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)


def rendered(source: Path, *, pixels: int = 10**8) -> ImageResult:
    return render(job_of(source, pixels))


def job_of(source: Path, pixels: int = 10**8) -> ImageJob:
    return ImageJob(source, source.parent / "nova.jpg", source.parent / "thumbnail.jpg", pixels)


def picture(source: Path) -> Image.Image:
    """The image rendition, after a check that both renditions are plain JPEGs of the sizes told."""
    result = rendered(source)
    for name, measure in (("nova.jpg", result.image), ("thumbnail.jpg", result.thumbnail)):
        with Image.open(source.parent / name) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (measure.width, measure.height))
    with Image.open(source.parent / "nova.jpg") as image:
        image.load()
        return image


def gradient(width: int, height: int) -> Image.Image:
    red = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    green = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return Image.fromarray(np.dstack([red, green, np.full_like(red, 64)]).astype(np.uint8))


def close(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int], within: int = 12) -> bool:
    pixel = image.getpixel(place)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= within for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("size", "image", "thumbnail"),
    [
        ((4000, 3000), (1195, 896), (320, 240)),
        ((3000, 4000), (896, 1195), (320, 427)),
        ((5000, 1000), (4480, 896), (320, 64)),
        ((640, 480), (640, 480), (320, 240)),
        ((100, 68), (100, 68), (100, 68)),
        ((3000, 1), (3000, 1), (320, 1)),
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
    pillow_heif.register_heif_opener()
    gradient(1400, 1000).save(tmp_path / f"photo{suffix}")
    (tmp_path / f"photo{suffix}").rename(tmp_path / "photo.dat")
    image = picture(tmp_path / "photo.dat")
    assert image.size == (1254, 896)
    assert close(image, (627, 448), (127, 127, 64), within=40)


@pytest.mark.parametrize("suffix", [".bmp", ".ppm", ".ico", ".eps"])
def test_other_formats_are_not_opened(tmp_path: Path, suffix: str) -> None:
    gradient(64, 48).save(tmp_path / f"photo{suffix}")
    (tmp_path / f"photo{suffix}").rename(tmp_path / "photo.jpg")
    with pytest.raises(BadMedia, match="This is no image that can be read here"):
        rendered(tmp_path / "photo.jpg")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(tmp_path: Path, orientation: int) -> None:
    corners = Image.new("RGB", (120, 80), "white")
    corners.paste("red", (0, 0, 60, 40))
    corners.paste("blue", (60, 0, 120, 40))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = corners.transpose(undo[orientation]) if orientation in undo else corners
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "photo.jpg", exif=exif, quality=95)
    image = picture(tmp_path / "photo.jpg")
    assert image.size == (120, 80)
    assert close(image, (20, 15), (255, 0, 0), within=20)
    assert close(image, (100, 15), (0, 0, 255), within=20)


def test_damaged_exif_data_does_not_matter(tmp_path: Path) -> None:
    gradient(64, 48).save(tmp_path / "photo.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\xff\xff" * 9)
    assert picture(tmp_path / "photo.jpg").size == (64, 48)


def test_transparency_becomes_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (60, 40), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (30, 0, 60, 40))
    image.save(tmp_path / "rgba.png")
    assert close(picture(tmp_path / "rgba.png"), (50, 20), (255, 255, 255))
    image.convert("LA").save(tmp_path / "la.png")
    assert close(picture(tmp_path / "la.png"), (50, 20), (255, 255, 255))
    paletted = Image.new("P", (60, 40), 0)
    paletted.putpalette([0, 0, 0, 255, 0, 0])
    paletted.paste(1, (0, 0, 30, 40))
    paletted.save(tmp_path / "p.png", transparency=0)
    assert close(picture(tmp_path / "p.png"), (50, 20), (255, 255, 255))
    assert close(picture(tmp_path / "p.png"), (10, 20), (255, 0, 0))


def test_four_colours_become_three(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), (200, 40, 40)).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    assert close(picture(tmp_path / "cmyk.jpg"), (30, 20), (200, 40, 40))


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bits_keep_their_brightness(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(np.full((48, 64), 32768, dtype=np.uint16)).save(tmp_path / f"deep{suffix}")
    assert close(picture(tmp_path / f"deep{suffix}"), (30, 20), (128, 128, 128), within=2)


def test_floats_are_stretched_to_what_occurs(tmp_path: Path) -> None:
    values = np.linspace(-1.0, 3.0, 64, dtype=np.float32)[None, :].repeat(48, 0)
    Image.fromarray(values).save(tmp_path / "float.tiff")
    image = picture(tmp_path / "float.tiff")
    assert close(image, (0, 20), (0, 0, 0))
    assert close(image, (63, 20), (255, 255, 255))


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert close(picture(tmp_path / "moving.gif"), (30, 20), (255, 0, 0))


def test_a_colour_profile_is_carried_over(tmp_path: Path) -> None:
    gradient(64, 48).save(tmp_path / "wide.jpg", icc_profile=b"profile of a wide colour space")
    assert picture(tmp_path / "wide.jpg").info["icc_profile"] == b"profile of a wide colour space"


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_cut_off_image_gives_what_there_is(tmp_path: Path, suffix: str) -> None:
    gradient(1400, 1000).save(tmp_path / f"photo{suffix}")
    content = (tmp_path / f"photo{suffix}").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) * 2 // 3])
    assert rendered(tmp_path / "cut.jpg").reason == INCOMPLETE
    assert rendered(tmp_path / f"photo{suffix}").reason is None


def test_one_cut_off_before_its_first_pixel_is_refused(tmp_path: Path) -> None:
    gradient(1400, 1000).save(tmp_path / "photo.jpg")
    content = (tmp_path / "photo.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: content.index(b"\xff\xda") + 14])
    with pytest.raises(BadMedia, match="The image is damaged and cannot be read"):
        rendered(tmp_path / "cut.jpg")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff", b"text", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"GIF89a" + b"\xff" * 99]
)
def test_what_is_no_image_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(content)
    with pytest.raises(BadMedia) as refused:
        rendered(tmp_path / "photo.jpg")
    assert str(refused.value).endswith(".")


def bomb(path: Path, side: int) -> Path:
    """A PNG of a few hundred bytes that says it has so many pixels a side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")
    )
    return path


def test_a_bomb_is_not_decoded(tmp_path: Path) -> None:
    with pytest.raises(BadMedia, match="50000 by 50000 pixels, more than the 100 million") as refused:
        rendered(bomb(tmp_path / "bomb.png", 50_000))
    assert "SPILLWAY_PROXY_IMAGE_PIXELS" in str(refused.value)


def test_text_that_unpacks_to_megabytes_is_refused(tmp_path: Path) -> None:
    gradient(8, 8).save(tmp_path / "photo.png")
    content = (tmp_path / "photo.png").read_bytes()
    data = b"Comment\0\0" + zlib.compress(b" " * (80 << 20))
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    (tmp_path / "photo.png").write_bytes(content[:33] + chunk + content[33:])
    with pytest.raises(BadMedia):
        rendered(tmp_path / "photo.png")


def test_large_jpegs_are_decoded_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gradient(4000, 4000).save(tmp_path / "large.jpg")
    sizes = list[tuple[int, int]]()
    resize = Image.Image.resize

    def noted(image: Image.Image, *positional: object, **options: object) -> Image.Image:
        sizes.append(image.size)
        return resize(image, *positional, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "resize", noted)
    rendered(tmp_path / "large.jpg")
    assert sizes[0] == (1000, 1000)
