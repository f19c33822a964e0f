"""`./spillway upload PATH…`: send files to a Spillway that cannot see them."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cli.console import ANSWERS, STATUS, escape_markup, print_json
from cli.gateway import Gateway
from cli.progress import follow
from cli.report import print_files
from cli.sending import TIMEOUT, Sender
from cli.session import session
from shared.contracts import Stage
from shared.errors import Invalid, SpillwayError
from shared.paths import shown

COUNTS = ("pending", "done", "skipped", "failed", "rate")


@dataclass(frozen=True)
class Sent:
    """A file, and its upload or why there is none."""

    path: Path
    upload_id: str | None
    error: str | None = None


def upload(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders with everything in them.", exists=True)],
    wait: Annotated[bool, typer.Option("--wait", help="Stay until every file is searchable or has a reason why not.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Upload PATHS: copies go to Spillway's object store. An upload that was broken off goes on when it is run again."""
    files = list(found(paths))
    if not files:
        raise Invalid("There are no files in what was named; name a file, or a folder that has some.")
    with session() as current:
        sent = send_all(files, current.gateway)
        waits = wait or not current.stays
        if waits:
            ids = [one.upload_id for one in sent if one.upload_id]
            follow(Together(current.gateway, ids).look, STATUS)
        results = [told(one, current.gateway, is_over=waits) for one in sent]
    tell(results, as_json=as_json, is_over=waits)
    if any(result["error"] for result in results):
        raise typer.Exit(1)


def found(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named; what begins with a dot in a folder is passed over."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            inside = (Path(folder, name) for name in sorted(names) if not name.startswith("."))
            yield from (file for file in inside if file.is_file())


def send_all(files: Sequence[Path], gateway: Gateway) -> list[Sent]:
    """Send files one after the other; one that cannot be sent stops none of the others."""
    with ExitStack() as stack:
        store = stack.enter_context(httpx.Client(timeout=TIMEOUT, trust_env=False))
        display = stack.enter_context(_display())
        sender = Sender(gateway, store)
        return [send_one(file, sender, display) for file in files]


def send_one(file: Path, sender: Sender, display: Progress) -> Sent:
    """Send a file, its bytes shown as they go out."""
    bar = display.add_task(escape_markup(shown(os.fsencode(file.name))), total=None)
    try:
        display.update(bar, total=file.stat().st_size)
        sent = Sent(file, sender.send(file, lambda count: display.advance(bar, count)))
    except (SpillwayError, OSError) as error:
        sent = Sent(file, None, str(error))
    except httpx.HTTPError as error:
        sent = Sent(file, None, f"It could not be sent whole ({error}); run the command again, and it goes on.")
    display.update(bar, visible=sent.error is not None)
    STATUS.print(f"{shown(os.fsencode(file))}: {sent.error or 'sent'}", markup=False, soft_wrap=True)
    return sent


class Together:
    """Several jobs, followed as if they were one."""

    def __init__(self, gateway: Gateway, job_ids: Iterable[str]) -> None:
        self._gateway = gateway
        self._jobs: dict[str, Mapping[str, Any]] = {job_id: {"finished": False, "stages": {}} for job_id in job_ids}

    def look(self) -> dict[str, Any]:
        """How far they are together; those that are finished are not asked for again."""
        self._jobs = {job_id: job if job["finished"] else self._gateway.job(job_id) for job_id, job in self._jobs.items()}
        return together(list(self._jobs.values()))


def together(jobs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One job in place of several: counts and rates added up, the time left that of the slowest."""
    stages = {}
    for stage in Stage:
        each = [job["stages"].get(stage, {}) for job in jobs]
        etas = [counts["eta_seconds"] for counts in each if counts.get("eta_seconds") is not None]
        stages[stage] = {name: sum(counts.get(name) or 0 for counts in each) for name in COUNTS}
        stages[stage]["eta_seconds"] = max(etas, default=None)
    return {"finished": all(job["finished"] for job in jobs), "stages": stages}


def told(sent: Sent, gateway: Gateway, *, is_over: bool) -> dict[str, Any]:
    """What is known of a file that was sent: where it is now, and, at the end, what became of it."""
    result: dict[str, Any] = {"path": shown(os.fsencode(sent.path)), "upload_id": sent.upload_id, "error": sent.error}
    if sent.upload_id is None or not is_over:
        return result
    upload = gateway.upload(sent.upload_id)
    [file] = gateway.job_files(sent.upload_id)
    error = upload["note"] if upload["file_id"] is None else None
    return {**result, "error": error, "state": upload["state"], "note": upload["note"], "file": file}


def tell(results: Sequence[Mapping[str, Any]], *, as_json: bool, is_over: bool) -> None:
    """Print what became of the files."""
    if as_json:
        print_json({"uploads": results})
    elif is_over and (files := [result["file"] for result in results if "file" in result]):
        print_files(files, ANSWERS)
    elif sent := sum(result["error"] is None for result in results):
        ANSWERS.print(f"{sent} of {len(results)} files sent; `--wait` follows them until they are searchable.", markup=False)


def _display() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=STATUS, disable=not STATUS.is_terminal)
