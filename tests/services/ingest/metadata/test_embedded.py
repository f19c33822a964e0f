import io
import struct
import warnings
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin, TiffTags

from services.ingest.inspection.sniff import sniff
from services.ingest.metadata.embedded import BROKEN_XMP, EXTENSION
from services.ingest.metadata.iptc import PHOTOSHOP
from services.ingest.metadata.photo import describe_photo
from services.ingest.outcome import Description
from tests.support.xmp import alternatives, bag, packet

PACKET = packet(
    bag("dc:subject", "waterfall", "koi"), alternatives("dc:description", x_default="Behind the slide"), xmp_Rating="4"
)
GUID = "0123456789ABCDEF0123456789ABCDEF"
IPTC = b"".join(
    struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
    for record, number, value in [(1, 90, b"\x1b%G"), (2, 25, "Grüße".encode()), (2, 120, b"The grotto"), (2, 90, b"Napa")]
)
RESOURCES = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC + b"\0" * (len(IPTC) % 2)


def written(kind: str, **options: Any) -> bytes:
    memory = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(memory, kind, **options)
    return memory.getvalue()


def described(content: bytes) -> Description:
    format_ = sniff(content)
    assert format_ is not None
    return describe_photo(io.BytesIO(content), format_)


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    added = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments)
    return jpeg[:2] + added + jpeg[2:]


def png_with(name: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_itxt(name, PACKET.decode())
    return written("PNG", pnginfo=info)


def tiff_with(tag: int, value: bytes, mode: str = "RGB") -> bytes:
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    directory.tagtype[tag] = TiffTags.BYTE
    directory[tag] = value
    memory = io.BytesIO()
    Image.new(mode, (64, 48)).save(memory, "TIFF", tiffinfo=directory)
    return memory.getvalue()


def declared_to_be_numbers(tiff: bytes, tag: int, value: bytes) -> bytes:
    order = "<" if tiff.startswith(b"II") else ">"
    entry, numbers = (struct.pack(f"{order}HHI", tag, kind, count) for kind, count in ((1, len(value)), (4, len(value) // 4)))
    assert entry in tiff
    return tiff.replace(entry, numbers)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(written("JPEG", xmp=PACKET), id="jpeg"),
        pytest.param(written("WEBP", xmp=PACKET), id="webp"),
        pytest.param(png_with("XML:com.adobe.xmp"), id="png"),
        pytest.param(tiff_with(700, PACKET), id="tiff"),
        pytest.param(written("HEIF", xmp=PACKET), id="heic"),
    ],
)
def test_xmp_is_found_in_every_format(content: bytes) -> None:
    found = described(content).metadata
    assert found["Keywords"] == ["waterfall", "koi"]
    assert (found["Description"], found["Rating"]) == ("Behind the slide", 4)
    assert found["sources"] == {"Description": ["xmp"], "Rating": ["xmp"], "Keywords": ["xmp"]}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(with_segments(written("JPEG"), (0xED, PHOTOSHOP + RESOURCES)), id="jpeg"),
        pytest.param(
            with_segments(written("JPEG"), (0xED, PHOTOSHOP + RESOURCES[:30]), (0xED, PHOTOSHOP + RESOURCES[30:])),
            id="jpeg in parts",
        ),
        pytest.param(tiff_with(33723, IPTC), id="tiff"),
        pytest.param(tiff_with(34377, RESOURCES), id="tiff in resources"),
    ],
)
def test_iptc_is_found_in_every_format(content: bytes) -> None:
    found = described(content).metadata
    assert (found["Keywords"], found["Description"], found["City"]) == (["Grüße"], "The grotto", "Napa")


@pytest.mark.parametrize(("mode", "order"), [("RGB", b"II"), ("I;16B", b"MM")])
def test_iptc_that_is_declared_to_be_numbers_is_read_as_it_stands(mode: str, order: bytes) -> None:
    value = IPTC + b"\0" * (-len(IPTC) % 4)
    content = declared_to_be_numbers(tiff_with(33723, value, mode), 33723, value)
    assert content.startswith(order)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert described(content).metadata["Description"] == "The grotto"


