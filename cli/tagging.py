"""`./spillway tag ls|add|remove|rename|merge|rm`: words that people put on files."""

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
from shared.errors import Invalid
from shared.labels import id_of, label_key

Name = Annotated[str, typer.Argument(metavar="TAG", help="A tag's name, or its id.")]

commands = typer.Typer(
    help="Words that you put on files, to find them by: `./spillway search --tag WORD`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def tag(context: typer.Context) -> None:
    """Put tags on files, and look after them; `tag --help` says how."""
    commands(context.args, prog_name="spillway tag")


@commands.command()
def ls(words: Annotated[str, typer.Argument(help="Only tags whose names contain this.")] = "", as_json: AsJson = False) -> None:
    """Every tag, and how many files have it."""
    with session() as current:
        tags = all_of(current.gateway, "/api/tags", "tags", words)
    if as_json:
        print_json({"tags": tags})
    else:
        print_tags(tags, ANSWERS)


@commands.command()
def add(
    name: Name,
    paths: Paths = None,
    kind: KindOf = None,
    search: Search = None,
    collection: In = None,
    other: Tag = None,
    everything: All = False,
    as_json: AsJson = False,
) -> None:
    """Put TAG on files; it is made if there is none of this name."""
    choice = Choice.of(paths, kind=kind, search=search, tag=other, collection=collection, everything=everything)
    with session() as current:
        known = find(current.gateway, name) or current.gateway.post("/api/tags", {"name": name})
        told = put(current.gateway, f"/api/tags/{known['id']}", choice)
    say(told, f"{files(told['added'])} tagged “{known['name']}”; {told['files']} have it now.", as_json=as_json)


@commands.command()
def remove(
    name: Name,
    paths: Paths = None,
    kind: KindOf = None,
    search: Search = None,
    collection: In = None,
    everything: All = False,
    as_json: AsJson = False,
) -> None:
    """Take TAG from files."""
    choice = Choice.of(paths, kind=kind, search=search, tag=None, collection=collection, everything=everything)
    with session() as current:
        known = the_tag(current.gateway, name)
        told = take(current.gateway, f"/api/tags/{known['id']}", {"tag": known["name"]}, choice)
    say(told, f"“{known['name']}” was taken from {files(told['removed'])}.", as_json=as_json)


@commands.command()
def rename(name: Name, to: Annotated[str, typer.Argument(help="Its new name.")], as_json: AsJson = False) -> None:
    """Rename TAG on all of its files."""
    with session() as current:
        known = the_tag(current.gateway, name)
        told = current.gateway.patch(f"/api/tags/{known['id']}", {"name": to})
    say(told, f"“{known['name']}” is “{told['name']}” now, on {files(told['files'])}.", as_json=as_json)


@commands.command()
def merge(name: Name, into: Annotated[str, typer.Argument(help="The tag that stays.")], as_json: AsJson = False) -> None:
    """Give the files of TAG another one in its place, and forget it."""
    with session() as current:
        known, other = the_tag(current.gateway, name), the_tag(current.gateway, into)
        told = current.gateway.post(f"/api/tags/{known['id']}/merge", {"into": other["id"]})
    say(told, f"“{known['name']}” is “{told['name']}” now, which {files(told['files'])} have.", as_json=as_json)


@commands.command()
def rm(name: Name) -> None:
    """Take TAG from all files, and forget it; the files stay."""
    with session() as current:
        known = the_tag(current.gateway, name)
        current.gateway.delete(f"/api/tags/{known['id']}")
    ANSWERS.print(f"“{known['name']}” is forgotten; the files stay.", markup=False, soft_wrap=True)


def the_tag(gateway: Gateway, name: str) -> dict[str, Any]:
    """The tag with this name or id; raises Invalid."""
    known = find(gateway, name)
    if known is None:
        raise Invalid(f"There is no tag “{name}”; `./spillway tag ls` shows those that there are.")
    return known


def find(gateway: Gateway, name: str) -> dict[str, Any] | None:
    """The tag with this name or id."""
    return named(all_of(gateway, "/api/tags", "tags", "" if id_of(name) else name), name)


def named(things: Sequence[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """The first of these that has this name, however it is written, or this id."""
    return next((one for one in things if label_key(one["name"]) == label_key(name) or one["id"] == name), None)


def all_of(gateway: Gateway, path: str, things: str, words: str) -> list[dict[str, Any]]:
    """All pages of a list, of what has these words in its name."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = gateway.get(path, q=words, **cursor)
        found += page[things]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def print_tags(tags: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A row per tag."""
    if not tags:
        console.print("There is no such tag; `./spillway tag add TAG PATH` puts one on files.", markup=False)
        return
    table = Table(box=None, padding=(0, 2), show_edge=False, header_style="dim")
    table.add_column("tag", overflow="fold")
    table.add_column("files", justify="right", no_wrap=True)
    for one in tags:
        table.add_row(Text(one["name"]), str(one["files"]))
    console.print(table)


def say(told: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    """Tell what was done: programs in JSON, people in a sentence."""
    if as_json:
        print_json(dict(told))
    else:
        ANSWERS.print(sentence, markup=False, soft_wrap=True)


def files(number: int) -> str:
    """So many files in words."""
    return f"{number} file{'' if number == 1 else 's'}"
