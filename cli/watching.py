"""`./spillway watch add|list|remove`: folders whose changes are taken in by themselves."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from cli.console import ANSWERS, STATUS, escape_markup, print_json
from cli.session import Session, session
from shared.errors import Invalid

STATES = {
    "off": "off",
    "waiting": "waiting for the ingest service",
    "events": "watched",
    "polling": "watched by polling",
    "away": "away",
}
"""What the gateway's states are called."""


class Action(StrEnum):
    """What to do with watches."""

    ADD = "add"
    LIST = "list"
    REMOVE = "remove"


def watch(
    action: Annotated[Action, typer.Argument(help="Add a folder, list the watched ones, or remove one.")] = Action.LIST,
    path: Annotated[Path | None, typer.Argument(help="The folder.", resolve_path=True)] = None,
    settle: Annotated[float, typer.Option(min=0.1, help="Seconds for which a file must stay as it is to be taken.")] = 10.0,
    poll: Annotated[bool, typer.Option("--poll", help="Compare again and again, as for network drives.")] = False,
    flat: Annotated[bool, typer.Option("--flat", help="Leave out the folders in the folder.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Watch folders: what is put into them, changed or deleted there is noticed and taken in. Nothing in them is touched."""
    if path is None and action is not Action.LIST:
        raise Invalid(f"Say which folder to {action}: ./spillway watch {action} PATH.")
    with session() as current:
        match action:
            case Action.ADD:
                told = add(current, str(path), settle, poll="polling" if poll else "auto", recursive=not flat)
            case Action.REMOVE:
                told = remove(current, str(path))
            case Action.LIST:
                told = current.gateway.watches()
    if as_json:
        print_json(told)
    else:
        say(action, told)


def add(current: Session, path: str, settle: float, **options: object) -> dict[str, Any]:
    """Add a watch."""
    if not current.stays:
        STATUS.print("Spillway does not run; the folder is watched whenever `./spillway up` does.")
    return current.gateway.add_watch({"path": path, "settle_seconds": settle, **options})


def remove(current: Session, path: str) -> dict[str, Any]:
    """Remove the watch of a folder; raises Invalid if it is not watched."""
    for known in current.gateway.watches()["watches"]:
        if known["path"] == path:
            current.gateway.remove_watch(known["id"])
            return dict(known)
    raise Invalid(f"{path} is not watched; `./spillway watch list` shows what is.")


def say(action: Action, told: dict[str, Any]) -> None:
    """Tell people what there is now."""
    if action is Action.ADD:
        rest = f"files are taken once they have not changed for {told['settle_seconds']:g} s."
        ANSWERS.print(f"Watching {told['path']}; {rest}", markup=False)
    elif action is Action.REMOVE:
        ANSWERS.print(f"{told['path']} is watched no more; its files stay in the library.", markup=False)
    elif told["watches"]:
        ANSWERS.print(listed(told["watches"]))
    else:
        ANSWERS.print("No folder is watched; `./spillway watch add PATH` adds one.", markup=False)


def listed(watches: list[dict[str, Any]]) -> Table:
    """Watches as a table."""
    table = Table(box=None, header_style="dim")
    for heading in ("folder", "state", "settles in", "last change", "asked by"):
        table.add_column(heading, overflow="fold")
    for known in watches:
        state = STATES[known["state"]] + (f": {known['reason']}" if known["reason"] else "")
        table.add_row(
            escape_markup(known["path"]),
            escape_markup(state),
            f"{known['settle_seconds']:g} s",
            known["changed_at"] or "-",
            escape_markup(known["asked_by"] or "-"),
        )
    return table
