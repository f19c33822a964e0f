"""`./spillway searches ls|run|rm`: searches that were saved by `./spillway search --save NAME`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.text import Text

from cli.batching import AsJson
from cli.console import ANSWERS, STATUS, print_json
from cli.gateway import Gateway
from cli.report import print_moments
from cli.search_report import print_facets, print_files_found
from cli.session import session
from cli.tagging import all_of
from shared.errors import Invalid
from shared.labels import id_of, label_key

Name = Annotated[str, typer.Argument(metavar="SEARCH", help="A saved search's name, or its id.")]

commands = typer.Typer(
    help="Searches that are kept: `./spillway search ... --save NAME` keeps one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def searches(context: typer.Context) -> None:
    """List, run and forget saved searches; `searches --help` says how."""
    commands(context.args, prog_name="spillway searches")


@commands.command()
def ls(
    words: Annotated[str, typer.Argument(help="Only searches whose names contain this.")] = "", as_json: AsJson = False
) -> None:
    """Your searches, and those that are shared."""
    with session() as current:
        found = all_of(current.gateway, "/api/searches", "searches", words)
    if as_json:
        print_json({"searches": found})
    else:
        print_searches(found, ANSWERS)


@commands.command()
def run(
    name: Name,
    limit: Annotated[
        int | None, typer.Option(help="At most this many moments, in place of the saved number.", min=1, max=100)
    ] = None,
    by_file: Annotated[bool, typer.Option("--files", help="Print files with their best moments.")] = False,
    facets: Annotated[bool, typer.Option("--facets", help="Count what there is of each kind, camera, family, ...")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer SEARCH as it is answered now."""
    wanted = {"limit": limit, "facets": facets or None}
    options = {name: value for name, value in wanted.items() if value is not None}
    with session() as current:
        known = the_search(current.gateway, name)
        answer = current.gateway.get(f"/api/searches/{known['id']}/answer", **options)
    if as_json:
        print_json(answer)
        return
    (print_files_found if by_file else print_moments)(answer, ANSWERS)
    if answer["facets"]:
        print_facets(answer["facets"], ANSWERS)


@commands.command()
def rm(name: Name) -> None:
    """Forget SEARCH."""
    with session() as current:
        known = the_search(current.gateway, name)
        current.gateway.delete(f"/api/searches/{known['id']}")
    ANSWERS.print(f"The search “{known['name']}” is forgotten.", markup=False, soft_wrap=True)


def save(gateway: Gateway, name: str, params: Mapping[str, Any], *, shared: bool) -> None:
    """Keep a search with the parameters that GET /api/search was asked with, and say so beside its answer."""
    told = gateway.post("/api/searches", {"name": name, "query": str(httpx.QueryParams(params)), "shared": shared})
    seen = "everybody sees it" if shared else "only you and administrators see it"
    STATUS.print(f'Saved as “{told["name"]}”; {seen}. Run it: ./spillway searches run "{told["name"]}"', markup=False)


def the_search(gateway: Gateway, name: str) -> dict[str, Any]:
    """The search with this name or id; raises Invalid if there is none, or several people have one of this name."""
    known = all_of(gateway, "/api/searches", "searches", "" if id_of(name) else name)
    found = [one for one in known if one["id"] == name or label_key(one["name"]) == label_key(name)]
    if not found:
        raise Invalid(f"There is no search “{name}”; `./spillway searches ls` shows those that there are.")
    if len(found) > 1:
        told = "\n  ".join(f"{one['id']}  of {one['owner']}" for one in found)
        raise Invalid(f"Several people have a search “{name}”; give the id of one:\n  {told}")
    return found[0]


def print_searches(found: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A search per paragraph: its name, whose it is, and what it asks for."""
    for one in found:
        whose = f"  of {one['owner']}, {'shared' if one['shared'] else 'private'}"
        console.print(Text.assemble((one["name"], "bold"), (whose, "dim")), soft_wrap=True)
        told = ", ".join(f"{name}={value}" for name, value in httpx.QueryParams(one["query"]).multi_items())
        console.print(Text(f"    {told}"), soft_wrap=True)
        if one["problem"]:
            console.print(Text(f"    {one['problem']}", style="yellow"), soft_wrap=True)
    if not found:
        console.print("There is no such search; `./spillway search WORDS --save NAME` keeps one.", markup=False)
