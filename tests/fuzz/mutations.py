"""Damage, by the seed: the same seed does the same to the same bytes. Pure."""

import random
import zlib
from collections.abc import Callable
from typing import Literal

EXTREMES = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
"""What lengths and counts are set to: the values at which arithmetic goes wrong."""
PNG = b"\x89PNG\r\n\x1a\n"
SIGNATURE = 16
"""Bytes in which most formats say what they are."""
WIDTHS = (1, 2, 4, 4, 8)
ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")

Mutation = Callable[[bytearray, random.Random], None]


def mutant(content: bytes, donor: bytes, seed: int) -> bytes:
    """The content with one to four things wrong with it; `donor` is a file of another kind, whose header it may get."""
    chance = random.Random(seed)
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4))):
        if chance.random() < 0.03:
            damaged[: chance.randrange(4, 64)] = donor[: chance.randrange(4, 64)]
        else:
            chance.choice(MUTATIONS)(damaged, chance)
    if damaged.startswith(PNG) and chance.random() < 0.8:
        restore_checksums(damaged)
    return bytes(damaged)


def restore_checksums(content: bytearray) -> None:
    """Let a PNG's checksums fit what its chunks hold now: else no reader would look at what is wrong with them."""
    at = len(PNG)
    while at + 12 <= len(content):
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        if end + 4 > len(content):
            return
        content[end : end + 4] = zlib.crc32(content[at + 4 : end]).to_bytes(4, "big")
        at = end + 4


def _place(content: bytearray, chance: random.Random) -> int:
    """Somewhere, and more often near the beginning, where headers are, or the end, where indexes are.

    The first bytes are mostly spared: a file that is of no kind that anybody knows is soon done with.
    """
    first = SIGNATURE if chance.random() < 0.9 else 0
    share = chance.random() ** chance.choice((1, 2, 4))
    share = share if chance.random() < 0.8 else 1 - share
    return min(first + int(share * max(0, len(content) - 1 - first)), max(0, len(content) - 1))


def _stretch(content: bytearray, chance: random.Random) -> slice:
    start = _place(content, chance)
    return slice(start, start + int(2 ** chance.uniform(0, 11)))


def flip_bits(content: bytearray, chance: random.Random) -> None:
    """A few bits, as bad memory does."""
    for _ in range(chance.randrange(1, 16)):
        if content:
            content[_place(content, chance)] ^= 1 << chance.randrange(8)


def scramble(content: bytearray, chance: random.Random) -> None:
    """A stretch of other bytes."""
    stretch = _stretch(content, chance)
    content[stretch] = chance.randbytes(len(content[stretch]))


def truncate(content: bytearray, chance: random.Random) -> None:
    """Only the beginning is there."""
    del content[_place(content, chance) :]


def lose(content: bytearray, chance: random.Random) -> None:
    """A stretch is missing."""
    del content[_stretch(content, chance)]


def double(content: bytearray, chance: random.Random) -> None:
    """A stretch comes twice, the second time elsewhere."""
    at = _place(content, chance)
    content[at:at] = content[_stretch(content, chance)]


def exchange(content: bytearray, chance: random.Random) -> None:
    """Two stretches have changed places."""
    one, other = sorted((_place(content, chance), _place(content, chance)))
    size = int(2 ** chance.uniform(2, 11))
    if one + size <= other:
        content[one : one + size], content[other : other + size] = content[other : other + size], content[one : one + size]


def blank(content: bytearray, chance: random.Random) -> None:
    """A stretch of zeros, as a hole in a file that was being written."""
    stretch = _stretch(content, chance)
    content[stretch] = bytes(len(content[stretch]))


def lie_about_length(content: bytearray, chance: random.Random) -> None:
    """A number that may be a length or a count says something extreme, or a little more or less than it did."""
    at, width, order = _place(content, chance), chance.choice(WIDTHS), chance.choice(ORDERS)
    said = int.from_bytes(content[at : at + width], order)
    number = chance.choice((*EXTREMES, said + 1, said - 1, said * 2, len(content)))
    content[at : at + width] = (number % (1 << 8 * width)).to_bytes(width, order)


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    scramble,
    truncate,
    lose,
    double,
    exchange,
    blank,
    lie_about_length,
    lie_about_length,
)
