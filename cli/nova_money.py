"""`./spillway nova budget set|list|remove` and `nova usage`: what may be spent, and what was."""

from typing import Annotated, Any, Literal

import typer

from cli.console import ANSWERS, print_json
from cli.gateway import Gateway
from cli.nova_money_report import money, print_budgets, print_usage
from cli.session import session
from shared.errors import Invalid

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Day = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="First or last day, of UTC; the last 30, unless given.")]
Period = Literal["day", "month"]

commands = typer.Typer(
    help="Budgets: what may be spent in a day or month. What may exceed one is refused.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@commands.command("list")
def list_(as_json: AsJson = False) -> None:
    """All budgets, and what of each is spent and left."""
    with session() as current:
        budgets = current.gateway.get("/api/nova/budgets")["budgets"]
    if as_json:
        print_json({"budgets": budgets})
    else:
        print_budgets(budgets, ANSWERS)


@commands.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="What it is called; one that is there is changed.")],
    usd: Annotated[float, typer.Option("--usd", min=0, help="So many US dollars.")],
    period: Annotated[Period, typer.Option("--period", help="In each day or month of UTC.")] = "day",
    user: Annotated[str | None, typer.Option("--user", help="Of one person; of all together, unless given.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Keep it, but let it limit nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Allow so much, in place of what NAME allowed before."""
    with session() as current:
        told = put(current.gateway, {"name": name, "usd": usd, "period": period, "requested_by": user, "enabled": not off})
    if as_json:
        print_json(told)
    else:
        line = f"{told['name']} allows {money(told['usd'])} a {told['period']}; {money(told['left'])} are left."
        ANSWERS.print(line, markup=False, soft_wrap=True)


@commands.command()
def remove(name: Annotated[str, typer.Argument(help="What it is called.")]) -> None:
    """Forget a budget; what was spent stays in the ledger."""
    with session() as current:
        current.gateway.delete(f"/api/nova/budgets/{named(current.gateway, name)['id']}")
    ANSWERS.print(f"The budget {name} is gone.", markup=False, soft_wrap=True)


def usage(since: Day = None, until: Day = None, as_json: AsJson = False) -> None:
    """What was spent, by day, model, analysis and user."""
    days = {name: day for name, day in (("since", since), ("until", until)) if day}
    with session() as current:
        told = current.gateway.get("/api/nova/usage", **days)
    if as_json:
        print_json(told)
    else:
        print_usage(told, ANSWERS)


def put(gateway: Gateway, wanted: dict[str, Any]) -> dict[str, Any]:
    """The budget of this name as it is wanted, made or changed; raises Invalid if it is somebody else's."""
    there = [one for one in gateway.get("/api/nova/budgets")["budgets"] if one["name"] == wanted["name"]]
    if not there:
        return gateway.post("/api/nova/budgets", wanted)
    if there[0]["requested_by"] != wanted["requested_by"]:
        whose = there[0]["requested_by"] or "everybody"
        raise Invalid(f"The budget {wanted['name']} is that of {whose}; remove it first, or choose another name.")
    changes = {name: value for name, value in wanted.items() if name != "requested_by"}
    return gateway.put(f"/api/nova/budgets/{there[0]['id']}", changes)


def named(gateway: Gateway, name: str) -> dict[str, Any]:
    """The budget of this name; raises Invalid that says which there are."""
    budgets: list[dict[str, Any]] = gateway.get("/api/nova/budgets")["budgets"]
    for one in budgets:
        if one["name"] == name:
            return one
    raise Invalid(f"There is no budget {name}; there are {', '.join(one['name'] for one in budgets) or 'none'}.")
