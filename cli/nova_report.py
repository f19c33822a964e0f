"""Models and analyses, for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.nova_money_report import money
from cli.progress import Telling
from cli.report import clock

SHOWN = 12
"""Elements that are told; JSON has all."""
LENGTHS = ("brief", "standard", "detailed")


def print_models(told: Mapping[str, Any], console: Console) -> None:
    """A row per model, and below why those that cannot be asked cannot."""
    table = Table(box=None, padding=(0, 2), show_edge=False, header_style="dim")
    for title in ("", "model", "takes", "context", "$ in", "$ out"):
        table.add_column(title, no_wrap=True, justify="right" if title in {"context", "$ in", "$ out"} else "left")
    for model in told["models"]:
        price = model["price"] or {}
        table.add_row(
            "✓" if model["usable"] else "✗",
            Text(f"{model['key']}{' (default)' if model['default'] else ''}", style="bold" if model["usable"] else "dim"),
            " ".join(model["modalities"]),
            f"{model['context_tokens'] // 1000:,}k",
            price.get("input", "-"),
            price.get("output", "-"),
        )
    console.print(table)
    for model in told["models"]:
        if model["why_not"]:
            console.print(Text.assemble("\n", (f"{model['key']}: ", "bold"), model["why_not"]), soft_wrap=True)
    console.print(Text(f"\n{basis(told)}", style="dim"), soft_wrap=True)


def basis(told: Mapping[str, Any]) -> str:
    """What the table rests on."""
    prices = f"Dollars per million tokens, of {told['prices_as_of']}, for the scope {told['scope']}, tier {told['tier']}."
    if told["local"]:
        return f"{prices} Unless a model is named, files are analysed by rules over words, at no cost."
    return prices


def line_of(told: Mapping[str, Any]) -> str:
    """The state of an analysis in one line."""
    chunks = f", part {told['current_chunk']} of {told['total_chunks']}" if (told["total_chunks"] or 1) > 1 else ""
    waiting = f": {told['waiting_for']}" if told["waiting_for"] else ""
    return f"{told['status']} {told['progress_percent']:.0f} %{chunks}, {money(told['cost']['usd'])}{waiting}"


def table_of(told: Mapping[str, Any]) -> RenderableType:
    """The same with a bar."""
    table = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=100, completed=told["progress_percent"], width=30)
    table.add_row(Text("analysis", style="bold"), bar, Text(line_of(told)))
    return table


TELLING = Telling(line_of, table_of)


def print_status(told: Mapping[str, Any], console: Console) -> None:
    """How far an analysis is."""
    console.print(line_of(told), markup=False, soft_wrap=True)
    files = told["files"]
    if files["total"] > 1:
        counts = ", ".join(f"{files[name]} {name}" for name in ("done", "failed", "skipped", "pending") if files[name])
        console.print(f"{files['total']} files: {counts}", markup=False, soft_wrap=True)
    if told["error"]:
        console.print(Text(told["error"], style="red"), soft_wrap=True)


def print_result(told: Mapping[str, Any], console: Console) -> None:
    """What was found out about a file, in the order in which people read it."""
    console.print(Text.assemble((told["path"], "bold"), f"  {told['status']}"), soft_wrap=True)
    if told["error"]:
        console.print(Text(told["error"], style="red"), soft_wrap=True)
    for title, text in passages(told):
        console.print(Text.assemble("\n", (title, "dim"), "\n", text), soft_wrap=True)
    print_chapters(told["chapters"] or (), console)
    print_elements(told["elements"] or (), console)
    print_classification(told["waterfall_classification"], console)
    console.print(Text(f"\n{cost_line(told)}", style="dim"), soft_wrap=True)


def passages(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The prose of a result, with titles."""
    found = [(f"{length} summary", (told["summary"] or {}).get(length)) for length in LENGTHS]
    found += [("transcript summary", told["transcript_summary"]), ("description", told["description"])]
    return [(title, passage["text"]) for title, passage in found if passage]


def print_chapters(chapters: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A line per chapter."""
    if chapters:
        console.print(Text("\nchapters", style="dim"))
    for one in chapters:
        time = Text(f"{clock(one['start'])}-{clock(one['end'])}  ", style="cyan")
        console.print(Text.assemble(time, (one["title"], "bold"), f"  {one['summary']}"), soft_wrap=True)


def print_elements(elements: Sequence[Mapping[str, Any]], console: Console) -> None:
    """The elements by their kinds."""
    if elements:
        names = ", ".join(f"{one['name']} ({one['kind']})" for one in elements[:SHOWN])
        more = f" and {len(elements) - SHOWN} more" if len(elements) > SHOWN else ""
        console.print(Text.assemble(("\nelements\n", "dim"), names + more), soft_wrap=True)


def print_classification(found: Mapping[str, Any] | None, console: Console) -> None:
    """A line per dimension, with how sure it is, or why it is not known."""
    if not found:
        return
    console.print(Text("\nclassification", style="dim"))
    for name, decision in found["dimensions"].items():
        why = decision["unknown_reason"] or f"{decision['confidence']:.0%} sure"
        console.print(Text(f"{name.replace('_', ' ')}: {decision['value']} ({why})"), soft_wrap=True)


def cost_line(told: Mapping[str, Any]) -> str:
    """What the result cost, and who made it."""
    cost = told["cost"]
    maker = f"{told['model']}, prompts {told['prompt_version']}" if told["model"] else "nobody yet"
    if cost["cached"]:
        return f"{maker}; answered before, so it cost nothing (it had cost {money(cost['usd_saved_by_cache'])})"
    return f"{maker}; {money(cost['usd'])} for {len(cost['calls'])} call{'' if len(cost['calls']) == 1 else 's'}"


def print_results(told: Mapping[str, Any], console: Console) -> None:
    """A line per file of an analysis of several."""
    for file in told["files"]:
        brief = next((text for _, text in passages(file)), file["error"] or "")
        place = Text.assemble((file["path"], "bold"), f"  {file['status']}, {money(file['cost']['usd'])}")
        console.print(place, soft_wrap=True)
        console.print(Text(f"    {brief}"), soft_wrap=True)
    if told["next_cursor"]:
        console.print(Text("\nThere are more; `./spillway nova export` writes all of them.", style="dim"), soft_wrap=True)
