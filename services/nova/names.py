"""File and folder names, split into the words that people put into them."""

import re
import unicodedata
from collections.abc import Container, Iterator
from itertools import pairwise
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from services.nova.lexicon import NameWords, name_words
from services.nova.words import LETTER

RUN = re.compile(rf"\d+|(?:{LETTER})+")
VERSION = re.compile(r"v\d{1,3}|\d{3,4}[pi]|[248]k|\d{2,3}fps", re.IGNORECASE)
HASH = re.compile(r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}", re.IGNORECASE)
WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
SEPARATORS = re.compile(r"[\s_.,;+&#()\[\]{}-]+")


class Name(NamedTuple):
    """One file or folder name: as written without extension, its words without noise, and its job-like parts kept whole."""

    raw: str
    tokens: tuple[str, ...]
    jobs: tuple[str, ...]


class PathNames(NamedTuple):
    """The names of a path that people gave: folders from the outermost, then the file."""

    folders: tuple[Name, ...]
    file: Name


def read_path(path: str) -> PathNames:
    """The names along a path of either kind of system, without the parts that no person chose for this file."""
    pure = pure_path(path)
    parts = [part for part in pure.parts if part != pure.anchor]
    folders = tuple(read_name(part) for part in _meaningful(parts[:-1]))
    return PathNames(folders, read_name(pure.stem if pure.name else ""))


def pure_path(path: str) -> PurePath:
    """A path by the rules of the system it was written on, told by its look."""
    looks_windows = WINDOWS.match(path) or ("\\" in path and "/" not in path)
    return PureWindowsPath(path) if looks_windows else PurePosixPath(path)


def from_import(path: str, root: str) -> str:
    """A path from the name of the imported folder on: the folders above it were not named for what lies in it.

    Of a file that was imported by itself, the folder that it lies in; of one that is not under `root`, the whole path.
    """
    file, top = pure_path(path), pure_path(root)
    folder = top.parent if file == top else top
    return str(file.relative_to(folder.parent)) if root and file.is_relative_to(folder) else path


def _meaningful(folders: list[str]) -> Iterator[str]:
    words = name_words()
    above = ""
    for folder in folders:
        lower = folder.casefold()
        if above not in words.folders_of_users and lower not in words.folders_without_meaning and lower != "..":
            yield folder
        above = lower


def below(path: str, markers: Container[str]) -> tuple[str, ...]:
    """The folders that stand directly in a folder named as one of `markers`."""
    folders = pure_path(path).parts[:-1]
    return tuple(folder for above, folder in pairwise(folders) if above.casefold() in markers)


def capital(token: str) -> str:
    """A token as a name is written; `McNeil` stays as it is, `SMITH` and `smith` become `Smith`."""
    return token if token[0].isupper() and not token.isupper() else token.capitalize()


def read_name(raw: str) -> Name:
    """One name split at separators, camel case and digit runs; `raw` has no extension."""
    text = unicodedata.normalize("NFC", raw)
    return Name(raw, tuple(_without_noise(text, name_words())), tuple(dict.fromkeys(_jobs(text))))


def _without_noise(text: str, words: NameWords) -> Iterator[str]:
    chunks = (chunk for chunk in SEPARATORS.split(text) if not (VERSION.fullmatch(chunk) or HASH.fullmatch(chunk)))
    found = [token for chunk in chunks for token in tokens(chunk)]
    counting = False
    for token, after in zip(found, [*found, ""][1:], strict=True):
        folded = token.casefold()
        if folded in words.camera_prefixes and after.isdigit():
            counting = True
        elif not (counting and token.isdigit()):
            counting = False
            if folded not in words.noise:
                yield token


def tokens(text: str) -> Iterator[str]:
    """Words of a name: `SmithPool12ft` gives Smith, Pool, 12, ft."""
    for run in RUN.findall(text):
        start = 0
        for at in range(1, len(run)):
            # The names of people have humps of their own: McNeil.
            if _hump(run, at) and run[start:at] != "Mc":
                yield run[start:at]
                start = at
        yield run[start:]


def _hump(run: str, at: int) -> bool:
    before, here, after = run[at - 1], run[at], run[at + 1 : at + 2]
    return here.isupper() and (before.islower() or (before.isupper() and after.islower()))


def _jobs(text: str) -> Iterator[str]:
    words = name_words()
    numbers = "|".join(word.replace(" ", "[ _-]?") for word in words.job_words)
    homes = "|".join(sorted(words.home_words - {"job"}))
    yield from re.findall(rf"(?i)(?<![a-z])(?:{numbers})[ _#-]*(?:no|nr|number)?[ _#.-]*\d+(?:[_-]\d+)*", text)
    yield from re.findall(rf"(?i)(?:(?<=[^\w])|(?<=_)|^)[^\W\d_]+[ _-]+(?:{homes})(?![^\W\d_])", text)
    yield from re.findall(r"(?<![A-Za-z])(?!IMG|DSC|MVI|DJI|GOPR|PXL|VID|MOV|SAM)[A-Z]{2,5}-\d{2,6}(?!\d)", text)
