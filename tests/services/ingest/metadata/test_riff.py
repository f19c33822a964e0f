import io
import json
import struct

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.riff import IXML, chunks, read_ixml

SLATE = (
    b"<BWFXML><PROJECT>Grotto</PROJECT><SCENE>12A</SCENE><TAKE>3</TAKE><TAPE>T1</TAPE><NOTE>wind &amp; water</NOTE></BWFXML>"
)


def chunk(name: bytes, data: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (len(data) % 2)


def test_a_chunk_is_found_behind_others_of_odd_length() -> None:
    content = b"RIFF\0\0\0\0WAVE" + chunk(b"fmt ", b"x" * 17) + chunk(b"data", b"y" * 31) + chunk(b"iXML", SLATE)
    assert dict(chunks(io.BytesIO(content))) == {IXML: SLATE}


def test_a_chunk_is_found_behind_data_of_more_than_four_gibibytes() -> None:
    data = b"y" * 1000
    sizes = struct.pack("<QQQI", 0, len(data), 0, 0)
    content = b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", sizes) + chunk(b"data", data, 0xFFFFFFFF) + chunk(b"iXML", SLATE)
    assert dict(chunks(io.BytesIO(content))) == {IXML: SLATE}


def test_the_slate_is_read() -> None:
    assert read_ixml(SLATE) == {"project": "Grotto", "scene": "12A", "take": "3", "tape": "T1", "note": "wind & water"}
    assert read_ixml(b"") == {}


def test_a_file_of_nothing_but_headers_is_read_only_so_far() -> None:
    content = b"RIFF\0\0\0\0WAVE" + chunk(b"junk", b"") * 10_000 + chunk(b"iXML", SLATE)
    assert dict(chunks(io.BytesIO(content))) == {}


@given(st.binary() | st.binary().map(lambda noise: b"RIFF\0\0\0\0WAVE" + noise + chunk(b"iXML", noise) + noise))
def test_no_bytes_can_crash_it(content: bytes) -> None:
    for data in dict(chunks(io.BytesIO(content))).values():
        json.dumps(read_ixml(data))
