"""`./spillway nova models|estimate|analyze|status|results|…`: analyses by models, and what they cost."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli import nova_money, nova_stale
from cli.batching import Failed, In, KindOf, Search, Tag, Where, files_meant
from cli.console import ANSWERS, STATUS, print_json
from cli.nova_asking import (
    Combined,
    Depth,
    Fresh,
    Language,
    ModelOf,
    Types,
    begin,
    wanted_of,
    watched,
)
from cli.nova_money_report import print_estimate
from cli.nova_report import print_models, print_result, print_results, print_status
from cli.session import session
from cli.transcripts import file_at

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Wait = Annotated[bool, typer.Option("--wait", help="Stay until it is done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")]
JobId = Annotated[str, typer.Argument(metavar="ANALYSIS", help="The id that `nova analyze` printed.")]
FormatOf = Annotated[Literal["json", "xlsx"] | None, typer.Option("--format", help="Told by the file's name, unless given.")]

commands = typer.Typer(
    help="Analyses by models: which there are, what they cost, what they found.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def nova(context: typer.Context) -> None:
    """Analyse files by models that are paid for; `nova --help` says how."""
    commands(context.args, prog_name="spillway nova")


@commands.command()
def models(
    images: Annotated[bool, typer.Option("--images", help="Say which can look at images.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask AWS first what there is now.")] = False,
    as_json: AsJson = False,
) -> None:
    """The models that there are, what each can do and costs, and whether it can be asked here."""
    with session() as current:
        if refresh:
            current.gateway.post("/api/nova/models/refresh", {})
        told = current.gateway.get("/api/nova/image/models" if images else "/api/nova/models")
    if as_json:
        print_json(told)
    else:
        print_models(told, ANSWERS)


@commands.command()
def estimate(
    path: Where = None,
    kind: KindOf = None,
    search: Search = None,
    failed: Failed = False,
    tag: Tag = None,
    collection: In = None,
    model: ModelOf = None,
    types: Types = None,
    depth: Depth = None,
    language: Language = None,
    combined: Combined = True,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Of a video that is not in the library.")] = None,
    as_json: AsJson = False,
) -> None:
    """What analyses would cost; nothing is begun."""
    with session() as current:
        if seconds is None:
            files = files_meant(current.gateway, path, kind=kind, search=search, failed=failed, tag=tag, collection=collection)
        else:
            files = {"video_duration_seconds": seconds}
        wanted = wanted_of(model=model, types=types, depth=depth, language=language, combined=combined)
        told = current.gateway.post("/api/nova/estimate-cost", {**files, **wanted})
    if as_json:
        print_json(told)
    else:
        print_estimate(told, ANSWERS)


@commands.command()
def analyze(
    path: Annotated[str, typer.Argument(help="A file of the library: its path, the end of its path, or its id.")],
    model: ModelOf = None,
    types: Types = None,
    depth: Depth = None,
    language: Language = None,
    combined: Combined = True,
    fresh: Fresh = False,
    wait: Wait = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Have PATH analysed: says first what it may cost, and asks. Exit code 1 if one waited for an analysis that failed."""
    wanted = wanted_of(model=model, types=types, depth=depth, language=language, combined=combined, fresh=fresh)
    with session() as current:
        begun = begin(current.gateway, file_at(current.gateway, path), wanted, ask=not (yes or as_json))
        if begun is None:
            return
        stays = wait or not current.stays
        told: dict[str, Any] = begun
        if stays:
            watched(current.gateway, begun["nova_job_id"])
            told = current.gateway.get(f"/api/nova/results/{begun['nova_job_id']}", raw=False)
    if as_json:
        print_json(told)
    elif stays:
        print_result(told, ANSWERS)
    else:
        ANSWERS.print(f"Analysis {begun['nova_job_id']} has begun.", markup=False, soft_wrap=True)
    if told.get("status") == "failed":
        raise typer.Exit(1)


@commands.command()
def status(analysis: JobId, wait: Wait = False, as_json: AsJson = False) -> None:
    """How far ANALYSIS is, and what it has cost by now."""
    with session() as current:
        told = watched(current.gateway, analysis) if wait else current.gateway.get(f"/api/nova/status/{analysis}")
    if as_json:
        print_json(told)
    else:
        print_status(told, ANSWERS)


@commands.command()
def cancel(analysis: JobId) -> None:
    """Call ANALYSIS off: nothing more is asked; what was asked already is paid."""
    with session() as current:
        told = current.gateway.post(f"/api/nova/cancel/{analysis}", {})
    print_status(told, ANSWERS)


@commands.command()
def results(
    analysis: JobId,
    raw: Annotated[bool, typer.Option("--raw", help="In JSON, also the answers as they came.")] = False,
    as_json: AsJson = False,
) -> None:
    """What ANALYSIS found, and what that cost."""
    with session() as current:
        told = current.gateway.get(f"/api/nova/results/{analysis}", raw=raw)
    if as_json:
        print_json(told)
    elif "files" in told:
        print_results(told, ANSWERS)
    else:
        print_result(told, ANSWERS)


@commands.command()
def export(
    output: Annotated[Path, typer.Argument(help="The file to write; - for stdout.")],
    path: Annotated[
        str | None, typer.Option("--path", help="A file or folder of the library; all of it, unless given.")
    ] = None,
    analysis: Annotated[str | None, typer.Option("--analysis", help="Only what this analysis found.")] = None,
    kind: KindOf = None,
    search: Search = None,
    format_: FormatOf = None,
) -> None:
    """Write analyses as JSON, or as an Excel workbook with a sheet for each kind of result."""
    format_name = format_ or ("xlsx" if output.suffix.lower() == ".xlsx" else "json")
    wanted = {"folder": path and str(Path(path).resolve() if Path(path).exists() else path), "kind": kind, "q": search}
    chosen = {name: value for name, value in wanted.items() if value}
    where = f"/api/nova/results/{analysis}/export" if analysis else "/api/nova/export"
    with session() as current:
        pieces = current.gateway.pieces(where, format=format_name, **({} if analysis else chosen))
        if str(output) == "-":
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
            return
        with output.open("wb") as file:
            file.writelines(pieces)
    STATUS.print(f"Wrote {output}.", markup=False, soft_wrap=True)


commands.command("stale", help=nova_stale.stale.__doc__)(nova_stale.stale)
commands.command("usage", help=nova_money.usage.__doc__)(nova_money.usage)
commands.add_typer(nova_money.commands, name="budget")
