"""`./spillway events rebuild`: what searches read, made anew from the record; and how that is told."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.console import ANSWERS, STATUS, print_json
from cli.gateway import Gateway
from cli.progress import Telling, duration, follow
from cli.session import session
from shared.errors import Invalid

PATH = "/api/events/rebuild"
PHASES = {
    None: "waits for the nova service",
    "waiting": "waits for others who use the tables",
    "filling": "fills in files",
    "comparing": "compares",
    "embedding": "makes vectors",
    "indexing": "makes indexes",
    "swapping": "puts the new tables in their place",
}

Model = Annotated[Literal["search"], typer.Argument(help="What to make anew: search.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Pay for vectors that nobody keeps, without asking.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Whether to wait for its end; without, ask the job.")]
Cancel = Annotated[str | None, typer.Option("--cancel", metavar="JOB", help="Call this rebuild off instead.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def rebuild(
    model: Model,
    dry_run: DryRun = False,
    yes: Yes = False,
    wait: Wait = True,
    cancel: Cancel = None,
    as_json: AsJson = False,
) -> None:
    """Make what searches read anew from the record; searches are answered from the old until all of it is there."""
    ask = {"model": model, "dry_run": dry_run, "pay": yes}
    with session() as current:
        gateway = current.gateway
        if cancel is not None:
            told: Mapping[str, Any] = gateway.post(f"{PATH}/{cancel}/cancel", {})
        else:
            waits = wait or not current.stays
            told = ended(gateway, ask) if waits else gateway.post(PATH, ask)
    if as_json:
        print_json(dict(told))
    elif "finished" in told:
        print_rebuild(told, ANSWERS)
    else:
        ANSWERS.print(f"Job {told['job_id']} {told.get('state', 'is begun')}.", markup=False)
    if told.get("state") == "failed":
        raise Invalid(told["error"])


def ended(gateway: Gateway, ask: Mapping[str, Any]) -> Mapping[str, Any]:
    """A rebuild at its end; where it costs money that nobody has agreed to, another one if somebody does now."""
    told = follow(partial(gateway.get, f"{PATH}/{gateway.post(PATH, ask)['job_id']}"), STATUS, TELLING)
    if told["state"] != "failed" or ask["pay"] or not told["vectors"]["usd"] or not STATUS.is_terminal:
        return told
    STATUS.print(told["error"], markup=False)
    return ended(gateway, {**ask, "pay": True}) if typer.confirm("Go on?", err=True) else told


def line_of(told: Mapping[str, Any]) -> str:
    """How far it is, in one line."""
    if told["finished"]:
        return f"rebuild {told['state']}"
    parts = [PHASES[told["phase"]]]
    if told["phase"] in {"filling", "embedding"}:
        parts.append(f"{told['files_done']}/{told['files']} files")
    if told["index"]:
        parts.append(f"{told['index']['name']} {told['index']['share']:.0%}")
    if told["eta_seconds"] is not None:
        parts.append(f"{duration(told['eta_seconds'])} left")
    return ", ".join(parts)


def table_of(told: Mapping[str, Any]) -> Text:
    """The same, as it is redrawn in a terminal."""
    return Text(line_of(told))


TELLING = Telling(line_of, table_of)


def print_rebuild(told: Mapping[str, Any], console: Console) -> None:
    """What a rebuild has done, or would change."""
    vectors = told["vectors"]
    if told["report"]:
        print_report(told["report"], console)
    sources = [f"{vectors['copied']} taken over", f"{vectors['from_ledger']} kept by the ledger"]
    if told["dry_run"]:
        cost = f", for about ${vectors['usd']:.4f}" if vectors["usd"] else ", which costs nothing"
        sources.append(f"{vectors['lacking']} to be made{cost if vectors['lacking'] else ''}")
        console.print(f"Vectors: {', '.join(sources)}.", markup=False)
        console.print("Nothing was changed.")
    elif told["state"] == "done":
        sources.append(f"{vectors['made']} made")
        console.print(f"{told['files']} files were filled in. Vectors: {', '.join(sources)}.", markup=False)
    else:
        console.print(f"The rebuild was {told['state']}; searches read what they have read all the while.", markup=False)


def print_report(report: Mapping[str, Any], console: Console) -> None:
    """Rows by table, and the files that differ most."""
    table = Table.grid(padding=(0, 2))
    for name, rows in report["tables"].items():
        now = "missing" if rows["now"] is None else str(rows["now"])
        table.add_row(name, f"{now} rows now", f"{rows['then']} then")
    console.print(table)
    console.print(f"{report['files_different']} files would be found by other rows.", markup=False)
    for one in report["examples"]:
        told = [f"{one[name]} {word}" for name, word in DIFFERENCES.items() if one[name]]
        console.print(f"  {one['path']}: {', '.join(told)}", markup=False, soft_wrap=True)


DIFFERENCES = {"added": "come", "removed": "go", "changed": "change", "facts": "values for filters differ"}
