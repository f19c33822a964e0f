"""What a look at the disk finds, beside what the library has."""

from enum import StrEnum


class Change(StrEnum):
    """What is found of a path."""

    NEW = "new"
    MOVED = "moved"
    RENAMED = "renamed"
    CHANGED = "changed"
    MISSING = "missing"
    RETURNED = "returned"
    DUPLICATE = "duplicate"
    UNCHANGED = "unchanged"
    UNSUPPORTED = "unsupported"
    UNREADABLE = "unreadable"
