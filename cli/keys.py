"""`./spillway keys ls|add|revoke`: API keys, by which programs show who they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer

from cli.console import ANSWERS, print_json
from cli.credentials import KEY
from cli.gateway import Gateway
from cli.identity_report import print_keys, print_made
from cli.passwords import own_password
from cli.session import session
from cli.signing_in import signed_in
from shared.errors import Invalid

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
As = Annotated[str | None, typer.Option("--as", help="Sign in so, by a password, in place of the key.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="With --as: read the password from stdin.")]
Whose = Annotated[str | None, typer.Option("--person", help="Of somebody else, as an admin.")]


class Scope(StrEnum):
    """What a key may do."""

    READ = "read"
    WRITE = "write"
    SPEND = "spend"
    MANAGE = "manage"


commands = typer.Typer(
    help="API keys: each may do as much as its owner, or less, and works until its time is over or it is revoked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def keys(context: typer.Context) -> None:
    """API keys, by which programs show who they are; `keys --help` says how."""
    commands(context.args, prog_name="spillway keys")


@commands.command()
def ls(person: Whose = None, as_: As = None, password_stdin: FromStdin = False, as_json: AsJson = False) -> None:
    """Your keys, also those that work no more."""
    with asked(as_, from_stdin=password_stdin) as gateway:
        told = all_of(gateway, person)
    if as_json:
        print_json(told)
    else:
        print_keys(told["keys"], ANSWERS)


@commands.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is for; you know it again by that.")],
    scope: Annotated[list[Scope] | None, typer.Option("--scope", help="What it may do; several times for several.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="For how many days it works.")] = 90,
    forever: Annotated[bool, typer.Option("--forever", help="Until it is revoked.")] = False,
    as_: As = None,
    password_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Make a key that may read, unless --scope says more. It is shown this once."""
    lasts = {"expires_at": None} if forever else {"days": days}
    with asked(as_, from_stdin=password_stdin) as gateway:
        told = gateway.post("/api/keys", {"name": name, "scopes": scope or [Scope.READ], **lasts})
    if as_json:
        print_json(told)
    else:
        print_made(told, ANSWERS)


@commands.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Its beginning (spw_…), its name if no other is called so, or its id.")],
    person: Whose = None,
    as_: As = None,
    password_stdin: FromStdin = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Also if it is the key by which this command asks.")] = False,
) -> None:
    """Have a key work no more."""
    with asked(as_, from_stdin=password_stdin) as gateway:
        meant = one_of(all_of(gateway, person)["keys"], key)
        if not yes and (gateway.key.text or "").startswith(meant["prefix"]):
            raise Invalid(f"It is the key by which this command asks; set {KEY} to another first, or say --yes.")
        gateway.delete(f"/api/keys/{meant['id']}")
    ANSWERS.print(f"The key {meant['name']} ({meant['prefix']}…) works no more.", markup=False, soft_wrap=True)


@contextmanager
def asked(name: str | None, *, from_stdin: bool) -> Iterator[Gateway]:
    """The gateway, asked by the key of this command line, or by a person who signs in."""
    password = own_password(name, from_stdin=from_stdin) if name else ""
    with session() as current:
        if name is None:
            yield current.gateway
        else:
            with signed_in(current.gateway, name, password) as gateway:
                yield gateway


def all_of(gateway: Gateway, person: str | None) -> dict[str, Any]:
    """One's own keys, or somebody else's."""
    return gateway.get("/api/keys", **({"person": person} if person else {}))


def one_of(keys: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    """The one key that works and is meant; raises Invalid that says what there is."""
    work = [key for key in keys if key["revoked_at"] is None]
    found = [key for key in work if wanted in (key["id"], key["name"], key["prefix"])]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{key['prefix']} ({key['name']})" for key in found or work) or "none"
    problem = f"Several keys are called {wanted}" if found else f"There is no key {wanted} that could be revoked"
    raise Invalid(f"{problem}; name one by its beginning: {there}.")
