"""What a file is, by its first bytes; its name has no say."""

from collections.abc import Callable
from dataclasses import dataclass

HEAD = 4096
"""Bytes that telling a format takes: two frames of MP3 or AAC, four packets of a transport stream."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that Spillway knows. `code` is its name in Pillow for pictures, else that of ffmpeg's demuxer."""

    name: str
    code: str
    suffixes: tuple[str, ...]
    is_picture: bool = False


JPEG = Format("JPEG", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), is_picture=True)
PNG = Format("PNG", "PNG", (".png", ".apng"), is_picture=True)
GIF = Format("GIF", "GIF", (".gif",), is_picture=True)
WEBP = Format("WebP", "WEBP", (".webp",), is_picture=True)
TIFF = Format("TIFF", "TIFF", (".tif", ".tiff"), is_picture=True)
HEIC = Format("HEIC", "HEIF", (".heic", ".heif", ".hif", ".heics", ".heifs"), is_picture=True)
MP4 = Format("MP4", "mov", (".mp4", ".m4v", ".m4a", ".m4b", ".mov", ".qt", ".3gp", ".3g2", ".insv", ".lrv"))
MATROSKA = Format("Matroska", "matroska", (".mkv", ".webm", ".mka", ".mk3d"))
AVI = Format("AVI", "avi", (".avi", ".divx"))
MPEG_TS = Format("MPEG-TS", "mpegts", (".mts", ".m2ts", ".ts", ".m2t", ".trp", ".tp"))
WAV = Format("WAV", "wav", (".wav", ".wave", ".bwf", ".rf64"))
MP3 = Format("MP3", "mp3", (".mp3",))
AAC = Format("AAC", "aac", (".aac", ".adts"))
FLAC = Format("FLAC", "flac", (".flac",))
OGG = Format("Ogg", "ogg", (".ogg", ".oga", ".ogv", ".opus", ".spx"))
AIFF = Format("AIFF", "aiff", (".aif", ".aiff", ".aifc"))

HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
OTHER_STILLS = frozenset({b"avif", b"avis", b"crx ", b"jp2 ", b"jpx "})
"""Still formats that share MP4's first bytes: AVIF, Canon's raw files, JPEG 2000. Spillway does not know them."""
OLD_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})

MP3_BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5
)
"""kbit/s by index, layer III."""
MP3_RATES = {0b11: (44100, 48000, 32000), 0b10: (22050, 24000, 16000), 0b00: (11025, 12000, 8000)}
"""Samples per second by version bits and index."""


def sniff(head: bytes) -> Format | None:
    """The format of a file that begins with `head` (up to HEAD bytes); None if Spillway knows none like it."""
    return next((format_ for format_, recognises in SIGNATURES if recognises(head)), None)


def id3_length(head: bytes) -> int:
    """Bytes of the ID3 tag that a sound file may begin with, before its own signature; 0 if there is none."""
    if len(head) < 10 or not head.startswith(b"ID3") or any(byte & 0x80 for byte in head[6:10]):
        return 0
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + size + (10 if head[5] & 0x10 else 0)


def mislabelled(format_: Format, name: str) -> bool:
    """Whether a file's name ends in a way that its content contradicts."""
    _, dot, suffix = name.rpartition(".")
    return bool(dot) and f".{suffix.casefold()}" in KNOWN_SUFFIXES - {*format_.suffixes}


def _is_heic(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS and b"avif" not in _brands(head)


def _is_mp4(head: bytes) -> bool:
    if head[4:8] == b"ftyp":
        return head[8:12] not in OTHER_STILLS and b"avif" not in _brands(head)
    return head[4:8] in OLD_QUICKTIME and len(head) >= 16


def _brands(head: bytes) -> list[bytes]:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    return [head[at : at + 4] for at in range(8, size, 4)]


def _is_tiff(head: bytes) -> bool:
    return head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"} and head[8:10] != b"CR"


def _is_riff(form: bytes, *, tags: tuple[bytes, ...] = (b"RIFF",)) -> Callable[[bytes], bool]:
    return lambda head: head[:4] in tags and head[8:12] == form


def _is_transport_stream(head: bytes) -> bool:
    return any(
        len(head) > first + 2 * size and all(head[at] == 0x47 for at in range(first, min(first + 4 * size, len(head)), size))
        for first, size in ((0, 188), (4, 192))
    )


def _is_mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or _two_frames(head, _mp3_frame)


def _is_adts(head: bytes) -> bool:
    return _two_frames(head, _adts_frame)


def _two_frames(head: bytes, length: Callable[[bytes], int]) -> bool:
    # One header is too weak a sign: one in some two thousand files of noise begins with what looks like it.
    first = length(head)
    return bool(first) and (length(head[first:]) > 0 or (first >= len(head) < HEAD))


def _mp3_frame(head: bytes) -> int:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 0b01 or bitrate in {0, 15} or rate == 3:
        return 0
    first = version == 0b11
    return (144 if first else 72) * MP3_BITRATES[not first][bitrate] * 1000 // MP3_RATES[version][rate] + (head[2] >> 1 & 1)


def _adts_frame(head: bytes) -> int:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


SIGNATURES: tuple[tuple[Format, Callable[[bytes], bool]], ...] = (
    (JPEG, _starts(b"\xff\xd8\xff")),
    (PNG, _starts(b"\x89PNG\r\n\x1a\n")),
    (GIF, _starts(b"GIF87a", b"GIF89a")),
    (WEBP, _is_riff(b"WEBP")),
    (TIFF, _is_tiff),
    (HEIC, _is_heic),
    (MP4, _is_mp4),
    (MATROSKA, _starts(b"\x1a\x45\xdf\xa3")),
    (AVI, _is_riff(b"AVI ")),
    (WAV, _is_riff(b"WAVE", tags=(b"RIFF", b"RF64", b"BW64"))),
    (FLAC, _starts(b"fLaC")),
    (OGG, _starts(b"OggS")),
    (AIFF, lambda head: head.startswith(b"FORM") and head[8:12] in {b"AIFF", b"AIFC"}),
    (AAC, _is_adts),
    (MPEG_TS, _is_transport_stream),
    (MP3, _is_mp3),
)
"""In this order: the last ones have the weakest signs."""

KNOWN_SUFFIXES = frozenset(suffix for format_, _ in SIGNATURES for suffix in format_.suffixes)
