"""`./spillway people ls|add|role|disable|enable|password|recover`: who is let in, and as what."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import typer

from cli.console import ANSWERS, STATUS, print_json
from cli.credentials import URL
from cli.gateway import Gateway
from cli.identity_report import print_password, print_people
from cli.local.home import Home
from cli.local.record import running
from cli.local.settings import PROJECT_ROOT, LocalSettings
from cli.passwords import new_password, own_password, password_of
from cli.session import session
from cli.signing_in import signed_in
from shared.errors import Invalid

Name = Annotated[str, typer.Argument(help="The name that the person signs in by.")]
Role = Literal["viewer", "editor", "admin"]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin; the first line is it.")]

RECOVER = "services.search.recover"

commands = typer.Typer(
    help="People: let somebody in, say what they may do, give a new password. Nobody is deleted; who leaves is disabled.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def people(context: typer.Context) -> None:
    """Who is let in, and as what; `people --help` says how."""
    commands(context.args, prog_name="spillway people")


@commands.command()
def ls(as_json: AsJson = False) -> None:
    """Everybody who is or was let in."""
    with session() as current:
        told = current.gateway.get("/api/people")
    if as_json:
        print_json(told)
    else:
        print_people(told["people"], ANSWERS)


@commands.command()
def add(
    name: Annotated[str, typer.Argument(help="In small letters; it never changes, as ledgers and logs keep it.")],
    role: Annotated[Role, typer.Option("--role", help="What the person may do.")] = "viewer",
    display_name: Annotated[str | None, typer.Option("--display-name", help="As people read it.")] = None,
    email: Annotated[str | None, typer.Option("--email")] = None,
    password_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Let somebody in. The password is asked for; without one, one is made and shown once."""
    given = {"display_name": display_name, "email": email, "password": password_of(name, from_stdin=password_stdin)}
    with session() as current:
        wanted = {"name": name, "role": role, **{field: value for field, value in given.items() if value}}
        told = current.gateway.post("/api/people", wanted)
    if as_json:
        print_json(told)
        return
    ANSWERS.print(f"{told['person']['name']} is let in as {told['person']['role']}.", markup=False, soft_wrap=True)
    print_password(told, ANSWERS)


@commands.command("role")
def role_(name: Name, role: Annotated[Role, typer.Argument(help="What the person may do from now on.")]) -> None:
    """Say what somebody may do: look (viewer), change and pay (editor), or everything (admin)."""
    change(name, {"role": role})
    ANSWERS.print(f"{name} is {role} now.", markup=False, soft_wrap=True)


@commands.command()
def disable(name: Name) -> None:
    """Let somebody in no more: sessions end, and keys are revoked, at once."""
    change(name, {"disabled": True})
    ANSWERS.print(f"{name} is not let in any more; sessions have ended, and keys are revoked.", markup=False, soft_wrap=True)


@commands.command()
def enable(name: Name) -> None:
    """Let somebody in again; keys that were revoked stay revoked."""
    change(name, {"disabled": False})
    ANSWERS.print(f"{name} is let in again.", markup=False, soft_wrap=True)


@commands.command()
def password(
    name: Name,
    own: Annotated[
        bool, typer.Option("--own", help="Your own: asks for the present one first; stdin has both, by line.")
    ] = False,
    password_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Give somebody a new password, and end the sessions. It is asked for; without one, one is made and shown once."""
    if own:
        change_own(name, from_stdin=password_stdin)
        return
    given = password_of(name, from_stdin=password_stdin)
    with session() as current:
        person = named(current.gateway, name)
        told = current.gateway.post(f"/api/people/{person['id']}/password", {"password": given} if given else {})
    if as_json:
        print_json(told)
        return
    ANSWERS.print(f"{name} has a new password; sessions have ended.", markup=False, soft_wrap=True)
    print_password(told, ANSWERS)


@commands.command()
def recover(name: Annotated[str, typer.Argument(help="Who is to be let in again as admin.")] = "admin") -> None:
    """Get back into the installation on this machine: a new password and key for NAME, when nobody has any that work."""
    if URL in os.environ:
        raise Invalid(f"This is for the installation on this machine, and {URL} names another; unset it.")
    settings = LocalSettings()
    path = Home(settings.data).credentials
    with platform(settings) as addresses:
        own = {"SPILLWAY_SEARCH_CREDENTIALS_FILE": str(path), "PYTHONPATH": str(PROJECT_ROOT), "PYTHONSAFEPATH": "1"}
        command = [sys.executable, "-m", RECOVER, name]
        ran = subprocess.run(command, env={**os.environ, **addresses, **own}, stdin=subprocess.DEVNULL, check=False)
    if ran.returncode:
        raise typer.Exit(ran.returncode)


def change_own(name: str, *, from_stdin: bool) -> None:
    """Change the password of who knows the present one."""
    present = own_password(name, from_stdin=from_stdin)
    wanted = new_password(from_stdin=from_stdin)
    with session() as current, signed_in(current.gateway, name, present) as gateway:
        gateway.change_password(present, wanted)
    ANSWERS.print("Your password is changed; your other sessions have ended.", markup=False, soft_wrap=True)


@contextmanager
def platform(settings: LocalSettings) -> Iterator[Mapping[str, str]]:
    """The addresses of this machine's servers, which run for as long as the block lasts if they did not."""
    if owner := running(settings):
        yield owner.environment
        return
    if not settings.data.exists() and settings.database_url is None:
        raise Invalid(f"There is no installation in {settings.data} yet; `./spillway up` makes one, and its first person.")
    from cli.local.installation import platform_settings  # noqa: PLC0415 - takes a second, which a running one spares
    from cli.local.stack import Stack  # noqa: PLC0415 - as above
    from shared.migrate import migrate  # noqa: PLC0415 - as above
    from shared.platform import run_async  # noqa: PLC0415 - as above

    STATUS.print("[dim]starting Spillway's servers for this command[/]", soft_wrap=True)
    with Stack(settings) as addresses:
        run_async(migrate(platform_settings(addresses, settings.port)))
        yield addresses


def change(name: str, changes: Mapping[str, Any]) -> None:
    """Change a person."""
    with session() as current:
        current.gateway.patch(f"/api/people/{named(current.gateway, name)['id']}", changes)


def named(gateway: Gateway, name: str) -> dict[str, Any]:
    """The person of this name; raises Invalid that says who there is."""
    there: list[dict[str, Any]] = gateway.get("/api/people")["people"]
    for person in there:
        if person["name"] == name:
            return person
    raise Invalid(f"There is nobody called {name}; there are {', '.join(person['name'] for person in there)}.")
