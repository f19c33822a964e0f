"""Everything under a folder that may be media, each file once, whatever links and loops lie there."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.ingest.reasons import NO_FILE, unreadable
from shared.contracts import StageState
from shared.errors import Invalid

NOBODY_PUT_THEM_THERE = frozenset({
    "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir", "#recycle", "$recycle.bin", "system volume information",
    "lost+found", "__macosx",
})  # fmt: skip
"""What file managers and storage devices keep beside people's files, in lower case; like names that begin with a dot, these
are passed over without a word: nobody asked for them, and there is one in every folder."""

SLICE = 4096
"""Files of one folder that are told at once: memory stays flat in a folder of a million."""

BROKEN_LINK = "This link leads to a file that is not there; mend or remove it."

Sighting = tuple[str, int, int]
"""A file's name in its folder, its bytes, and when it was last modified, in nanoseconds."""


class NothingThere(Invalid):
    """There is no file or folder where the walk was to begin."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A path that needs no inspection, with the reason; what lies under a closed folder is not known."""

    path: str
    state: StageState
    reason: str
    is_closed: bool = False


@dataclass(slots=True)
class Listing:
    """Files of one folder, whose path `prefix` ends with the separator, and what could not be looked at."""

    prefix: str
    files: list[Sighting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def walk(root: Path, *, recursive: bool = True) -> Iterator[Listing]:
    """The file `root`, or the files in the folder `root` and under it; raises NothingThere.

    A folder is entered once, however many links lead to it, and by its own path rather than by a link's. A link to a file is
    followed unless the file is found by itself. At most one folder is open at a time.
    """
    try:
        is_folder = stat.S_ISDIR(root.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise nothing_at(root) from error
    except OSError as error:
        yield Listing(str(root), problems=[_closed(str(root), error)])
        return
    if is_folder:
        yield from _Walk(recursive=recursive).run(str(root))
    else:
        yield _classified(str(root))


def nothing_at(root: object) -> NothingThere:
    """The error of a root that is not there."""
    return NothingThere(f"There is no file or folder at {root}; check the path, and that its disk is connected.")


class _Walk:
    def __init__(self, *, recursive: bool) -> None:
        self._recursive = recursive
        self._entered: set[tuple[int, int]] = set()
        self._folders: list[str] = []
        self._linked_folders: list[str] = []
        self._linked_files: list[str] = []

    def run(self, root: str) -> Iterator[Listing]:
        self._folders.append(root)
        while self._folders or self._linked_folders:
            # Links wait until all that lies in the tree itself has been entered under its own name.
            waiting = self._folders or self._linked_folders
            yield from self._folder(waiting.pop())
            if not self._folders:
                self._linked_folders.sort(reverse=True)
        yield from self._links()

    def _folder(self, path: str) -> Iterator[Listing]:
        try:
            if not self._enter(path):
                return
            with os.scandir(path) as scan:
                yield from self._slices(path, scan)
        except OSError as error:
            yield Listing(path, problems=[_closed(path, error)])

    def _enter(self, path: str) -> bool:
        identity = _identity(path)
        if identity in self._entered:
            return False
        self._entered.add(identity)
        return True

    def _slices(self, path: str, scan: "Iterator[os.DirEntry[str]]") -> Iterator[Listing]:
        listing = Listing(os.path.join(path, ""))  # noqa: PTH118 - a Path has no separator at its end
        files = listing.files
        for entry in scan:
            if is_passed_over(entry.name):
                continue
            # A million times: the common case first, and nothing called that need not be.
            if entry.is_file(follow_symlinks=False):
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # deleted since it was listed
                files.append((entry.name, status.st_size, status.st_mtime_ns))
                if len(files) >= SLICE:
                    yield listing
                    listing = Listing(listing.prefix)
                    files = listing.files
            elif problem := self._other(entry):
                listing.problems.append(problem)
        yield listing

    def _other(self, entry: "os.DirEntry[str]") -> Problem | None:
        if entry.is_symlink():
            self._remember_link(entry)
        elif entry.is_dir(follow_symlinks=False):
            self._remember_folder(entry.path, self._folders)
        else:
            return Problem(entry.path, StageState.SKIPPED, NO_FILE)
        return None

    def _remember_link(self, entry: "os.DirEntry[str]") -> None:
        try:
            is_folder = entry.is_dir()
        except OSError:
            is_folder = False  # its reason is told with the links to files
        if is_folder:
            self._remember_folder(entry.path, self._linked_folders)
        else:
            self._linked_files.append(entry.path)

    def _remember_folder(self, path: str, folders: list[str]) -> None:
        if self._recursive:
            folders.append(path)

    def _links(self) -> Iterator[Listing]:
        followed: set[tuple[int, int]] = set()
        for path in sorted(self._linked_files):
            try:
                target = os.path.realpath(path, strict=True)
                identity = _identity(target)
                if identity not in followed and not self._finds(target):
                    yield _classified(path)
                followed.add(identity)
            except FileNotFoundError:
                yield Listing(path, problems=[Problem(path, StageState.FAILED, BROKEN_LINK)])
            except OSError as error:
                yield Listing(path, problems=[Problem(path, StageState.FAILED, unreadable(error))])

    def _finds(self, target: str) -> bool:
        folder, name = os.path.split(target)
        return _identity(folder) in self._entered and not is_passed_over(name)


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is none of people's own."""
    return name.startswith(".") or name.casefold() in NOBODY_PUT_THEM_THERE


def _identity(path: str) -> tuple[int, int]:
    status = Path(path).stat()
    return status.st_dev, status.st_ino


def _classified(path: str) -> Listing:
    status = Path(path).stat()
    folder, name = os.path.split(path)
    listing = Listing(os.path.join(folder, ""))  # noqa: PTH118 - a Path has no separator at its end
    if stat.S_ISREG(status.st_mode):
        listing.files.append((name, status.st_size, status.st_mtime_ns))
    else:
        listing.problems.append(Problem(path, StageState.SKIPPED, NO_FILE))
    return listing


def _closed(path: str, error: OSError) -> Problem:
    return Problem(path, StageState.FAILED, unreadable(error), is_closed=True)
