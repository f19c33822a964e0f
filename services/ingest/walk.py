"""Everything under a folder that may be media, each file once, whatever links and loops lie there."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
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

BROKEN_LINK = "This link leads to a file that is not there; mend or remove it."


@dataclass(frozen=True, slots=True)
class Found:
    """A path as the file system has it; what needs no inspection is settled already, with the reason."""

    path_raw: bytes
    state: StageState = StageState.PENDING
    reason: str | None = None


def walk(root: Path, *, recursive: bool = True) -> Iterator[Found]:
    """The file `root`, or the files in the folder `root` and under it; raises Invalid if there is no such path.

    A folder is entered once, however many links lead to it, and by its own path rather than by a link's. A link to a file is
    followed unless the file is found by itself.
    """
    try:
        is_folder = stat.S_ISDIR(root.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Invalid(f"There is no file or folder at {root}; check the path, and that its disk is connected.") from error
    except OSError as error:
        yield _failed(str(root), error)
        return
    if is_folder:
        yield from _Walk(recursive=recursive).run(str(root))
    else:
        yield _classified(str(root))


class _Walk:
    def __init__(self, *, recursive: bool) -> None:
        self._recursive = recursive
        self._entered: set[tuple[int, int]] = set()
        self._folders: list[str] = []
        self._linked_folders: list[str] = []
        self._linked_files: list[str] = []

    def run(self, root: str) -> Iterator[Found]:
        self._folders.append(root)
        while self._folders or self._linked_folders:
            # Links wait until all that lies in the tree itself has been entered under its own name.
            waiting = self._folders or self._linked_folders
            yield from self._folder(waiting.pop())
            if not self._folders:
                self._linked_folders.sort(reverse=True)
        yield from self._links()

    def _folder(self, path: str) -> Iterator[Found]:
        try:
            if not self._enter(path):
                return
            with os.scandir(path) as scan:
                entries = list(scan)
        except OSError as error:
            yield _failed(path, error)
            return
        for entry in entries:
            if not is_passed_over(entry.name):
                yield from self._entry(entry)

    def _enter(self, path: str) -> bool:
        identity = _identity(path)
        if identity in self._entered:
            return False
        self._entered.add(identity)
        return True

    def _entry(self, entry: "os.DirEntry[str]") -> Iterator[Found]:
        try:
            if entry.is_symlink():
                self._remember_link(entry)
            elif entry.is_dir(follow_symlinks=False):
                self._remember_folder(entry.path, self._folders)
            elif entry.is_file(follow_symlinks=False):
                yield Found(os.fsencode(entry.path))
            else:
                yield Found(os.fsencode(entry.path), StageState.SKIPPED, NO_FILE)
        except OSError as error:
            yield _failed(entry.path, error)

    def _remember_link(self, entry: "os.DirEntry[str]") -> None:
        if entry.is_dir():
            self._remember_folder(entry.path, self._linked_folders)
        else:
            self._linked_files.append(entry.path)

    def _remember_folder(self, path: str, folders: list[str]) -> None:
        if self._recursive:
            folders.append(path)

    def _links(self) -> Iterator[Found]:
        followed: set[tuple[int, int]] = set()
        for path in sorted(self._linked_files):
            try:
                target = os.path.realpath(path, strict=True)
                identity = _identity(target)
                if identity not in followed and not self._finds(target):
                    yield _classified(path)
                followed.add(identity)
            except FileNotFoundError:
                yield Found(os.fsencode(path), StageState.FAILED, BROKEN_LINK)
            except OSError as error:
                yield _failed(path, error)

    def _finds(self, target: str) -> bool:
        folder, name = os.path.split(target)
        return _identity(folder) in self._entered and not is_passed_over(name)


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is none of people's own."""
    return name.startswith(".") or name.casefold() in NOBODY_PUT_THEM_THERE


def _identity(path: str) -> tuple[int, int]:
    status = Path(path).stat()
    return status.st_dev, status.st_ino


def _classified(path: str) -> Found:
    if stat.S_ISREG(Path(path).stat().st_mode):
        return Found(os.fsencode(path))
    return Found(os.fsencode(path), StageState.SKIPPED, NO_FILE)


def _failed(path: str, error: OSError) -> Found:
    return Found(os.fsencode(path), StageState.FAILED, unreadable(error))
