"""`./spillway share add|ls|revoke`: links to files and to spans of them, for people who have no account."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.console import ANSWERS, print_json
from cli.session import session
from cli.spans import clock, seconds_of
from cli.transcripts import file_at
from shared.clock import utc_now
from shared.errors import Invalid

STATES = {
    "ready": "ready",
    "preparing": "being prepared",
    "failed": "failed",
    "changed": "changed",
    "expired": "expired",
    "revoked": "revoked",
}
"""What the gateway's states are called."""

Where = Annotated[str, typer.Argument(help="The file: its path, the end of its path, or its id.")]
Only = Annotated[str | None, typer.Argument(help="Only links to this file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]

commands = typer.Typer(
    help="Links for people who have no account: to a file, or to a span of it and nothing else.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def share(context: typer.Context) -> None:
    """Links to files and to spans of them, for people who have no account; `share --help` says how."""
    commands(context.args, prog_name="spillway share")


@commands.command()
def add(
    file: Where,
    begin: Annotated[str | None, typer.Option("--from", help="Where the span begins: 75, 1:15 or 1:02:03.5.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Where it ends.")] = None,
    label: Annotated[str, typer.Option("--label", help="What guests read above it.")] = "",
    days: Annotated[float | None, typer.Option("--days", min=0.01, help="For how many days it works; 7 if not said.")] = None,
    download: Annotated[bool, typer.Option("--download", help="Let guests keep what they are shown.")] = False,
    transcript: Annotated[bool, typer.Option("--transcript", help="Let guests read what is said in it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a link. It is told this once: who loses it makes another one."""
    wanted = {
        "starts": None if begin is None else seconds_of(begin),
        "ends": None if end is None else seconds_of(end),
        "label": label,
        "expires_at": None if days is None else (utc_now() + timedelta(days=days)).isoformat(),
        "allow_download": download,
        "with_transcript": transcript,
    }
    with session() as current:
        told = current.gateway.post("/api/shares", {"file_id": file_at(current.gateway, file), **wanted})
    if as_json:
        print_json(told)
    else:
        ANSWERS.print(told["link"], markup=False, soft_wrap=True)
        ANSWERS.print(about(told), markup=False, soft_wrap=True, style="dim")


@commands.command()
def ls(
    file: Only = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Links that were made, the latest first, and how they stand. The links themselves are shown no more."""
    with session() as current:
        named = {} if file is None else {"file_id": file_at(current.gateway, file)}
        told = current.gateway.get("/api/shares", limit=limit, **named)
    if as_json:
        print_json(told)
    elif told["shares"]:
        for known in told["shares"]:
            ANSWERS.print(lines_of(known), soft_wrap=True)
    else:
        ANSWERS.print("Nothing is shared; `./spillway share add FILE` makes a link.", markup=False)


@commands.command()
def revoke(
    share_id: Annotated[str, typer.Argument(metavar="ID", help="As `share ls` shows it; its beginning will do.")],
    as_json: AsJson = False,
) -> None:
    """Let a link open nothing any more, at once."""
    with session() as current:
        found = meant(share_id, current.gateway.get("/api/shares", limit=500)["shares"])
        current.gateway.delete(f"/api/shares/{found['id']}")
        told = current.gateway.get(f"/api/shares/{found['id']}")
    if as_json:
        print_json(told)
    else:
        ANSWERS.print(f"The link to {name_of(told)} opens nothing any more.", markup=False, soft_wrap=True)


def meant(share_id: str, shares: list[dict[str, Any]]) -> Mapping[str, Any]:
    """The link whose id this is, or begins so; raises Invalid."""
    fitting = [share for share in shares if share["id"].startswith(share_id.lower())] if share_id else []
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and len(share_id) == 36:
        return {"id": share_id}  # one of long ago
    many = (
        "Several links begin so; give more of the id." if fitting else "No link has this id; `./spillway share ls` lists them."
    )
    raise Invalid(many)


def name_of(share: Mapping[str, Any]) -> str:
    """What people know a link by."""
    span = "" if share["starts"] is None else f", {clock(share['starts'])} to {clock(share['ends'])}"
    return f'"{share["label"]}"{span}' if share["label"] else f"{share['path']}{span}"


def about(share: Mapping[str, Any]) -> str:
    """What is to be known of a new link."""
    prepared = "" if share["state"] == "ready" else " It is being prepared; guests see it as soon as it is ready."
    return f"Works until {local(share['expires_at'])}. Keep it: it is shown no more.{prepared}"


def local(moment: str) -> str:
    """A time as it is here."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def lines_of(share: Mapping[str, Any]) -> Text:
    """A link in two lines, of which the first begins with its id; a third says what is wrong with it."""
    uses = "not used yet" if share["used_at"] is None else f"used {share['uses']} times, last {local(share['used_at'])}"
    told = Text(f"{share['id']}  {STATES[share['state']]}, until {local(share['expires_at'])}, {uses}\n")
    told.append(f"    {name_of(share)}, by {share['created_by']}", style="bold")
    if share["label"]:
        told.append(f"\n    {share['path']}", style="dim")
    if share["reason"]:
        told.append(f"\n    {share['reason']}", style="red")
    return told
