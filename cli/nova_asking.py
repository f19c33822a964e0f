"""What is asked of a model by the command line: its options, the question before money is spent, and the wait."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from cli.console import ANSWERS, STATUS
from cli.gateway import Gateway
from cli.nova_money_report import print_estimate
from cli.nova_report import TELLING
from cli.progress import follow
from shared.contracts import Kind

ModelOf = Annotated[str | None, typer.Option("--model", help="As 2-lite; `nova models` lists them. The default, unless given.")]
Types = Annotated[
    str | None,
    typer.Option("--types", help="What to find out, as summary,chapters; everything, unless given."),
]
Depth = Annotated[
    Literal["brief", "standard", "detailed"] | None, typer.Option("--depth", help="Which summary; all, unless given.")
]
Language = Annotated[str | None, typer.Option("--language", help="In which to answer, as en or de.")]
Combined = Annotated[bool, typer.Option("--combined/--separate", help="All in one call, or one call for each analysis.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Ask, and pay, again what has an answer already.")]


def wanted_of(
    *,
    model: str | None,
    types: str | None,
    depth: str | None,
    language: str | None,
    combined: bool,
    fresh: bool = False,
) -> dict[str, Any]:
    """The part of a request that says what is to be found out; only what was given."""
    options = {"summary_depth": depth, "language": language, "combined": None if combined else False, "fresh": fresh or None}
    named = {"model": model, "analysis_types": types and listed(types)}
    return {
        **{name: value for name, value in named.items() if value},
        "options": {name: value for name, value in options.items() if value is not None},
    }


def listed(text: str) -> list[str]:
    """Names that are separated by commas; `classification` is short for what the API calls it."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    return ["waterfall_classification" if name == "classification" else name for name in names]


def begin(gateway: Gateway, file_id: str, wanted: Mapping[str, Any], *, ask: bool) -> dict[str, Any] | None:
    """Have a file analysed, by the path for its kind; None if the person thinks better of it when they see the price."""
    place = "/api/nova/image/analyze" if gateway.file(file_id)["kind"] == Kind.IMAGE else "/api/nova/analyze"
    if ask and not agreed(gateway, [file_id], wanted):
        return None
    return gateway.post(place, {"file_id": file_id, **wanted})


def agreed(gateway: Gateway, file_ids: Sequence[str], wanted: Mapping[str, Any]) -> bool:
    """Whether the person wants to spend what it may cost; what costs nothing is not asked about."""
    options = dict(wanted["options"])
    estimate = gateway.post("/api/nova/estimate-cost", {**wanted, "options": options, "file_ids": list(file_ids)})
    print_estimate(estimate, STATUS)
    return is_agreed(estimate)


def is_agreed(estimate: Mapping[str, Any]) -> bool:
    """Ask, unless it costs nothing."""
    if not estimate["usd_high"] or typer.confirm("Go on?", err=True):
        return True
    ANSWERS.print("Nothing was begun.")
    return False


def watched(gateway: Gateway, analysis: str) -> Any:
    """The analysis's last state, shown meanwhile."""
    return follow(lambda: gateway.get(f"/api/nova/status/{analysis}"), STATUS, TELLING)
