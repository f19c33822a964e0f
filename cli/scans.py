"""Imports and rescans in the terminal: how far the look at the disk is, and what it found."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.gateway import Gateway
from cli.progress import Telling, duration, follow
from cli.report import common_folder
from shared.changes import Change
from shared.errors import Conflict

EXAMPLES = 3
"""Paths that a report shows for each change; `--json` has them all."""
WAITS = frozenset({"reported", "done", "failed", "cancelled"})

WORDS = {
    Change.NEW: "new",
    Change.MOVED: "moved to another folder",
    Change.RENAMED: "renamed",
    Change.CHANGED: "changed",
    Change.MISSING: "missing",
    Change.RETURNED: "there again",
    Change.DUPLICATE: "copies of other files",
    Change.UNSUPPORTED: "not media",
    Change.UNREADABLE: "unreadable",
    Change.UNCHANGED: "unchanged",
}


def until_known(gateway: Gateway, kind: str, job_id: str, console: Console) -> Mapping[str, Any]:
    """Show the look at the disk until its report waits, or the job has ended; raises Conflict if it failed or was cancelled."""

    def look() -> Mapping[str, Any]:
        status = gateway.scan_status(kind, job_id)
        return {**status, "finished": status["state"] in WAITS}

    status = follow(look, console, Telling(line_of, lambda status: Text(line_of(status))))
    if status["state"] in {"failed", "cancelled"}:
        raise Conflict(status["error"] or f"The {status['kind']} was cancelled.")
    return status


def line_of(status: Mapping[str, Any]) -> str:
    """How far the look is, in one line."""
    progress = status["progress"]
    if progress["total"] is None:
        return f"listing: {progress['done']:,} files" + (f", at {status['current_path']}" if status["current_path"] else "")
    left = f", {duration(progress['eta_seconds'])} left" if progress["eta_seconds"] else ""
    return f"{status['phase']}: {progress['done']:,} of {progress['total']:,} files{left}"


def items_of(gateway: Gateway, kind: str, job_id: str, **params: Any) -> Iterator[dict[str, Any]]:
    """Every item of a report, page by page."""
    cursor = None
    while True:
        page = gateway.scan_report(kind, job_id, **params, **({"cursor": cursor} if cursor else {}))
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def examples(gateway: Gateway, kind: str, job_id: str, counts: Mapping[str, int]) -> dict[Change, list[dict[str, Any]]]:
    """The first few items of each change, but of what is unchanged."""
    told = [change for change in Change if counts[change] and change is not Change.UNCHANGED]
    return {change: gateway.scan_report(kind, job_id, change=change, limit=EXAMPLES)["items"] for change in told}


def print_report(status: Mapping[str, Any], found: Mapping[Change, list[dict[str, Any]]], console: Console) -> None:
    """Counts by change, with a few examples of each."""
    paths = [item["path"] for items in found.values() for item in items]
    folder = common_folder([*paths, *(item["from_path"] for items in found.values() for item in items if item["from_path"])])
    table = Table(box=None, padding=(0, 1), show_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True, style="bold")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", style="dim")
    for change, words in WORDS.items():
        if status["counts"][change]:
            table.add_row(f"{status['counts'][change]:,}", words, Text("\n".join(lines_of(found.get(change, ()), folder))))
    if folder:
        console.print(Text(folder, style="dim"), soft_wrap=True)
    console.print(table if table.row_count else Text("There are no files."))
    if status["still_missing"]:
        console.print(Text(f"{status['still_missing']:,} more were missing before, and still are.", style="dim"))


def lines_of(items: Iterable[Mapping[str, Any]], folder: str) -> list[str]:
    """Paths from the folder that all share, with where they were, or what is wrong with them."""
    lines = []
    for item in items:
        path = item["path"].removeprefix(folder)
        if item["change"] in {Change.UNREADABLE, Change.UNSUPPORTED}:
            lines.append(f"{path}: {item['reason']}")
        else:
            lines.append(f"{path} ← {item['from_path'].removeprefix(folder)}" if item["from_path"] else path)
    return lines
