"""ICC colour profiles, written from their numbers, and what a colour in one is in sRGB by the book."""

import struct
from collections.abc import Callable, Sequence
from itertools import product

Matrix = tuple[tuple[float, float, float], ...]

DISPLAY_P3: Matrix = ((0.5151, 0.2920, 0.1571), (0.2412, 0.6922, 0.0666), (-0.0011, 0.0419, 0.7841))
ADOBE_RGB: Matrix = ((0.6097, 0.2053, 0.1492), (0.3111, 0.6257, 0.0632), (0.0195, 0.0609, 0.7446))
SRGB: Matrix = ((0.4361, 0.3851, 0.1431), (0.2225, 0.7169, 0.0606), (0.0139, 0.0971, 0.7141))
"""Columns: red, green, blue; rows: X, Y, Z under D50."""
FROM_XYZ: Matrix = ((3.1339, -1.6169, -0.4906), (-0.9788, 1.9161, 0.0335), (0.0719, -0.2290, 1.4052))
"""The inverse of SRGB."""

WHITE = (0.9642, 1.0, 0.8249)
PRESS_GRID = tuple(product((0, 1), repeat=4))


def in_srgb(colour: Sequence[int], matrix: Matrix, gamma: float) -> tuple[int, int, int]:
    """What a colour (0 to 255) of a space with these primaries and this gamma is in sRGB."""
    light = [(value / 255) ** gamma for value in colour]
    xyz = [sum(share * value for share, value in zip(row, light, strict=True)) for row in matrix]
    red, green, blue = (encoded(sum(share * value for share, value in zip(row, xyz, strict=True))) for row in FROM_XYZ)
    return red, green, blue


def encoded(light: float) -> int:
    """An amount of light (0 to 1) as sRGB writes it (0 to 255)."""
    light = min(max(light, 0.0), 1.0)
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


def rgb_profile(matrix: Matrix, gamma: float) -> bytes:
    """A profile with three primaries."""
    columns = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), zip(*matrix, strict=True), strict=True))
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(gamma))
    return _profile(b"mntr", b"RGB ", b"XYZ ", {**{name: _xyz(*column) for name, column in columns.items()}, **curves})


def grey_profile(gamma: float) -> bytes:
    """A profile of greys."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _curve(gamma)})


def press_profile(lightness: Callable[[Sequence[int]], float]) -> bytes:
    """A profile of four inks that mix to greys; `lightness` (0 to 100) of the sixteen ways to print each ink or not."""
    table = b"".join(bytes((round(lightness(inks) * 2.55), 128, 128)) for inks in PRESS_GRID)
    ramp = bytes(range(256))
    identity = struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    lookup = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4 + table + ramp * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lookup, b"A2B1": lookup})


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {b"desc": _text(b"made by a test"), b"wtpt": _xyz(*WHITE), **tags}
    offset = 128 + 4 + 12 * len(tags)
    entries = data = b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        entries += name + struct.pack(">II", offset + len(data), len(content))
        data += padded
    head = struct.pack(">I4sI4s4s4s", offset + len(data), b"\0\0\0\0", 0x02400000, kind, space, connection)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3i", *map(_fixed, WHITE))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + data


def _fixed(value: float) -> int:
    return round(value * 65536)


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *map(_fixed, values))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def _text(text: bytes) -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(78)
