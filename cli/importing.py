"""`./spillway ingest PATH`: import a file or folder."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import ANSWERS, STATUS, print_json
from cli.gateway import Gateway
from cli.progress import follow
from cli.report import print_files
from cli.scans import examples, items_of, print_report, until_known
from cli.session import session

KIND = "import-directory"


def ingest(
    path: Annotated[Path, typer.Argument(help="A file, or a folder with everything in it.", exists=True, resolve_path=True)],
    wait: Annotated[bool, typer.Option("--wait", help="Stay until every file is searchable or has a reason why not.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken in.")] = False,
) -> None:
    """Import PATH: files stay where they are and become searchable. What was moved there keeps all that was made of it."""
    with session() as current:
        job_id = current.gateway.import_path(path, apply=not dry_run)
        if dry_run:
            report(current.gateway, job_id, as_json=as_json)
            return
        if current.stays and not wait:
            announce(job_id, path, as_json=as_json)
            return
        follow(lambda: current.gateway.job(job_id), STATUS)
        files = current.gateway.job_files(job_id)
        counts = current.gateway.scan_status(KIND, job_id)["counts"]
    if as_json:
        print_json({"job_id": job_id, "counts": counts, "files": files})
    else:
        print_files(files, ANSWERS)


def report(gateway: Gateway, job_id: str, *, as_json: bool) -> None:
    """Say what an import would take in, and take nothing in."""
    status = until_known(gateway, KIND, job_id, STATUS)
    if as_json:
        items = list(items_of(gateway, KIND, job_id))
        print_json({"job_id": job_id, "state": status["state"], "counts": status["counts"], "items": items})
    else:
        print_report(status, examples(gateway, KIND, job_id, status["counts"]), ANSWERS)
        ANSWERS.print("Nothing was taken in; leave out --dry-run to do so.")


def announce(job_id: str, path: Path, *, as_json: bool) -> None:
    """Say that the import goes on without us."""
    if as_json:
        print_json({"job_id": job_id})
    else:
        ANSWERS.print(f"Importing {path} as job {job_id}; `--wait` follows it to the end.", markup=False)
