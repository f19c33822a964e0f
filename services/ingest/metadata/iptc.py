"""IPTC-IIM: the block of captions and keywords that newspapers put into pictures before there was XMP."""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from services.ingest.metadata import capture
from services.ingest.metadata.annotations import keywords
from services.ingest.metadata.capture import Moment
from services.ingest.metadata.values import text, without_empty

MARK = 0x1C
ENVELOPE, APPLICATION = 1, 2
"""Records: about the transmission, about the picture."""
CHARSET = 90
UTF_8 = (b"\x1b%G", b"\x1b%/G", b"\x1b%/H", b"\x1b%/I")
KEYWORDS, DAY, TIME = 25, 55, 60
FIELDS = {
    5: "title", 105: "headline", 120: "description", 80: "creator", 90: "city", 92: "location", 95: "state", 101: "country",
}  # fmt: skip
MOST = 2000
"""Entries read; a picture with two hundred keywords has some two hundred and twenty."""

PHOTOSHOP = b"Photoshop 3.0\0"
"""What a JPEG's segment of Photoshop's resources begins with."""
RESOURCE = b"8BIM"
IPTC_RESOURCE = 0x0404


def read_iptc(content: bytes) -> tuple[dict[str, JsonValue], Moment | None]:
    """The fields of a block by our names, and the time of capture; never raises."""
    entries = list(_entries(content))
    is_utf_8 = any((record, number) == (ENVELOPE, CHARSET) and value in UTF_8 for record, number, value in entries)
    found = [(number, _decoded(value, is_utf_8)) for record, number, value in entries if record == APPLICATION]
    fields: dict[str, JsonValue] = {}
    for number, value in found:
        if number in FIELDS:
            fields.setdefault(FIELDS[number], text(value))
    fields["keywords"] = keywords(value for number, value in found if number == KEYWORDS)
    return without_empty(fields), _captured(dict(reversed(found)))


def iptc_of_resources(segments: Iterable[bytes]) -> bytes:
    """The block among Photoshop's resources, which a JPEG may spread over several segments; empty if there is none."""
    resources = b"".join(segment.removeprefix(PHOTOSHOP) for segment in segments)
    return b"".join(data for number, data in _resources(resources) if number == IPTC_RESOURCE)


def _entries(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    for _ in range(MOST):
        if len(content) < at + 5 or content[at] != MARK:
            return
        record, number, size = content[at + 1], content[at + 2], int.from_bytes(content[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:  # a long one: the size of the size comes first
            digits = size & 0x7FFF
            if digits > 4:
                return
            size = int.from_bytes(content[at : at + digits], "big")
            at += digits
        yield record, number, content[at : at + size]
        at += size


def _resources(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while content[at : at + 4] == RESOURCE and len(content) >= at + 12:
        number, name = int.from_bytes(content[at + 4 : at + 6], "big"), content[at + 6]
        at += 6 + (name + 2 & ~1)  # its length counts too, and both are padded to be even
        size = int.from_bytes(content[at : at + 4], "big")
        yield number, content[at + 4 : at + 4 + size]
        at += 4 + (size + 1 & ~1)


def _decoded(value: bytes, is_utf_8: bool) -> str:
    if is_utf_8:
        return value.decode("utf-8", "replace")
    try:
        return value.decode("utf-8")  # written by most, announced by few
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _captured(values: dict[int, str]) -> Moment | None:
    day, time = values.get(DAY, ""), values.get(TIME, "")
    if len(day) != 8 or len(time) < 6:
        return None
    written = f"{day[:4]}-{day[4:6]}-{day[6:]} {time[:2]}:{time[2:4]}:{time[4:6]}{time[6:]}"
    return capture.moment(written)
