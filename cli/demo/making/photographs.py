"""Photographs: drawn scenes saved with the EXIF a camera would write."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational
from pillow_heif import register_heif_opener

from cli.demo.making.painting import pixels
from cli.demo.making.script import Camera, Photo, Place

register_heif_opener()
QUALITY = {".jpg": 85, ".heic": 62}
COLOURS = 128
"""A drawing in flat colours loses nothing when a PNG keeps this many."""


def take(photo: Photo, target: Path) -> None:
    """Draws the photograph and writes it with its EXIF."""
    upright = (photo.height, photo.width) if photo.orientation == 6 else (photo.width, photo.height)
    scene = photo.scene(*upright, np.random.default_rng(photo.seed))
    image = Image.fromarray(pixels(scene.frame(photo.moment)))
    if photo.orientation == 6:
        image = image.transpose(Image.Transpose.ROTATE_90)
    if target.suffix == ".png":
        image.quantize(COLOURS).save(target, optimize=True)
        return
    image.save(target, quality=QUALITY[target.suffix], exif=exif(photo).tobytes())


def exif(photo: Photo) -> Image.Exif:
    """The tags of a photograph that has a camera."""
    assert photo.camera is not None
    tags = Image.Exif()
    base = ExifTags.Base
    tags[base.Make], tags[base.Model] = photo.camera.make, photo.camera.model
    tags[base.Orientation] = photo.orientation
    tags[base.DateTime] = _stamp(photo.taken)
    tags.get_ifd(ExifTags.IFD.Exif).update(_exposure(photo.camera, photo.taken))
    if photo.place is not None:
        tags.get_ifd(ExifTags.IFD.GPSInfo).update(_position(photo.place))
    return tags


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y:%m:%d %H:%M:%S}"


def _exposure(camera: Camera, taken: datetime) -> dict[int, object]:
    base = ExifTags.Base
    offset = f"{taken:%z}"
    return {
        base.DateTimeOriginal: _stamp(taken),
        base.OffsetTimeOriginal: f"{offset[:3]}:{offset[3:]}",
        base.LensModel: camera.lens,
        base.FocalLength: IFDRational(Fraction(camera.focal_length).limit_denominator(100)),
        base.FNumber: IFDRational(Fraction(camera.aperture).limit_denominator(10)),
        base.ExposureTime: IFDRational(1, camera.shutter),
        base.ISOSpeedRatings: camera.iso,
    }


def _position(place: Place) -> dict[int, object]:
    gps = ExifTags.GPS
    return {
        gps.GPSVersionID: b"\x02\x03\x00\x00",
        gps.GPSLatitudeRef: "N" if place.latitude >= 0 else "S",
        gps.GPSLatitude: _degrees(abs(place.latitude)),
        gps.GPSLongitudeRef: "E" if place.longitude >= 0 else "W",
        gps.GPSLongitude: _degrees(abs(place.longitude)),
        gps.GPSAltitudeRef: b"\x00",
        gps.GPSAltitude: IFDRational(round(place.altitude * 10), 10),
    }


def _degrees(angle: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and hundredths of seconds."""
    hundredths = round(angle * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return IFDRational(degrees, 1), IFDRational(minutes, 1), IFDRational(seconds, 100)