def test_a_packet_that_a_jpeg_has_no_room_for_is_put_together() -> None:
    main = packet(alternatives("dc:title", x_default="Dusk"), xmpNote_HasExtendedXMP=GUID)
    rest = packet(bag("dc:subject", "waterfall"), "<dc:source>" + "x" * 100_000 + "</dc:source>")

    def part(offset: int, data: bytes, name: str = GUID) -> tuple[int, bytes]:
        return 0xE1, EXTENSION + name.encode() + struct.pack(">II", len(rest), offset) + data

    parts = [part(60_000, rest[60_000:]), part(0, rest[:60_000]), part(0, b"<a/>", name="F" * 32)]
    found = described(with_segments(written("JPEG", xmp=main), *parts)).metadata
    assert (found["Title"], found["Keywords"]) == ("Dusk", ["waterfall"])
    assert "notes" not in found

    missing = described(with_segments(written("JPEG", xmp=main), parts[1])).metadata
    assert (missing["Title"], missing["Keywords"], missing["notes"]) == ("Dusk", ["waterfall"], [BROKEN_XMP])


def test_damaged_xmp_costs_only_itself() -> None:
    found = described(written("JPEG", xmp=PACKET[: PACKET.index(b"<dc:description")])).metadata
    assert found["Keywords"] == ["waterfall", "koi"]
    assert found["notes"] == [BROKEN_XMP]
    bomb = b'<!DOCTYPE a [<!ENTITY b "' + b"b" * 1000 + b'">]><a>&b;</a>'
    assert described(written("JPEG", xmp=bomb)).metadata["notes"] == [BROKEN_XMP]


def exif(**gps: Any) -> Image.Exif:
    found = Image.Exif()
    found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2021:05:01 12:00:00"
    block = found.get_ifd(ExifTags.IFD.GPSInfo)
    for name, value in gps.items():
        block[ExifTags.GPS[name]] = value
    return found


HERE = {"GPSLatitudeRef": "N", "GPSLatitude": (43.0, 28.0, 0.0), "GPSLongitudeRef": "E", "GPSLongitude": (11.0, 53.0, 0.0)}


def test_the_satellites_give_height_direction_and_zone() -> None:
    told = exif(
        **HERE, GPSAltitude=35.5, GPSAltitudeRef=b"\x01", GPSImgDirection=270.25, GPSDateStamp="2021:05:01",
        GPSTimeStamp=(9.0, 59.0, 30.0),
    )  # fmt: skip
    found = described(written("JPEG", exif=told))
    assert found.captured_at == datetime(2021, 5, 1, 10, tzinfo=UTC)
    assert found.metadata["gps"] == {"altitude": -35.5, "direction": 270.25}
    assert (found.metadata["captured_zone"], found.metadata["captured_zone_from"]) == ("+02:00", "GPS")


@pytest.mark.parametrize(
    "values",
    [
        {"GPSAltitude": 1e9, "GPSImgDirection": 400.0, "GPSTimeStamp": (25.0, 61.0, 0.0), "GPSDateStamp": "2021:05:01"},
        {"GPSTimeStamp": (1.0, 2.0), "GPSDateStamp": "2021:05:01"},
        {"GPSTimeStamp": (10.0, 0.0, 0.0), "GPSDateStamp": "yesterday"},
    ],
)
def test_values_of_the_satellites_that_cannot_be_are_left_out(values: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = written("JPEG", exif=exif(**HERE, **values))
    found = described(content)
    assert found.captured_at == datetime(2021, 5, 1, 12, tzinfo=UTC)
    assert "gps" not in found.metadata
    assert "captured_zone" not in found.metadata
    assert (found.latitude, found.longitude) == (43.4666667, 11.8833333)
