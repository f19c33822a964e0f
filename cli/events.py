"""`./spillway events ls|show|tail|replay|dead|resend|rebuild`: the log, and what is made or sent again from it."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.console import ANSWERS, STATUS, print_json
from cli.event_choice import chosen, moment
from cli.event_following import followed, last_place
from cli.event_report import (
    line_of,
    print_event,
    print_events,
    print_letter,
    print_letters,
    print_replay,
    print_resent,
)
from cli.gateway import Gateway
from cli.rebuilding import rebuild
from cli.session import session
from cli.transcripts import file_at
from shared.clock import utc_now
from shared.errors import Invalid

Subject = Annotated[list[str] | None, typer.Option("--subject", help="As proxy.ready; several times for several.")]
Since = Annotated[str | None, typer.Option("--since", help="At this time or later: 2026-08-01T10:30, or 2h for two hours ago.")]
Until = Annotated[str | None, typer.Option("--until", help="Before this time.")]
File = Annotated[str | None, typer.Option("--file", help="About this file: its path, the end of its path, or its id.")]
Job = Annotated[str | None, typer.Option("--job", help="About this job, or for it.")]
Sequence = Annotated[str | None, typer.Option("--sequence", help="Places of the stream: 7..20, 7.. or ..20.")]
To = Annotated[str, typer.Option("--to", help="The consumer, as nova-analyse, or its stage: analyse.")]
ConsumerOf = Annotated[str | None, typer.Option("--consumer", help="Only of this consumer, or of this stage.")]
One = Annotated[str | None, typer.Option("--subject", help="Only of this subject.")]
LetterState = Annotated[Literal["dead", "sent", "applied", "all"], typer.Option("--state", help="How they are now.")]
Edit = Annotated[Path | None, typer.Option("--edit", help="A JSON file: the body to send in place of the one letter's.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]

AGREE = "This costs money: say --yes, or look first with --dry-run."

commands = typer.Typer(
    help="What was told: list it, follow it, send it again to one consumer; messages that were given up; search made anew.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def events(context: typer.Context) -> None:
    """The log of events, replays and dead letters; `events --help` says how."""
    commands(context.args, prog_name="spillway events")


@commands.command()
def ls(
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    file: File = None,
    job: Job = None,
    sequence: Sequence = None,
    oldest: Annotated[bool, typer.Option("--oldest", help="The oldest first.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Events as the log has them, the newest first."""
    with session() as current:
        about = file and file_at(current.gateway, file)
        wanted = chosen(utc_now(), subject=subject, since=since, until=until, file_id=about, job=job, sequence=sequence)
        order = "oldest" if oldest else "newest"
        told = current.gateway.get("/api/events/log", order=order, limit=limit, **wanted)
    if as_json:
        print_json(told)
    else:
        print_events(told["events"], ANSWERS)


@commands.command()
def show(event: Annotated[str, typer.Argument(metavar="ID", help="The event's id.")], as_json: AsJson = False) -> None:
    """One event: what it says, who takes it, what has become of it, and how its file is now."""
    with session() as current:
        told = current.gateway.get(f"/api/events/log/{event}")
    if as_json:
        print_json(told)
    else:
        print_event(told, ANSWERS)


@commands.command()
def tail(
    subject: Subject = None,
    file: File = None,
    job: Job = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document a line.")] = False,
) -> None:
    """Follow events as they happen, until you stop it; a restart of the gateway loses none."""
    with session() as current:
        about = file and file_at(current.gateway, file)
        wanted = chosen(utc_now(), subject=subject, file_id=about, job=job)
        begun = last_place(current.gateway.get("/api/events/log", limit=100)["events"])
        try:
            for told in followed(current.gateway, wanted, begun, partial(STATUS.print, markup=False)):
                if as_json:
                    print(json.dumps(told), flush=True)
                else:
                    ANSWERS.print(line_of(told), soft_wrap=True)
        except KeyboardInterrupt:
            return


