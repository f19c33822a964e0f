"""How a player has to turn a picture before it shows it, from the matrix that recorders write."""

import math
import struct
from typing import NamedTuple

MATRIX = struct.Struct("=9i")
ONE = 1 << 16


class Turn(NamedTuple):
    """Degrees clockwise, in quarters; `mirrored` pictures are flipped left to right before that."""

    rotation: int
    mirrored: bool


def turn(content: bytes) -> Turn | None:
    """The turn of a display matrix as it comes beside a frame; None if it is none."""
    if len(content) < MATRIX.size:
        return None
    a, b, _, c, d, *_ = MATRIX.unpack_from(content)
    spread = a * d - b * c
    if not spread:
        return None
    mirrored = spread < 0
    degrees = math.degrees(math.atan2(-b, -a) if mirrored else math.atan2(b, a))
    return Turn(round(degrees / 90) * 90 % 360, mirrored)
