"""Live progress of a job in the terminal: per stage what is done, how fast, and how long it will take."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from shared.contracts import Stage

POLL = 0.5
"""Seconds between looks."""
PLAIN_INTERVAL = 5.0
"""Seconds between lines where the output is no terminal."""

LABELS = {
    Stage.INGEST: "read",
    Stage.PROXY: "proxies",
    Stage.TRANSCRIBE: "transcripts",
    Stage.ANALYSE: "analyses",
    Stage.EMBED: "searchable",
}


@dataclass(frozen=True)
class Telling:
    """How a job is told: in one line, and as a table."""

    line: Callable[[Mapping[str, Any]], str]
    table: Callable[[Mapping[str, Any]], RenderableType]


def follow(look: Callable[[], Mapping[str, Any]], console: Console, telling: Telling | None = None) -> Mapping[str, Any]:
    """Show a job until it is finished; answers with its last state. An import's stages, unless it is told otherwise."""
    with display(console, telling or Telling(line_of, table_of)) as show:
        while True:
            job = look()
            show(job)
            if job["finished"]:
                return job
            time.sleep(POLL)


@contextmanager
def display(console: Console, telling: Telling) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """A table that is redrawn in a terminal; elsewhere a line now and then."""
    if not console.is_terminal:
        yield plain(console, telling.line)
        return
    with Live(console=console, refresh_per_second=8, transient=False) as live:
        yield lambda job: live.update(telling.table(job))


def plain(console: Console, told: Callable[[Mapping[str, Any]], str]) -> Callable[[Mapping[str, Any]], None]:
    """Prints a line when something changed, at most every few seconds, and at the end."""
    last_line, last_time = "", 0.0

    def show(job: Mapping[str, Any]) -> None:
        nonlocal last_line, last_time
        line = told(job)
        due = job["finished"] or time.monotonic() - last_time >= PLAIN_INTERVAL
        if due and line != last_line:
            console.print(line, markup=False, soft_wrap=True)
            last_line, last_time = line, time.monotonic()

    return show


def line_of(job: Mapping[str, Any]) -> str:
    """The whole state in one line."""
    parts = []
    for stage in Stage:
        counts = job["stages"].get(stage, {})
        text = f"{LABELS[stage]} {settled(counts)}/{total(counts)}"
        parts.append(text + (f" ({counts['failed']} failed)" if counts.get("failed") else ""))
    return ", ".join(parts)


def table_of(job: Mapping[str, Any]) -> Table:
    """A row per stage: bar, counts, what went wrong, rate, time left."""
    table = Table.grid(padding=(0, 2))
    for stage in Stage:
        counts = job["stages"].get(stage, {})
        table.add_row(
            Text(LABELS[stage], style="bold"),
            ProgressBar(total=max(total(counts), 1), completed=settled(counts), width=30),
            f"{settled(counts)}/{total(counts)}",
            remarks(counts),
            pace(counts),
        )
    return table


def remarks(counts: Mapping[str, Any]) -> Text:
    """Skipped and failed files, if any."""
    text = Text()
    if counts.get("skipped"):
        text.append(f"{counts['skipped']} skipped  ", style="dim")
    if counts.get("failed"):
        text.append(f"{counts['failed']} failed", style="red")
    return text


def pace(counts: Mapping[str, Any]) -> Text:
    """Files a second, and the time that is left at that rate."""
    rate, eta = counts.get("rate"), counts.get("eta_seconds")
    if not rate or not counts.get("pending"):
        return Text()
    return Text(f"{rate:.1f}/s" + (f"  {duration(eta)} left" if eta is not None else ""), style="dim")


def settled(counts: Mapping[str, Any]) -> int:
    """Files that a stage is finished with."""
    return sum(int(counts.get(state, 0)) for state in ("done", "skipped", "failed"))


def total(counts: Mapping[str, Any]) -> int:
    """Files that a stage has to do with."""
    return settled(counts) + int(counts.get("pending", 0))


def duration(seconds: float) -> str:
    """A time span as people say it."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
