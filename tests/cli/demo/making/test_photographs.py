from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageOps

from cli.demo.making.photographs import exif, take
from cli.demo.making.script import PHOTOS, Photo

TURNED = next(photo for photo in PHOTOS if photo.orientation == 6)
PLACED = next(photo for photo in PHOTOS if photo.place)


def small(photo: Photo) -> Photo:
    return Photo(photo.path, photo.taken, photo.scene, photo.camera, photo.place, photo.orientation, width=160, height=120)


def test_turned_photograph_lies_on_its_side_and_stands_up_by_exif(tmp_path: Path) -> None:
    take(small(TURNED), tmp_path / "photo.jpg")

    with Image.open(tmp_path / "photo.jpg") as image:
        assert image.size == (160, 120)
        assert ImageOps.exif_transpose(image).size == (120, 160)


def test_position_is_degrees_minutes_and_seconds() -> None:
    position = exif(PLACED).get_ifd(ExifTags.IFD.GPSInfo)

    assert PLACED.place is not None
    assert position[ExifTags.GPS.GPSLongitudeRef] == "W"
    degrees, minutes, seconds = (float(part) for part in position[ExifTags.GPS.GPSLongitude])
    assert -(degrees + minutes / 60 + seconds / 3600) == pytest.approx(PLACED.place.longitude, abs=1e-5)


def test_offset_of_the_clock_is_written_with_a_colon() -> None:
    assert exif(PLACED).get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] == "-04:00"
