"""The audit log, for people."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

STYLES = {"done": "green", "refused": "yellow", "failed": "red", "broken off": "red", "unknown": "red"}
TOLD = {"unknown": "unknown outcome"}
"""What is not called as the API calls it: nobody knows what became of it, unless it is still under way."""


def print_entries(entries: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A line per entry, and one more for what came of it."""
    if not entries:
        console.print("The audit log has no such entry.")
    for entry in entries:
        console.print(line_of(entry), soft_wrap=True)
        if entry["noted"]:
            noted = "  ".join(f"{name} {told(value)}" for name, value in entry["noted"].items())
            console.print(Text(f"{'':8}  {noted}", style="dim"), soft_wrap=True)


def line_of(entry: Mapping[str, Any]) -> Text:
    """Who did what when, and what became of it."""
    times = f" {entry['times']} times" if entry["times"] > 1 else ""
    return Text.assemble(
        f"{entry['id']:>8}  {entry['at'][:19]}  ",
        (entry["actor"], "bold"),
        f"  {entry['method']} {path_of(entry)}  ",
        (outcome_of(entry) + times, STYLES[entry["outcome"]]),
    )


def print_entry(entry: Mapping[str, Any], console: Console) -> None:
    """One entry in full."""
    console.print(line_of(entry), soft_wrap=True)
    asked = {
        "by": f"{entry['means']} {entry['means_id'] or ''}".strip(),
        "from": entry["address"],
        "with": entry["user_agent"],
        "request": entry["request_id"],
        "ended": entry["ended_at"] and entry["ended_at"][:19],
        "query": entry["query"] and told(entry["query"]),
        "body": body_of(entry),
        "noted": entry["noted"] and told(entry["noted"]),
    }
    for name, value in asked.items():
        if value:
            console.print(Text.assemble((f"{'':8}  {name:<8}", "dim"), str(value)), soft_wrap=True)


def path_of(entry: Mapping[str, Any]) -> str:
    """The path that was asked for."""
    path = str(entry["route"])
    for name, value in entry["path_params"].items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


def outcome_of(entry: Mapping[str, Any]) -> str:
    """What became of a request."""
    word = TOLD.get(entry["outcome"], entry["outcome"])
    return f"{word} ({entry['status']})" if entry["status"] else word


def body_of(entry: Mapping[str, Any]) -> str | None:
    """What was sent, or how much of it."""
    if entry["body"] is not None:
        return json.dumps(entry["body"], indent=2, ensure_ascii=False)
    if not entry["body_bytes"]:
        return None
    digest = f", SHA-256 {entry['body_sha256']}" if entry["body_sha256"] else ""
    return f"{entry['body_bytes']:,} bytes{digest}"


def told(value: Any) -> str:
    """A value in a line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
