"""Answers for people: files with their stages, moments with their snippets."""

import html
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.contracts import Stage

SIGNS = {
    "done": Text("✓", style="green"),
    "skipped": Text("-", style="dim"),
    "failed": Text("✗", style="red"),
    "pending": Text("·", style="yellow"),
}
MARK = re.compile(r"<mark>(.*?)</mark>", re.DOTALL)


def print_files(files: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A row per file under the folder that they share, its stages as signs; then what went wrong in words, and the sums."""
    folder = common_folder([file["path"] for file in files])
    table = Table(box=None, padding=(0, 1), show_edge=False, header_style="dim")
    table.add_column(Text(folder or "file"), overflow="fold")
    for stage in Stage:
        table.add_column(str(stage), justify="center", no_wrap=True)
    for file in files:
        signs = [SIGNS.get(file["stages"].get(stage, ""), Text(" ")) for stage in Stage]
        table.add_row(Text(file["path"].removeprefix(folder)), *signs)
    console.print(table)
    for reason, names in reasons(files, folder).items():
        console.print(Text.assemble("\n", (reason, "red"), "\n  ", "\n  ".join(names)), soft_wrap=True)
    console.print(Text(f"\n{sums(files)}", style="bold"))


def reasons(files: Sequence[Mapping[str, Any]], folder: str) -> dict[str, list[str]]:
    """What went wrong, each once, with the names of the files it happened to."""
    found: dict[str, list[str]] = {}
    for file in files:
        if file.get("error"):
            found.setdefault(file["error"], []).append(file["path"].removeprefix(folder))
    return found


def common_folder(paths: Sequence[str]) -> str:
    """The folder that all paths are in, with its separator at the end; empty if they share none."""
    shared = os.path.commonprefix(paths)  # noqa: RUF071 - by characters, as the paths may be of another system
    end = max(shared.rfind("/"), shared.rfind("\\"))
    return shared[: end + 1]


def sums(files: Sequence[Mapping[str, Any]]) -> str:
    """How many files became searchable, and how many did not."""
    searchable = sum(file["stages"].get(Stage.EMBED) == "done" for file in files)
    failed = sum(file["stages"].get(Stage.INGEST) == "failed" for file in files)
    skipped = sum(file["stages"].get(Stage.INGEST) == "skipped" for file in files)
    return f"{searchable} of {len(files)} files searchable, {failed} unreadable, {skipped} not media"


def print_moments(answer: Mapping[str, Any], console: Console) -> None:
    """A moment per paragraph: where it is, and the words with the match marked."""
    moments = answer["moments"]
    for moment in moments:
        place = Text.assemble((time_span(moment), "bold cyan"), "  ", moment["path"], (f"  {remark(moment)}", "dim"))
        console.print(place, soft_wrap=True)
        console.print(Text("    ").append_text(marked(moment["snippet"])), soft_wrap=True)
    if moments:
        found = f"{len(moments)} moment{'' if len(moments) == 1 else 's'}"
        console.print(Text(f"{found} in {answer['took_ms']:.0f} ms", style="dim"))
    else:
        console.print(f"Nothing found for “{answer['q']}”. Try other words, or fewer.", markup=False)
    if answer.get("note"):
        console.print(Text(answer["note"], style="dim"), soft_wrap=True)


def remark(moment: Mapping[str, Any]) -> str:
    """Where the match was found, and whether the file is where it was."""
    return f"{moment['field']}, missing" if moment.get("missing") else str(moment["field"])


def time_span(moment: Mapping[str, Any]) -> str:
    """The moment's time in its file; photos and whole files have none."""
    if moment["start"] is None:
        return "whole file   "
    end = moment["end"] if moment["end"] is not None else moment["start"]
    return f"{clock(moment['start'])}-{clock(end)}"


def clock(seconds: float) -> str:
    """Minutes and seconds, hours where there are any."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes:02d}:{whole % 60:02d}"


def marked(snippet: str) -> Text:
    """A snippet with its marks as colours instead of HTML."""
    text, position = Text(), 0
    for match in MARK.finditer(snippet):
        text.append(html.unescape(snippet[position : match.start()]))
        text.append(html.unescape(match[1]), style="bold yellow")
        position = match.end()
    return text.append(html.unescape(snippet[position:]))
