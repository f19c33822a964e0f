"""`./spillway batch proxy|transcribe|…`: one action on many files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.batch_report import TELLING, print_begun, print_list, print_status
from cli.console import ANSWERS, STATUS, print_json
from cli.gateway import Gateway
from cli.progress import follow
from cli.session import Session, session
from shared.errors import Invalid

Where = Annotated[
    str | None, typer.Argument(metavar="[PATH]", help="A file or folder of the library; all of it, unless given.")
]
KindOf = Annotated[Literal["video", "image", "audio"] | None, typer.Option("--kind", help="Only files of this kind.")]
Search = Annotated[str | None, typer.Option("--search", help="Only files whose path contains this.")]
Failed = Annotated[bool, typer.Option("--failed", help="Only files of which a stage failed.")]
Tag = Annotated[list[str] | None, typer.Option("--tag", help="Only files with this tag; several times: with all of them.")]
In = Annotated[str | None, typer.Option("--collection", help="Only files of this collection.")]
Force = Annotated[bool, typer.Option("--force", help="Also files that have a result already.")]
Urgent = Annotated[bool, typer.Option("--urgent", help="Before every bulk job.")]
Options = Annotated[list[str] | None, typer.Option("--option", help="As name=value, several times; for example language=de.")]
Wait = Annotated[bool, typer.Option("--wait", help="Stay until every file has a result.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]

commands = typer.Typer(
    help="One action on many files: begin it, see how far it is, call it off, try again what failed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def batch(context: typer.Context) -> None:
    """Make proxies, transcripts, … of many files; `batch --help` says how."""
    commands(context.args, prog_name="spillway batch")


def _action(action: str, told: str) -> None:
    def begin(
        path: Where = None,
        kind: KindOf = None,
        search: Search = None,
        failed: Failed = False,
        tag: Tag = None,
        collection: In = None,
        force: Force = False,
        urgent: Urgent = False,
        option: Options = None,
        wait: Wait = False,
        as_json: AsJson = False,
    ) -> None:
        with session() as current:
            wanted: dict[str, Any] = files_meant(
                current.gateway, path, kind=kind, search=search, failed=failed, tag=tag, collection=collection
            )
            wanted |= {"force": force, "options": options_of(option or ())}
            if urgent:
                wanted["priority"] = "interactive"
            accepted = current.gateway.begin_batch(action, wanted)
            see_through(current, accepted, wait=wait, as_json=as_json)

    commands.command(action, help=told)(begin)


_action("proxy", "Make the proxies that are missing, or by --force all.")
_action("transcribe", "Write down what is said where that is missing, or by --force everywhere.")
_action("nova", "Analyse what is not analysed, or by --force everything.")
_action("transcript-summary", "Sum up what is said where that is not done, or by --force everywhere.")
_action("embeddings", "Make searchable what is not, or by --force everything.")


@commands.command()
def status(job: JobId, wait: Wait = False, as_json: AsJson = False) -> None:
    """How far JOB is, and what went wrong."""
    with session() as current:
        told = watched(current, job) if wait else current.gateway.batch(job)
    if as_json:
        print_json(told)
    else:
        print_status(told, ANSWERS)


@commands.command()
def cancel(job: JobId) -> None:
    """Call JOB off: what waits becomes what it was, what is done stays."""
    with session() as current:
        current.gateway.cancel_batch(job)
    ANSWERS.print(f"Job {job} is cancelled; what it had finished stays.", markup=False)


@commands.command()
def retry(job: JobId, wait: Wait = False, as_json: AsJson = False) -> None:
    """Try again what failed in JOB, as a new job."""
    with session() as current:
        see_through(current, current.gateway.retry_batch(job), wait=wait, as_json=as_json)


@commands.command("list")
def list_(limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=100)] = 20, as_json: AsJson = False) -> None:
    """Jobs of this kind, the latest first."""
    with session() as current:
        batches = current.gateway.batches(limit)
    if as_json:
        print_json({"batches": batches})
    else:
        print_list(batches, ANSWERS)


def see_through(current: Session, accepted: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    """Say what was begun; stay to its end if that is wanted, or if nobody would carry it on without us."""
    stays = wait or not current.stays
    told = dict(watched(current, accepted["job_id"])) if stays else accepted
    if as_json:
        print_json(told)
        return
    print_begun(accepted, ANSWERS)
    if stays:
        print_status(told, ANSWERS)


def watched(current: Session, job_id: str) -> Any:
    """The job's last state, shown meanwhile."""
    return follow(lambda: current.gateway.batch(job_id), STATUS, TELLING)


def files_meant(
    gateway: Gateway,
    path: str | None,
    *,
    kind: str | None,
    search: str | None,
    failed: bool,
    tag: Sequence[str] | None = None,
    collection: str | None = None,
) -> dict[str, Any]:
    """The part of a request that says which files; raises Invalid if a file is meant and a filter besides."""
    wanted = {
        "kind": kind,
        "q": search,
        "status": "failed" if failed else None,
        "tag": list(tag or ()),
        "collection": collection,
    }
    chosen = {name: value for name, value in wanted.items() if value}
    if path is None:
        return {"filter": chosen}
    full = str(Path(path).resolve()) if Path(path).exists() else path
    files = [file["id"] for file in gateway.files_at(full) if file["path"] == full]
    if not files:
        return {"filter": {**chosen, "folder": full}}
    if chosen:
        raise Invalid(f"{full} is one file; leave out the options that choose among files.")
    return {"file_ids": files}


def options_of(given: Sequence[str]) -> dict[str, Any]:
    """Options as a request has them: numbers and switches as such, all else as text; raises Invalid."""
    options: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (name and sign):
            raise Invalid(f"Give an option as name=value, instead of {text}.")
        options[name] = _value(value)
    return options


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, int | float | bool) else text
