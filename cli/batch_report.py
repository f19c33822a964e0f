"""Actions on many files, for people: how far they are, what came of them, which there were."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.nova_money_report import spread
from cli.progress import Telling, duration, settled

LABELS = {"video": "videos", "image": "photos", "audio": "recordings"}
ACTIONS = {
    "proxy": "proxies",
    "transcribe": "transcripts",
    "nova": "analyses",
    "transcript-summary": "transcript summaries",
    "embeddings": "embeddings",
}
STATES = ("done", "skipped", "failed", "pending")


def line_of(batch: Mapping[str, Any]) -> str:
    """The whole state in one line."""
    parts = [
        f"{LABELS[kind]} {settled(counts)}/{counts['total']}" + (f" ({counts['failed']} failed)" if counts["failed"] else "")
        for kind, counts in batch["kinds"].items()
    ]
    return f"{ACTIONS[batch['action']]}: {', '.join(parts) or 'no files yet'}; {time_left(batch)}"


def table_of(batch: Mapping[str, Any]) -> RenderableType:
    """A row per kind of file, what is being worked on, and the time left."""
    table = Table.grid(padding=(0, 2))
    for kind, counts in batch["kinds"].items():
        bar = ProgressBar(total=max(counts["total"], 1), completed=settled(counts), width=30)
        table.add_row(Text(LABELS[kind], style="bold"), bar, f"{settled(counts)}/{counts['total']}", remarks(counts))
    working = [Text(working_on(item), style="dim", overflow="ellipsis", no_wrap=True) for item in batch["current"][:3]]
    return Group(table, *working, Text(time_left(batch), style="dim"))


TELLING = Telling(line_of, table_of)


def time_left(batch: Mapping[str, Any]) -> str:
    """What is left, and what that rests on."""
    if batch["finished"]:
        return str(batch["state"])
    seconds, basis = batch["eta_seconds"], str(batch["eta_basis"])
    return basis if seconds is None else f"{duration(seconds)} left: {basis}"


def remarks(counts: Mapping[str, Any]) -> Text:
    """Skipped and failed files, if any."""
    text = Text()
    if counts["skipped"]:
        text.append(f"{counts['skipped']} skipped  ", style="dim")
    if counts["failed"]:
        text.append(f"{counts['failed']} failed", style="red")
    return text


def working_on(item: Mapping[str, Any]) -> str:
    """A file under way, and how far it is."""
    total, speed = item["total_seconds"], item["speed"]
    share = f" {min(item['done_seconds'] / total, 1):.0%}" if total else ""
    return f"  {item['path']}{share}" + (f" at {speed:.1f} times real time" if speed else "")


def print_begun(accepted: Mapping[str, Any], console: Console) -> None:
    """Say what was begun and what it may cost, and what was not begun."""
    parts = [f"{accepted[f'{kind}_count']} {label}" for kind, label in LABELS.items() if accepted[f"{kind}_count"]]
    console.print(f"Job {accepted['job_id']}: {', '.join(parts) or 'no files'}.", markup=False, soft_wrap=True)
    if cost := accepted.get("cost"):
        console.print(f"  by {cost['model']}, {spread(cost['usd_low'], cost['usd_high'])}", markup=False, soft_wrap=True)
    excluded = accepted["excluded"]
    for number, told in (
        (excluded["processed"], "left out, since they have a result already; --force does them again"),
        (accepted["under_way"], "among them that are being worked on already"),
        (excluded["unknown"], "that nobody knows, or that are of another kind"),
    ):
        if number:
            console.print(f"  {number} {told}", markup=False, soft_wrap=True)


def print_status(batch: Mapping[str, Any], console: Console) -> None:
    """How far a batch is, and what went wrong in words."""
    console.print(table_of(batch))
    print_reasons(batch["errors"], "red", console)
    print_reasons(batch["skipped_because"], "dim", console)
    counts = ", ".join(f"{batch['items'][state]} {state}" for state in STATES if batch["items"][state])
    console.print(Text(f"\n{batch['state']}: {counts or 'no files'}", style="bold"))


def print_reasons(reasons: Sequence[Mapping[str, Any]], style: str, console: Console) -> None:
    """Each reason once, with examples of the files it is about."""
    for reason in reasons:
        more = reason["count"] - len(reason["examples"])
        names = "\n  ".join([*reason["examples"], *([f"and {more} more"] if more > 0 else [])])
        console.print(Text.assemble("\n", (reason["reason"], style), "\n  ", names), soft_wrap=True)


def print_list(batches: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A row per batch."""
    table = Table(box=None, padding=(0, 2), show_edge=False, header_style="dim")
    for title in ("job", "what", "state", *STATES, "begun", "asked by"):
        table.add_column(title, no_wrap=True, justify="right" if title in STATES else "left")
    for batch in batches:
        counts = [str(batch["items"][state]) for state in STATES]
        begun, asked_by = batch["created_at"][:19], Text(batch["asked_by"] or "")
        table.add_row(batch["job_id"], ACTIONS[batch["action"]], batch["state"], *counts, begun, asked_by)
    console.print(table if batches else "Nothing was asked for yet.")
