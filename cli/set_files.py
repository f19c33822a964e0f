"""Which files go into a tag or a collection, or out of it: paths, ids, or everything that fits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.gateway import Gateway
from cli.transcripts import is_id, the_one
from shared.errors import Invalid

MOST = 10_000
"""Files that a request may name."""
PAGE = 500
NOTHING = "Say which files: paths or ids, or options such as --kind; --all means every file."

Paths = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH]...", help="Files and folders of the library, or ids of files.")
]
All = Annotated[bool, typer.Option("--all", help="Every file of the library.")]


@dataclass(frozen=True)
class Choice:
    """Which files are meant; the filter holds in folders, or, where no path is given, everywhere."""

    paths: Sequence[str]
    filter: Mapping[str, Any]
    everything: bool = False

    @classmethod
    def of(
        cls,
        paths: Sequence[str] | None,
        *,
        kind: str | None,
        search: str | None,
        tag: Sequence[str] | None,
        collection: str | None,
        everything: bool = False,
    ) -> "Choice":
        """From what was typed."""
        wanted = {"kind": kind, "q": search, "tag": list(tag or ()), "collection": collection}
        return cls(paths or (), {name: value for name, value in wanted.items() if value}, everything)


def meant(gateway: Gateway, choice: Choice) -> tuple[list[str], list[dict[str, Any]]]:
    """Ids of files, and filters; raises Invalid if nothing is said, or a file is meant and a filter besides."""
    if not choice.paths:
        if not (choice.filter or choice.everything):
            raise Invalid(NOTHING)
        return [], [dict(choice.filter)]
    ids: list[str] = []
    filters: list[dict[str, Any]] = []
    for where in choice.paths:
        full = str(Path(where).resolve()) if Path(where).exists() else where
        found = [] if is_id(where) else gateway.files_at(full)
        if any(is_below(file["path"], full) for file in found):
            filters.append({**choice.filter, "folder": full})
        elif choice.filter:
            raise Invalid(f"{where} is no folder of the library; leave out the options that choose among files.")
        else:
            ids.append(where if is_id(where) else the_one(full, found))
    return ids, filters


def is_below(path: str, folder: str) -> bool:
    """Whether a path is in a folder or below it, whatever system they are of."""
    name = folder.rstrip("/\\")
    return path.startswith((f"{name}/", f"{name}\\"))


def put(gateway: Gateway, where: str, choice: Choice) -> dict[str, Any]:
    """Add the files to the set at a path of the API; how many were added, and how many are in now."""
    ids, filters = meant(gateway, choice)
    asks = [{"add": part} for part in parts(ids)] + [{"filter": wanted} for wanted in filters]
    return _told([gateway.post(f"{where}/files", ask) for ask in asks])


def take(gateway: Gateway, where: str, within: Mapping[str, Any], choice: Choice) -> dict[str, Any]:
    """Remove the files from the set at a path of the API, whose own files `within` means; how many were removed."""
    ids, filters = meant(gateway, choice)
    for wanted in filters:
        ids += files_that_fit(gateway, {**wanted, **within})
    return _told([gateway.post(f"{where}/files", {"remove": part}) for part in parts(ids)])


def files_that_fit(gateway: Gateway, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Ids of all files that fit a filter."""
    cursor: dict[str, str] = {}
    while True:
        page = gateway.get("/api/files", **wanted, limit=PAGE, **cursor)
        yield from (file["id"] for file in page["files"])
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def parts(ids: Iterable[str]) -> Iterator[list[str]]:
    """As many ids at a time as a request may name."""
    rest = iter(ids)
    while part := list(islice(rest, MOST)):
        yield part


def _told(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    summed = {name: sum(answer[name] for answer in answers) for name in ("added", "removed", "unknown")}
    return {**summed, "files": answers[-1]["files"] if answers else None}
