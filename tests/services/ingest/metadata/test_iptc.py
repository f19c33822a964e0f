import json
import struct
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.iptc import PHOTOSHOP, iptc_of_resources, read_iptc

UTF_8 = (1, 90, b"\x1b%G")


def block(*entries: tuple[int, int, bytes]) -> bytes:
    return b"".join(struct.pack(">BBBH", 0x1C, record, number, len(value)) + value for record, number, value in entries)


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    named = bytes([len(name)]) + name
    named += b"\0" * (len(named) % 2)
    return b"8BIM" + struct.pack(">H", number) + named + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)


def test_what_a_newspaper_writes_is_found() -> None:
    fields, captured = read_iptc(
        block(
            UTF_8, (2, 5, b"Dusk"), (2, 25, b"waterfall"), (2, 25, "Grüße".encode()), (2, 25, b"Waterfall"), (2, 80, b"Ann"),
            (2, 90, b"Napa"), (2, 92, b"Smith Residence"), (2, 95, b"California"), (2, 101, b"USA"), (2, 105, b"Water"),
            (2, 120, b"The waterfall at dusk"), (2, 55, b"20210501"), (2, 60, b"100000+0200"),
        )
    )  # fmt: skip
    assert fields == {
        "title": "Dusk",
        "headline": "Water",
        "description": "The waterfall at dusk",
        "creator": "Ann",
        "city": "Napa",
        "location": "Smith Residence",
        "state": "California",
        "country": "USA",
        "keywords": ["waterfall", "Grüße"],
    }
    assert captured is not None
    assert captured.at == datetime(2021, 5, 1, 8, tzinfo=UTC)


def test_texts_are_read_in_the_character_set_they_announce_or_most_likely_have() -> None:
    assert read_iptc(block((2, 5, "Grüße".encode())))[0] == {"title": "Grüße"}
    assert read_iptc(block((2, 5, "Grüße".encode("cp1252"))))[0] == {"title": "Grüße"}
    assert read_iptc(block(UTF_8, (2, 5, "Grüße".encode("cp1252"))))[0] == {"title": "Gr\ufffd\ufffde"}


def test_a_long_caption_has_its_size_written_apart() -> None:
    caption = b"x" * 1500
    content = struct.pack(">BBBHI", 0x1C, 2, 120, 0x8004, len(caption)) + caption + block((2, 5, b"Dusk"))
    assert read_iptc(content)[0] == {"description": caption.decode(), "title": "Dusk"}


def test_what_stands_before_the_damage_is_kept() -> None:
    assert read_iptc(block((2, 5, b"Dusk")) + b"\x1c\x02\x19\xff")[0] == {"title": "Dusk"}
    assert read_iptc(block((2, 5, b"Dusk")) + b"noise" * 10)[0] == {"title": "Dusk"}


def test_the_block_is_found_among_photoshops_resources_in_any_segment() -> None:
    iptc = block((2, 5, b"Dusk"), (2, 25, b"odd"))
    content = resource(0x03ED, b"odd") + resource(0x0404, iptc, name=b"abc") + resource(0x0425, b"x" * 16)
    assert iptc_of_resources([PHOTOSHOP + content]) == iptc
    assert iptc_of_resources([PHOTOSHOP + content[:40], PHOTOSHOP + content[40:]]) == iptc
    assert iptc_of_resources([PHOTOSHOP + resource(0x03ED, b"odd")]) == b""


@given(st.binary() | st.binary().map(lambda noise: block((2, 25, noise), (2, 55, noise[:8]), (2, 60, noise[:6])) + noise))
def test_no_bytes_can_crash_it_and_all_that_it_keeps_is_json(content: bytes) -> None:
    fields, _ = read_iptc(content)
    json.dumps(fields, allow_nan=False, ensure_ascii=False).encode()


@given(st.binary() | st.binary().map(lambda noise: b"8BIM\x04\x04" + noise + resource(0x0404, noise)))
def test_no_resources_can_crash_it(content: bytes) -> None:
    assert isinstance(iptc_of_resources([PHOTOSHOP + content, content]), bytes)