@commands.command()
def replay(
    to: To,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    file: File = None,
    job: Job = None,
    sequence: Sequence = None,
    dry_run: DryRun = False,
    limit: Annotated[int, typer.Option(help="So many events are told one by one.", min=0, max=1000)] = 20,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Have one consumer do its work for these events again; no other takes part."""
    with session() as current:
        about = file and file_at(current.gateway, file)
        wanted = chosen(utc_now(), subject=subject, since=since, until=until, file_id=about, job=job, sequence=sequence)
        ask = {"consumer": to, "limit": limit, **wanted}
        told = current.gateway.post("/api/events/replay", ask)
        if not dry_run and agreed([told["cost"]] if told["cost"] else [], lambda: print_replay(told, STATUS), yes=yes):
            told = current.gateway.post("/api/events/replay", {**ask, "apply": True})
    if as_json:
        print_json(told)
    else:
        print_replay(told, ANSWERS)


@commands.command()
def dead(
    letter: Annotated[int | None, typer.Argument(metavar="[ID]", help="One letter in full.", min=1)] = None,
    consumer: ConsumerOf = None,
    subject: One = None,
    since: Since = None,
    state: LetterState = "dead",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Messages that were given up, the latest first."""
    with session() as current:
        if letter is None:
            named = {"consumer": consumer, "subject": subject, "since": since and moment(since, utc_now())}
            wanted = {name: value for name, value in named.items() if value}
            states = {} if state == "all" else {"state": state}
            told = current.gateway.get("/api/dead-letters", limit=limit, **wanted, **states)
        else:
            told = current.gateway.get(f"/api/dead-letters/{letter}")
    if as_json:
        print_json(told)
    elif letter is None:
        print_letters(told, ANSWERS)
    else:
        print_letter(told, ANSWERS)


@commands.command()
def resend(
    letters: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="The letters, by their ids.", min=1)] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait; say of which consumer, subject or time.")] = False,
    consumer: ConsumerOf = None,
    subject: One = None,
    since: Since = None,
    edit: Edit = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send letters again: their files or jobs wait for them again, if nothing has overtaken them."""
    named = {"consumer": consumer, "subject": subject, "since": since and moment(since, utc_now())}
    wanted = wanted_of(letters, {name: value for name, value in named.items() if value}, everything=everything)
    tried = edit is not None and dry_run
    with session() as current:
        told: dict[str, Any] = {}
        if edit is not None:
            told = put_right(current.gateway, letters, edit, dry_run=dry_run)
        if not tried:
            told = sent_again(current.gateway, wanted, dry_run=dry_run, yes=yes)
    if as_json:
        print_json(told)
    elif tried:
        print_letter(told, ANSWERS)
    else:
        print_resent(told, ANSWERS)


commands.command()(rebuild)


def sent_again(gateway: Gateway, wanted: Mapping[str, Any], *, dry_run: bool, yes: bool) -> dict[str, Any]:
    """What became of letters that were sent again, or would become of them if nobody agrees to that."""
    told = gateway.post("/api/dead-letters/resend", {**wanted, "dry_run": True})
    if dry_run or not agreed(told["costs"], lambda: print_resent(told, STATUS), yes=yes):
        return told
    return gateway.post("/api/dead-letters/resend", wanted)


def wanted_of(letters: list[int] | None, chosen_by: Mapping[str, str], *, everything: bool) -> dict[str, Any]:
    """Which letters are meant, as the API takes it; raises Invalid unless in one way."""
    if bool(letters) == everything or (letters and chosen_by):
        raise Invalid("Say which letters are meant: by their ids, or by --all with --consumer, --subject or --since.")
    if letters:
        return {"ids": letters}
    if not chosen_by:
        raise Invalid("Say of which letters all are meant: with --consumer, --subject or --since.")
    return dict(chosen_by)


def put_right(gateway: Gateway, letters: list[int] | None, edit: Path, *, dry_run: bool) -> dict[str, Any]:
    """Keep what a file says as the body of the one letter, or only try it; the letter as it is then. Raises Invalid."""
    if letters is None or len(letters) != 1:
        raise Invalid("An edit is of one letter; give its id.")
    try:
        body = json.loads(edit.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"{edit} cannot be read as JSON: {error}") from error
    return gateway.patch(f"/api/dead-letters/{letters[0]}", {"body": body, "dry_run": dry_run})


def agreed(costs: list[dict[str, Any]], tell: Callable[[], None], *, yes: bool) -> bool:
    """Whether to go on: asked where it costs money, unless that is agreed to; raises Invalid if nobody can be asked."""
    if yes or not any(cost["usd_high"] for cost in costs):
        return True
    if not STATUS.is_terminal:
        raise Invalid(AGREE)
    tell()
    return typer.confirm("Go on?", err=True)
