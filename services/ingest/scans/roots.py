"""Roots: what was imported to bring files here. The folders above a root say nothing of the footage."""

import os
from collections.abc import Iterable, Set

SEPARATOR = os.sep.encode()


def raw_root(root: str, path_raw: bytes) -> bytes:
    """The root as the file system has it, told by a file under it: the shown one has lost what is no UTF-8."""
    depth = root.rstrip(os.sep).count(os.sep) + 1
    return SEPARATOR.join(path_raw.split(SEPARATOR)[:depth]) or SEPARATOR


def outermost(roots: Iterable[bytes]) -> list[bytes]:
    """Those that lie in none of the others, in order."""
    kept: list[bytes] = []
    for root in sorted(set(roots), key=beneath):
        if not (kept and root.startswith(beneath(kept[-1]))):
            kept.append(root)
    return kept


def beneath(folder: bytes) -> bytes:
    """What the paths of everything in the folder begin with."""
    return folder if folder.endswith(SEPARATOR) else folder + SEPARATOR


def after(prefix: bytes) -> bytes:
    """The first bytes that sort after everything that begins with `prefix`, which ends with a separator."""
    return prefix[:-1] + bytes([prefix[-1] + 1])


def root_of(path: str, roots: Set[str], fallback: str) -> str:
    """The innermost of the known roots that a file lies in; the fallback if it lies in none."""
    folder = path
    while roots:
        if folder in roots:
            return folder
        above = os.path.dirname(folder)  # noqa: PTH120 - a path as shown, of a million
        if above == folder or not above:
            return fallback
        folder = above
    return fallback


def moved_root(root: str, old: str, new: str, roots: Set[str], fallback: str) -> str:
    """The root of a file that was moved: a root that was moved with it stays what it was, under its new path."""
    inside = old[len(root) :] if root and old.startswith(root) else ""
    if root and (new == root or new.startswith(os.path.join(root, ""))):  # noqa: PTH118 - with a separator at its end
        return root
    if inside and new.endswith(inside) and len(new) > len(inside):
        return new[: -len(inside)]
    return root_of(new, roots, fallback)
