import pytest

from services.ingest.inspection.sniff import AAC, HEAD, JPEG, MP3, MP4, MPEG_TS, WAV, Format, id3_length, mislabelled, sniff

MP3_FRAME = bytes.fromhex("fffb9064") + bytes(413)
"""MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes."""
ADTS_FRAME = bytes.fromhex("fff15080020000") + bytes(9)
"""AAC with a length field of 16."""


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF89a\x01\0", "GIF"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
        (b"II*\0\x08\0\0\0\x0f\0", "TIFF"),
        (b"MM\0*\0\0\0\x08", "TIFF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "MP4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "MP4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "MP4"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska", "Matroska"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", "WAV"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "WAV"),
        (b"fLaC\0\0\0\x22", "FLAC"),
        (b"OggS\0\x02", "Ogg"),
        (b"FORM\0\0\0\0AIFF", "AIFF"),
        ((b"\x47" + bytes(187)) * 4, "MPEG-TS"),
        ((bytes(4) + b"\x47" + bytes(187)) * 4, "MPEG-TS"),
        (MP3_FRAME * 2, "MP3"),
        (ADTS_FRAME * 2, "AAC"),
    ],
)
def test_a_format_is_told_by_its_first_bytes(head: bytes, name: str) -> None:
    found = sniff(head)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"# Notes\n" * 100,
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"G" + b"ood morning" * 300,
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
        b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1miaf",
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
        b"II*\0\x10\0\0\0CR\x02\0",
        MP3_FRAME + b"noise" * 200,
        ADTS_FRAME + b"noise" * 200,
        b"\xff\xfb\xf0\x64" + bytes(800),
        bytes(HEAD),
    ],
)
def test_what_only_resembles_a_format_is_none(head: bytes) -> None:
    assert sniff(head) is None


def test_a_sound_file_of_a_single_frame_is_recognised() -> None:
    assert sniff(MP3_FRAME) is MP3


def test_an_id3_tag_is_measured_so_that_the_format_behind_it_can_be_told() -> None:
    assert id3_length(b"ID3\x04\0\0" + bytes([0, 0, 2, 1]) + bytes(300)) == 10 + 257
    assert id3_length(b"ID3\x04\0\x10" + bytes([0, 0, 2, 1])) == 20 + 257
    assert id3_length(b"ID3\x04\0\0" + bytes([0, 0, 0x80, 1])) == 0
    assert id3_length(MP3_FRAME) == 0


@pytest.mark.parametrize(
    ("format_", "name", "wrong"),
    [
        (JPEG, "a.jpg", False),
        (JPEG, "a.JPEG", False),
        (JPEG, "a.png", True),
        (MP4, "a.mov", False),
        (MP4, "a.m4a", False),
        (WAV, "a.mp3", True),
        (AAC, "a.mp4", True),
        (MPEG_TS, "no_ending", False),
        (JPEG, "a.jpg.bak", False),
        (JPEG, ".jpg", False),
    ],
)
def test_only_an_ending_that_names_another_format_is_wrong(format_: Format, name: str, wrong: bool) -> None:
    assert mislabelled(format_, name) is wrong
