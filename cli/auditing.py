"""`./spillway audit ls|show|export`: who changed what, or was refused it."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.audit_report import print_entries, print_entry
from cli.console import ANSWERS, STATUS, print_json
from cli.event_choice import moment
from cli.session import session
from shared.clock import utc_now

Actor = Annotated[str | None, typer.Option("--actor", help="Of this person, by name.")]
Method = Annotated[Literal["POST", "PUT", "PATCH", "DELETE", "GET"] | None, typer.Option("--method", help="Only these.")]
Route = Annotated[str | None, typer.Option("--route", help="As the API declares it: '/api/batch/{action}'.")]
About = Annotated[str | None, typer.Option("--about", help="With this id in it: of a file, a job, a budget, a person.")]
OutcomeOf = Annotated[
    Literal["done", "refused", "failed", "broken off", "unknown"] | None, typer.Option("--outcome", help="What became of it.")
]
Since = Annotated[str | None, typer.Option("--since", help="At this time or later: 2026-08-01T10:30, or 2h for two hours ago.")]
Until = Annotated[str | None, typer.Option("--until", help="Before this time.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]

commands = typer.Typer(
    help="The audit log: every request that changes something, who made it, and what became of it. For administrators.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def audit(context: typer.Context) -> None:
    """Who changed what; `audit --help` says how to ask."""
    commands(context.args, prog_name="spillway audit")


@commands.command()
def ls(
    actor: Actor = None,
    method: Method = None,
    route: Route = None,
    about: About = None,
    outcome: OutcomeOf = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Entries, the latest first."""
    wanted = wanted_of(actor=actor, method=method, route=route, about=about, outcome=outcome, since=since, until=until)
    with session() as current:
        told = current.gateway.get("/api/audit", limit=limit, **wanted)
    if as_json:
        print_json(told)
    else:
        print_entries(told["entries"], ANSWERS)


@commands.command()
def show(
    entry: Annotated[int, typer.Argument(metavar="ID", help="The entry's number.", min=1)], as_json: AsJson = False
) -> None:
    """One entry in full."""
    with session() as current:
        told = current.gateway.get(f"/api/audit/{entry}")
    if as_json:
        print_json(told)
    else:
        print_entry(told, ANSWERS)


@commands.command()
def export(
    output: Annotated[Path, typer.Argument(help="The file to write, .csv or .jsonl; - for stdout.")],
    actor: Actor = None,
    method: Method = None,
    route: Route = None,
    about: About = None,
    outcome: OutcomeOf = None,
    since: Since = None,
    until: Until = None,
    format_: Annotated[Literal["csv", "jsonl"] | None, typer.Option("--format", help="Unless the name says it.")] = None,
) -> None:
    """Write all entries that are meant into a file, a line for each."""
    wanted = wanted_of(actor=actor, method=method, route=route, about=about, outcome=outcome, since=since, until=until)
    format_name = format_ or ("csv" if output.suffix.lower() == ".csv" else "jsonl")
    with session() as current:
        pieces = current.gateway.pieces("/api/audit/export", format=format_name, **wanted)
        if str(output) == "-":
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
            return
        with output.open("wb") as file:
            file.writelines(pieces)
    STATUS.print(f"Wrote {output}.", markup=False, soft_wrap=True)


def wanted_of(*, since: str | None, until: str | None, **given: str | None) -> dict[str, Any]:
    """Which entries are meant, as the API takes it; raises Invalid for what is no time."""
    now = utc_now()
    times = {"since": since and moment(since, now), "until": until and moment(until, now)}
    return {name: value for name, value in {**given, **times}.items() if value}
