"""`./spillway nova stale`: which analyses came from older prompts or other models, and their renewal."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.batching import In, KindOf, Search, Tag, Where, files_meant
from cli.console import ANSWERS, STATUS, print_json
from cli.nova_asking import ModelOf, is_agreed
from cli.nova_money_report import print_estimate, spread
from cli.session import session
from shared.errors import Invalid

SHOWN = 20
"""Files that are named; JSON has the first page."""


def stale(
    path: Where = None,
    kind: KindOf = None,
    search: Search = None,
    tag: Tag = None,
    collection: In = None,
    reason: Annotated[
        list[str] | None, typer.Option("--reason", help="prompt, model, local or transcript; several times for several.")
    ] = None,
    model: ModelOf = None,
    renew: Annotated[bool, typer.Option("--renew", help="Have them done again, after the price is told.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Analyses that came from older prompts, another model, rules over words or an older transcript."""
    with session() as current:
        chosen_files = files_meant(
            current.gateway, path, kind=kind, search=search, failed=False, tag=tag, collection=collection
        )
        meant = chosen_files.get("filter")
        if meant is None:
            raise Invalid("Name a folder, or nothing for the whole library; `nova analyze` renews a single file.")
        named = {"model": model, "reason": reason}
        chosen = {name: value for name, value in named.items() if value}
        told = current.gateway.get("/api/nova/stale", limit=SHOWN, **meant, **chosen)
        if renew:
            wanted = {"filter": meant, **({"model": model} if model else {}), **({"reasons": list(reason)} if reason else {})}
            told = renewed(current.gateway, told, wanted, ask=not (yes or as_json))
    if as_json:
        print_json(told)
    elif not renew:
        print_stale(told, ANSWERS)


def renewed(gateway: Any, told: Mapping[str, Any], wanted: Mapping[str, Any], *, ask: bool) -> Any:
    """Begin the renewal, after the price was told; what is printed is what was begun."""
    if ask:
        print_estimate({**told["renewal"], "budgets": []}, STATUS)
        if not is_agreed(told["renewal"]):
            return told
    begun = gateway.post("/api/nova/stale/renew", wanted)
    if ask:
        line = f"Analysis {begun['nova_job_id']}: {begun['total_files']} files."
        more = f" {begun['remaining']} more did not fit; ask again when it is done." if begun["remaining"] else ""
        ANSWERS.print(line + more, markup=False, soft_wrap=True)
    return begun


def print_stale(told: Mapping[str, Any], console: Console) -> None:
    """How many are stale and why, what renewing costs, and the first of them."""
    if not told["total"]:
        line = f"Nothing is stale: all {told['analysed']} analyses are as {told['model']} would make them now."
        console.print(line, markup=False, soft_wrap=True)
        return
    for reason, number in told["counts"].items():
        if number:
            console.print(Text(f"{number:>7}  {told['meanings'][reason]}"), soft_wrap=True)
    renewal = told["renewal"]
    price = spread(renewal["usd_low"], renewal["usd_high"])
    console.print(Text(f"\nRenewing {told['renewable']} with {told['model']} costs {price}; --renew does it.", style="bold"))
    for file in told["files"]:
        console.print(Text(f"  {file['path']}  ({', '.join(file['reasons'])})"), soft_wrap=True)
    if told["next_cursor"]:
        console.print(Text(f"  and {told['total'] - len(told['files'])} more", style="dim"))
