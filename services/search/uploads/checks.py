"""Whether an upload is what it was announced to be, and sentences for when it is not."""

import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from shared.contracts import Kind
from shared.errors import Conflict, Invalid
from shared.parts import MOST_PARTS, Cut, Part, part_size_for
from shared.uploads import safe_name

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
NOUNS = {Kind.VIDEO: "video", Kind.IMAGE: "photo", Kind.AUDIO: "sound file"}
EMPTY = "The file is empty (0 bytes): copying or recording it may have failed. Copy it again from where it came."
NAMELESS = "Give the file a name that has letters or digits in it."
MOST_NUMBERS = 5
"""Parts that a sentence names; the rest it counts."""


class Named(Protocol):
    """A part as the sender names it."""

    @property
    def number(self) -> int: ...
    @property
    def etag(self) -> str: ...


def name_of(given: str) -> str:
    """The name that a file will have; raises Invalid."""
    name = safe_name(given)
    if not name:
        raise Invalid(NAMELESS)
    return name


def cut_of(size: int, part_size: int | None) -> Cut:
    """How an upload is cut into parts; raises Invalid."""
    if not size:
        raise Invalid(EMPTY)
    cut = Cut(size, part_size or part_size_for(size))
    if cut.count > MOST_PARTS:
        raise Invalid(
            f"Parts of {cut.part_size} bytes would be {cut.count}, and {MOST_PARTS} is the most; "
            f"make them at least {part_size_for(size)} bytes large, or leave part_size out."
        )
    return cut


def too_large(size: int, largest: int) -> str:
    """Why nothing of this size is taken."""
    return (
        f"The file has {readable(size)}, more than the {readable(largest)} that any file may have; "
        "raise SPILLWAY_INGEST_LARGEST_VIDEO to take it."
    )


def hint_for(name: str, size: int, limits: Mapping[Kind, int]) -> str | None:
    """Why a file that is what its name says will be refused; only its content decides."""
    guess = (mimetypes.guess_type(name)[0] or "").partition("/")[0]
    if guess not in limits or size <= limits[Kind(guess)]:
        return None
    kind = Kind(guess)
    return (
        f"If this is a {NOUNS[kind]}, it will be refused: it has {readable(size)}, and {readable(limits[kind])} are allowed. "
        f"Raise SPILLWAY_INGEST_LARGEST_{kind.name} to take it."
    )


def chosen(named: Sequence[Named], stored: Sequence[Part], cut: Cut) -> list[Part]:
    """The stored parts that the sender names, in order and whole; raises Conflict, after which the rest can still be sent."""
    wanted = {part.number: part.etag.strip('"') for part in named}
    if len(wanted) != len(named):
        raise Conflict("The list names a part twice; name each once.")
    if strange := [number for number in wanted if number > cut.count]:
        raise Conflict(f"The upload has {cut.count} parts, so there is no {numbers(strange)}; leave it out.")
    if missing := [number for number in range(1, cut.count + 1) if number not in wanted]:
        raise Conflict(f"The list lacks {numbers(missing)}: send what is missing, then complete again.")
    by_number = {(part.number, part.etag): part for part in stored}
    parts = [by_number.get((number, wanted[number])) for number in range(1, cut.count + 1)]
    if unknown := [number for number, part in enumerate(parts, 1) if part is None]:
        raise Conflict(
            f"The object store does not have {numbers(unknown)} with this etag: send what it has not, then complete again."
        )
    found = [part for part in parts if part is not None]
    for part in found:
        if not cut.fits(part):
            raise Conflict(
                f"Part {part.number} has {part.size} bytes instead of {cut.size_of(part.number)}: "
                "send it again, then complete again."
            )
    return found


def numbers(parts: Iterable[int]) -> str:
    """Parts by their numbers: `part 3`, `parts 1, 2, 3, 4, 5 and 7 more`."""
    sought = sorted(parts)
    listed = ", ".join(map(str, sought[:MOST_NUMBERS]))
    more = f" and {len(sought) - MOST_NUMBERS} more" if len(sought) > MOST_NUMBERS else ""
    return f"part{'s' if len(sought) > 1 else ''} {listed}{more}"


def readable(size: int) -> str:
    """A size as people write it: 15.0 MiB."""
    power = min(max(size.bit_length() - 1, 0) // 10, len(UNITS) - 1)
    return f"{size / 1024**power:.1f} {UNITS[power]}" if power else f"{size} bytes"
