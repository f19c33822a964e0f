"""`./spillway rescan [PATH]`: let the library say what is on the disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import ANSWERS, STATUS, print_json
from cli.gateway import Gateway
from cli.progress import follow
from cli.scans import examples, items_of, print_report, until_known
from cli.session import session

KIND = "rescan"


def rescan(
    path: Annotated[
        Path | None, typer.Argument(help="A file or folder; without it, everything that was ever imported.", resolve_path=True)
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Apply what is found, or only report it. Nothing is ever deleted.")
    ] = True,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until every file is searchable or has a reason why not.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Look PATH through for what is new, moved, renamed, changed, missing or there again, and bring the library up to date."""
    with session() as current:
        gateway = current.gateway
        job_id = gateway.rescan(path)
        status = until_known(gateway, KIND, job_id, STATUS)
        if not as_json:
            print_report(status, examples(gateway, KIND, job_id, status["counts"]), ANSWERS)
        if apply:
            status = carried_out(gateway, job_id)
            if wait or not current.stays:
                follow(lambda: gateway.job(job_id), STATUS)
        if as_json:
            print_json(document(gateway, job_id, status))
    if not as_json:
        ANSWERS.print(f"Applied to {status['applied']:,} files." if apply else "Nothing was changed; --apply does.")


def carried_out(gateway: Gateway, job_id: str) -> Mapping[str, Any]:
    """The job once its report is applied."""
    gateway.apply_scan(KIND, job_id)
    return until_known(gateway, KIND, job_id, STATUS)


def document(gateway: Gateway, job_id: str, status: Mapping[str, Any]) -> dict[str, Any]:
    """The job, its counts and every item."""
    items = list(items_of(gateway, KIND, job_id))
    return {
        "job_id": job_id,
        "state": status["state"],
        "counts": status["counts"],
        "still_missing": status["still_missing"],
        "items": items,
    }
