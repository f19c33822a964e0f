"""What the colours of a video are: names for the standards' numbers, and whether it is high dynamic range."""

import struct
from collections.abc import Mapping

from pydantic import JsonValue

from services.ingest.metadata.values import number, without_empty

PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
TRANSFERS = {
    1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 17: "smpte428",
    18: "arib-std-b67",
}  # fmt: skip
MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc", 10: "bt2020c",
    11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp",
}  # fmt: skip
RANGES = {1: "tv", 2: "pc"}
"""Numbers of ISO/IEC 23091-2 (H.273), under the names that ffmpeg takes."""
HDR = {16: "pq", 18: "hlg"}
"""Transfers that a screen of standard range cannot show as they are."""
DOLBY_VISION_TAGS = frozenset({"dvh1", "dvhe", "dva1", "dvav", "dav1"})

MASTERING, LIGHT, DYNAMIC, DOLBY, DOLBY_RAW = (
    "MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL", "DYNAMIC_HDR_PLUS", "DOVI_METADATA", "DOVI_RPU_BUFFER",
)  # fmt: skip
"""What comes beside a frame, by the names of ffmpeg's kinds."""
MASTERING_LAYOUT = struct.Struct("=20i2i")
"""Three primaries and the white point, x and y each, then the darkest and the brightest, all as fractions; two flags."""
LIGHT_LAYOUT = struct.Struct("=2I")


def colours(primaries: int, transfer: int, matrix: int, extent: int) -> dict[str, JsonValue]:
    """Names of what is given; numbers that say nothing, or are unknown, are left out."""
    return without_empty(
        {
            "primaries": PRIMARIES.get(primaries),
            "transfer": TRANSFERS.get(transfer),
            "matrix": MATRICES.get(matrix),
            "range": RANGES.get(extent),
        }
    )


def dynamic_range(transfer: int, beside: Mapping[str, bytes], codec_tag: str) -> dict[str, JsonValue]:
    """`hdr` (pq or hlg), the name of its format, and the static values that come with it; empty for standard range.

    `beside` holds what comes with the first frame, by kind.
    """
    is_dolby = codec_tag in DOLBY_VISION_TAGS or DOLBY in beside or DOLBY_RAW in beside
    hdr = HDR.get(transfer)
    if hdr is None and not is_dolby:
        return {}
    static = {**_mastering(beside.get(MASTERING, b"")), **_light(beside.get(LIGHT, b""))}
    return without_empty({"hdr": hdr or "pq", "hdr_format": _format(hdr, beside, static, is_dolby), "hdr_static": static})


def _format(hdr: str | None, beside: Mapping[str, bytes], static: Mapping[str, JsonValue], is_dolby: bool) -> str:
    if is_dolby:
        return "Dolby Vision"
    if hdr == "hlg":
        return "HLG"
    if DYNAMIC in beside:
        return "HDR10+"
    return "HDR10" if static else "PQ"


def _mastering(content: bytes) -> dict[str, JsonValue]:
    """Brightness in candela per square metre, and the corners of the colours that the screen of the grading could show."""
    if len(content) < MASTERING_LAYOUT.size:
        return {}
    values = MASTERING_LAYOUT.unpack_from(content)
    *places, darkest, brightest = [_fraction(values[at], values[at + 1]) for at in range(0, 20, 2)]
    has_primaries, has_luminance = values[20:]
    return without_empty(
        {
            "primaries": [*places[:6]] if has_primaries else None,
            "white": [*places[6:]] if has_primaries else None,
            "darkest": darkest if has_luminance else None,
            "brightest": brightest if has_luminance else None,
        }
    )


def _light(content: bytes) -> dict[str, JsonValue]:
    if len(content) < LIGHT_LAYOUT.size:
        return {}
    pixel, frame = LIGHT_LAYOUT.unpack_from(content)
    return {name: value for name, value in (("max_cll", pixel), ("max_fall", frame)) if value}


def _fraction(over: int, under: int) -> float | None:
    return number(round(over / under, 5)) if under else None
