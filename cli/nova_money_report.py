"""Prices, budgets and spending, for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.progress import duration


def money(usd: float) -> str:
    """Dollars: ten-thousandths where cents say nothing."""
    if usd == 0 or usd >= 10:
        return f"${usd:,.2f}"
    return f"${usd:.4f}" if usd >= 0.0001 else f"${usd:.6f}"


def spread(low: float, high: float) -> str:
    """From the least to the most."""
    told = money(low), money(high)
    return told[0] if told[0] == told[1] else f"{told[0]} to {told[1]}"


def print_estimate(told: Mapping[str, Any], console: Console) -> None:
    """What something would cost, what that rests on, and what the budgets would have left."""
    files = f"{told['files']} file{'' if told['files'] == 1 else 's'}"
    console.print(
        Text.assemble(f"{told['model']}, {files}: ", (spread(told["usd_low"], told["usd_high"]), "bold")), soft_wrap=True
    )
    if told["usd_high"]:
        outgoing = f"{told['output_tokens_low']:,} to {told['output_tokens_high']:,}"
        console.print(f"  {told['input_tokens']:,} tokens in, {outgoing} out", markup=False, soft_wrap=True)
        time = f"{duration(told['seconds_low'])} to {duration(told['seconds_high'])}"
        console.print(f"  {time}; by prices of {told['prices_as_of']}", markup=False, soft_wrap=True)
    for note in told["notes"]:
        console.print(Text(f"  {note}", style="dim"), soft_wrap=True)
    for left in told["budgets"]:
        print_left(left, console)


def print_left(left: Mapping[str, Any], console: Console) -> None:
    """What a budget would have left."""
    if left["enough"]:
        told = (
            f"  budget {left['name']}: {money(left['left'])} left this {left['period']}, {money(left['left_after'])} after it"
        )
        console.print(told, markup=False, soft_wrap=True)
    else:
        told = f"  budget {left['name']}: {money(left['left'])} left this {left['period']}, which is too little"
        console.print(Text(told, style="red"), soft_wrap=True)


def print_budgets(budgets: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A row per budget."""
    if not budgets:
        console.print(
            "There is no budget: nothing limits what is spent. `nova budget set daily --usd 5 --period day` adds one."
        )
        return
    table = Table(box=None, padding=(0, 2), show_edge=False, header_style="dim")
    for title in ("budget", "whose", "allowed", "spent", "held", "left"):
        table.add_column(title, no_wrap=title != "budget", justify="left" if title in {"budget", "whose"} else "right")
    for one in budgets:
        name = Text(one["name"] + ("" if one["enabled"] else " (off)"), style="default" if one["enabled"] else "dim")
        amounts = [money(one[key]) for key in ("spent", "reserved", "left")]
        table.add_row(name, one["requested_by"] or "everybody", f"{money(one['usd'])} a {one['period']}", *amounts)
    console.print(table)
    console.print(Text("Days and months are of UTC.", style="dim"))


def print_usage(told: Mapping[str, Any], console: Console) -> None:
    """What was spent, by day, model and analysis, and how good the estimates were."""
    total = told["total"]
    console.print(
        Text.assemble(f"{told['since']} to {told['until']}: ", (money(total["usd"]), "bold"), f" for {total['calls']} calls"),
        soft_wrap=True,
    )
    for title, name in (("by day", "by_day"), ("by model", "by_model"), ("by analysis", "by_analysis"), ("by user", "by_user")):
        if told[name]:
            print_spent(title, told[name], console)
    ratio = told["estimates"]["input_tokens"]
    if ratio:
        line = f"Estimated input tokens were met to {ratio['mean']:.0%} ({ratio['lowest']:.0%} to {ratio['highest']:.0%})."
        console.print(Text(f"\n{line}", style="dim"), soft_wrap=True)


def print_spent(title: str, rows: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A row per day, model, analysis or user."""
    table = Table(box=None, padding=(0, 2), show_edge=False, header_style="dim")
    table.add_column(title)
    for heading in ("calls", "tokens in", "out", "spent"):
        table.add_column(heading, no_wrap=True, justify="right")
    for one in rows:
        tokens = f"{one['input_tokens']:,}", f"{one['output_tokens']:,}"
        table.add_row(Text(one["key"]), str(one["calls"]), *tokens, money(one["usd"]))
    console.print()
    console.print(table)
