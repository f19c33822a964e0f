"""`./spillway ingest PATH`: import a file or folder."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import ANSWERS, STATUS, print_json
from cli.progress import follow
from cli.report import print_files
from cli.session import session


def ingest(
    path: Annotated[Path, typer.Argument(help="A file, or a folder with everything in it.", exists=True, resolve_path=True)],
    wait: Annotated[bool, typer.Option("--wait", help="Stay until every file is searchable or has a reason why not.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Import PATH: files stay where they are and become searchable."""
    with session() as current:
        job_id = current.gateway.import_path(path)
        if current.stays and not wait:
            announce(job_id, path, as_json=as_json)
            return
        follow(lambda: current.gateway.job(job_id), STATUS)
        files = current.gateway.job_files(job_id)
    if as_json:
        print_json({"job_id": job_id, "files": files})
    else:
        print_files(files, ANSWERS)


def announce(job_id: str, path: Path, *, as_json: bool) -> None:
    """Say that the import goes on without us."""
    if as_json:
        print_json({"job_id": job_id})
    else:
        ANSWERS.print(f"Importing {path} as job {job_id}; `--wait` follows it to the end.", markup=False)
