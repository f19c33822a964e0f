"""How a large object is cut into parts, and which of the parts that have come are as they should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

MIB = 1 << 20
SMALLEST_PART, LARGEST_PART, MOST_PARTS = 5 * MIB, 5 << 30, 10_000
"""Limits of S3: bytes of every part but the last, and parts of one object."""
USUAL_PART = 8 * MIB
"""Bytes: what is lost when a connection breaks, and held in memory for each part that passes through us."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Part:
    """A part of an object that is not joined yet; `etag` without quotation marks."""

    number: int
    size: int
    etag: str
    stored_at: datetime | None = None


@dataclass(frozen=True)
class Cut:
    """An object of `size` bytes, at least one, in parts of `part_size`; the last is as long as what is left."""

    size: int
    part_size: int

    @property
    def count(self) -> int:
        """How many parts there are; their numbers begin with 1."""
        return -(-self.size // self.part_size)

    def size_of(self, number: int) -> int:
        """Bytes of a part."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)

    def fits(self, part: Part) -> bool:
        """Whether a part is one of these, and whole."""
        return 1 <= part.number <= self.count and part.size == self.size_of(part.number)

    def usable(self, parts: Sequence[Part]) -> list[Part]:
        """Those parts that fit, by number; of one that has come twice, the later."""
        latest = sorted(filter(self.fits, parts), key=lambda part: (part.number, part.stored_at or LONG_AGO))
        return list({part.number: part for part in latest}.values())


def part_size_for(size: int) -> int:
    """The usual size of a part, or whole MiB that keep an object of so many bytes within the number of parts."""
    return max(USUAL_PART, -(-size // (MOST_PARTS * MIB)) * MIB)
