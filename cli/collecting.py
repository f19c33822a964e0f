"""`./spillway collection ls|show|create|add|remove|rm`: named sets of files."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.batching import AsJson, In, KindOf, Search, Tag
from cli.console import ANSWERS, print_json
from cli.gateway import Gateway
from cli.session import session
from cli.set_files import All, Choice, Paths, put, take
from cli.tagging import all_of, files, named, say
from shared.errors import Invalid
from shared.labels import id_of

Name = Annotated[str, typer.Argument(metavar="COLLECTION", help="A collection's name, or its id.")]

commands = typer.Typer(
    help="Named sets of files, in the order in which they were added: `./spillway search --collection NAME`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def collection(context: typer.Context) -> None:
    """Put files together in named sets; `collection --help` says how."""
    commands(context.args, prog_name="spillway collection")


@commands.command()
def ls(
    words: Annotated[str, typer.Argument(help="Only collections whose names contain this.")] = "", as_json: AsJson = False
) -> None:
    """Every collection, and how many files it has."""
    with session() as current:
        found = all_of(current.gateway, "/api/collections", "collections", words)
    if as_json:
        print_json({"collections": found})
    else:
        print_collections(found, ANSWERS)


@commands.command()
def show(
    name: Name,
    limit: Annotated[int, typer.Option(help="At most so many files.", min=1, max=500)] = 100,
    as_json: AsJson = False,
) -> None:
    """The files of COLLECTION, in the order in which they were added."""
    with session() as current:
        known = the_collection(current.gateway, name)
        page = current.gateway.get(f"/api/collections/{known['id']}/files", limit=limit)
    if as_json:
        print_json({**known, "files": page["files"], "total": page["total"]})
    else:
        print_files_of(known, page, ANSWERS)


@commands.command()
def create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a collection, which has no files yet."""
    with session() as current:
        told = current.gateway.post("/api/collections", {"name": name, "description": description})
    hint = f'`./spillway collection add "{told["name"]}" PATH` puts files into it.'
    say(told, f"“{told['name']}” is there; {hint}", as_json=as_json)


@commands.command()
def add(
    name: Name,
    paths: Paths = None,
    kind: KindOf = None,
    search: Search = None,
    tag: Tag = None,
    other: In = None,
    everything: All = False,
    as_json: AsJson = False,
) -> None:
    """Add files to COLLECTION, after those that it has."""
    choice = Choice.of(paths, kind=kind, search=search, tag=tag, collection=other, everything=everything)
    with session() as current:
        known = the_collection(current.gateway, name)
        told = put(current.gateway, f"/api/collections/{known['id']}", choice)
    say(told, f"{files(told['added'])} added to “{known['name']}”; it has {told['files']} now.", as_json=as_json)


@commands.command()
def remove(
    name: Name,
    paths: Paths = None,
    kind: KindOf = None,
    search: Search = None,
    tag: Tag = None,
    everything: All = False,
    as_json: AsJson = False,
) -> None:
    """Remove files from COLLECTION; they stay in the library."""
    choice = Choice.of(paths, kind=kind, search=search, tag=tag, collection=None, everything=everything)
    with session() as current:
        known = the_collection(current.gateway, name)
        told = take(current.gateway, f"/api/collections/{known['id']}", {"collection": known["id"]}, choice)
    say(told, f"{files(told['removed'])} removed from “{known['name']}”.", as_json=as_json)


@commands.command()
def rm(name: Name) -> None:
    """Forget COLLECTION; its files stay in the library."""
    with session() as current:
        known = the_collection(current.gateway, name)
        current.gateway.delete(f"/api/collections/{known['id']}")
    ANSWERS.print(f"“{known['name']}” is forgotten; its files stay.", markup=False, soft_wrap=True)


def the_collection(gateway: Gateway, name: str) -> dict[str, Any]:
    """The collection with this name or id; raises Invalid."""
    known = named(all_of(gateway, "/api/collections", "collections", "" if id_of(name) else name), name)
    if known is None:
        raise Invalid(
            f"There is no collection “{name}”. `./spillway collection ls` shows those that there are, `create` makes one."
        )
    return known


def print_collections(found: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A row per collection."""
    if not found:
        console.print("There is no such collection; `./spillway collection create NAME` makes one.", markup=False)
        return
    table = Table(box=None, padding=(0, 2), show_edge=False, header_style="dim")
    for title in ("collection", "files", "description"):
        table.add_column(title, overflow="fold", justify="right" if title == "files" else "left")
    for one in found:
        table.add_row(Text(one["name"]), str(one["files"]), Text(one["description"]))
    console.print(table)


def print_files_of(known: Mapping[str, Any], page: Mapping[str, Any], console: Console) -> None:
    """A collection, and a line per file."""
    console.print(Text(known["name"], style="bold"))
    if known["description"]:
        console.print(Text(known["description"], style="dim"), soft_wrap=True)
    for one in page["files"]:
        missing = "  missing" if one["file"]["missing_since"] else ""
        console.print(Text.assemble(f"  {one['file']['path']}", (missing, "dim")), soft_wrap=True)
    more = page["total"] - len(page["files"])
    console.print(Text(files(page["total"]) + (f", {more} of them not shown" if more else ""), style="dim"))
