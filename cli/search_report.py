"""Answers of a search for people, by file, and what there is among them."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.report import marked, time_span


def print_files_found(answer: Mapping[str, Any], console: Console) -> None:
    """A file per paragraph, with its best moments."""
    files = answer["files"]
    if not files:
        console.print(f"Nothing found for “{answer['q']}”. Try other words, or fewer.", markup=False)
    for file in files:
        console.print(Text.assemble((file["path"], "bold"), ("  missing" if file["missing"] else "", "dim")), soft_wrap=True)
        for moment in file["moments"]:
            place = Text.assemble("    ", (time_span(moment), "cyan"), (f"  {moment['field']}  ", "dim"))
            console.print(place.append_text(marked(moment["snippet"])), soft_wrap=True)
    more = ", and there are more" if answer["next_cursor"] else ""
    console.print(Text(f"{len(files)} file{'' if len(files) == 1 else 's'}{more}", style="dim"))
    if answer.get("note"):
        console.print(Text(answer["note"], style="dim"), soft_wrap=True)


def print_facets(facets: Mapping[str, Any], console: Console) -> None:
    """A line per facet: its values, the most frequent first."""
    console.print(Text(f"\n{facets['files']} file{'' if facets['files'] == 1 else 's'} match", style="bold"))
    for field, values in facets["values"].items():
        told = ", ".join(f"{value['value']} ({value['files']})" for value in values)
        console.print(Text.assemble((f"{field:<10}", "dim"), told), soft_wrap=True)
