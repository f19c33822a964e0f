"""`./spillway reconcile`: whether object store and library agree about proxies, and the mending of what does not."""

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.batch_report import TELLING, print_status
from cli.console import ANSWERS, STATUS, print_json
from cli.gateway import Gateway
from cli.progress import POLL, follow
from cli.session import session
from shared.errors import Invalid

WORDS = {
    "orphan": ("objects that no file uses", "are removed"),
    "missing": ("proxies that are not in the object store", "are made anew"),
    "size": ("proxies of another size than was stored", "are made anew"),
    "recipe": ("proxies made in an older way", "are made anew"),
    "stale": ("proxies of older content", "are made anew"),
}


def reconcile(
    apply: Annotated[bool, typer.Option("--apply", help="Mend what is found; without it, nothing is changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Compare the object store with the library, and say where they differ."""
    with session() as current:
        told = settled(current.gateway, current.gateway.begin_reconciliation(apply=apply))
        mending = told["mending_job_id"]
        batch = follow(lambda: current.gateway.batch(mending), STATUS, TELLING) if mending else None
    if as_json:
        print_json({**told, "mending": batch})
        return
    print_findings(told, ANSWERS)
    if batch:
        print_status(batch, ANSWERS)


def settled(gateway: Gateway, job_id: str) -> dict[str, Any]:
    """The reconciliation once it has reported, and is mended if that was asked for; raises Invalid if it failed."""
    with STATUS.status("comparing the object store with the library"):
        while True:
            told = gateway.reconciliation(job_id)
            if told["state"] == "failed":
                raise Invalid(told["error"])
            if told["finished"] or told["state"] == "reported":
                return told
            time.sleep(POLL)


def print_findings(told: Mapping[str, Any], console: Console) -> None:
    """A row per kind of difference."""
    compared = told["compared"]
    console.print(f"{compared['objects']} objects beside {compared['renditions']} renditions.", markup=False)
    if not told["found"]:
        console.print("They agree.")
        return
    table = Table.grid(padding=(0, 2))
    for change, found in told["found"].items():
        words, deed = WORDS[change]
        done = deed if told["apply"] else ""
        table.add_row(str(found["count"]), words, size(found["bytes"]), done, Text(", ".join(found["examples"]), style="dim"))
    console.print(table)
    if not told["apply"]:
        console.print("Nothing was changed; `--apply` removes what nobody uses, and makes the rest anew.", markup=False)


def size(count: float) -> str:
    """Bytes as people say them."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
