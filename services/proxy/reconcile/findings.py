"""What a reconciliation can find: the words for it, and whose an object is by its key. Pure."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from services.proxy.recipes import is_current
from shared.contracts import Kind

PREFIX = "proxy/"
"""Where renditions lie; nothing else in the object store is looked at or touched."""
OWNER = re.compile(rf"{PREFIX}([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})/")
GRACE = 3600
"""Seconds for which an object without a row is left alone: it may belong to work that is about to end."""

MAIN: Mapping[Kind, str] = {Kind.VIDEO: "proxy", Kind.IMAGE: "image", Kind.AUDIO: "proxy"}
"""The rendition without which a file has no proxy."""


class Change(StrEnum):
    """In which way the object store and the library differ."""

    ORPHAN = "orphan"
    MISSING = "missing"
    SIZE = "size"
    RECIPE = "recipe"
    STALE = "stale"


SENTENCES: Mapping[Change, str] = {
    Change.ORPHAN: "No file of the library uses this object.",
    Change.MISSING: "The object store does not have this rendition.",
    Change.SIZE: "The object store has another number of bytes than were stored.",
    Change.RECIPE: "This was made in another way than it would be made today.",
    Change.STALE: "This was made of content that the file no longer has.",
}
NO_PROXY = "The file has no proxy, though its making is noted as done."

REMOVED = "Removed from the object store."
USED_AGAIN = "A file uses this object again."
UNDER_WAY = "The file's renditions are being made; reconcile again when that is done."


def owner_of(key: str) -> UUID | None:
    """The file that a rendition is of; None for a key that none of ours has."""
    found = OWNER.match(key)
    return UUID(found[1]) if found else None


def outdated(known: Iterable[tuple[Kind, str, str]]) -> list[tuple[Kind, str, str]]:
    """Those of the kinds, names and recipes that would be made otherwise today."""
    return [made for made in known if not is_current(*made)]
