"""Cursors of long lists: where a page ended, written so that nobody takes it apart."""

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple
from uuid import UUID

from shared.errors import Invalid

FOREIGN = "The cursor is not one that this gateway gave; begin at the first page, without a cursor."
NUMBER = struct.Struct(">Q")
LARGEST = 2**63 - 1
"""Number that Postgres knows."""
LAYOUT = struct.Struct(">16sQ")


class Cursor(NamedTuple):
    """The last file of a page, and how many files the list had when it was begun, which is expensive to count again."""

    last: UUID
    total: int


def write(cursor: Cursor) -> str:
    """The cursor as a client gets it."""
    return urlsafe_b64encode(LAYOUT.pack(cursor.last.bytes, cursor.total)).decode()


def read(text: str) -> Cursor:
    """The cursor that a client gave back; raises Invalid."""
    try:
        last, total = LAYOUT.unpack(urlsafe_b64decode(text.encode("ascii")))
    except (UnicodeEncodeError, binascii.Error, struct.error) as error:
        raise Invalid(FOREIGN) from error
    return Cursor(UUID(bytes=last), total)


def write_place(place: bytes) -> str:
    """The cursor of a list that is in the order of bytes."""
    return urlsafe_b64encode(place).decode()


def read_place(text: str) -> bytes:
    """Where a page of such a list ended; raises Invalid."""
    try:
        return urlsafe_b64decode(text.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Invalid(FOREIGN) from error


def write_text(text: str) -> str:
    """The cursor of a list that is in the order of names."""
    return write_place(text.encode())


def read_text(cursor: str) -> str:
    """The name at which a page of such a list ended; raises Invalid."""
    try:
        text = read_place(cursor).decode()
    except UnicodeDecodeError as error:
        raise Invalid(FOREIGN) from error
    if "\x00" in text:
        raise Invalid(FOREIGN)
    return text


def write_number(number: int) -> str:
    """The cursor of a list that is in the order of numbers."""
    return write_place(NUMBER.pack(number))


def read_number(cursor: str) -> int:
    """The number at which a page of such a list ended; raises Invalid."""
    try:
        (number,) = NUMBER.unpack(read_place(cursor))
    except struct.error as error:
        raise Invalid(FOREIGN) from error
    return min(int(number), LARGEST)
