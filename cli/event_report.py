"""Events, replays and dead letters, for people."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.nova_money_report import spread

STYLES = {"dead": "red", "sent": "yellow", "applied": "green", "rerun": "bold", "send": "bold", "nothing": "dim"}
DONE = {"rerun": "run again", "send": "sent again", "nothing": "left as they are"}


def print_events(events: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Two lines per event: what was told when about what, and the id, whole, so that it can be copied."""
    if not events:
        console.print("The log has no such event.")
    for event in events:
        place = "-" if event["sequence"] is None else str(event["sequence"])
        told = (event["subject"], "bold")
        about = event["path"] or event["key"]
        console.print(Text.assemble(f"{place:>8}  {_time(event['created_at'])}  ", told, f"  {about}"), soft_wrap=True)
        console.print(Text(f"{'':8}  {event['id']}", style="dim"), soft_wrap=True)


def line_of(told: Mapping[str, Any]) -> Text:
    """An event of the live feed in one line."""
    about = told.get("file_id") or told.get("job_id") or ""
    said = {name: value for name, value in (told.get("data") or {}).items() if name not in {"file_id", "job_id", "kind"}}
    when = _time(told.get("time") or "")
    return Text.assemble(f"{told['place']} {when} ", (told["subject"], "bold"), f" {about} ", (json.dumps(said), "dim"))


def print_event(event: Mapping[str, Any], console: Console) -> None:
    """One event with everything that is known."""
    where = "not published yet" if event["sequence"] is None else f"at {event['sequence']} of the stream"
    console.print(Text.assemble((event["subject"], "bold"), f" {event['id']}, {where}"), soft_wrap=True)
    console.print(Text(f"  told {event['created_at']}, on {event['address']}"), soft_wrap=True)
    for name, value in event["headers"].items():
        console.print(Text(f"  {name}: {value}", style="dim"), soft_wrap=True)
    console.print(Text(json.dumps(event["body"], indent=2)), soft_wrap=True)
    for taker in event["consumers"]:
        console.print(Text.assemble((f"{taker['consumer']}: ", "bold"), taker["sentence"]), soft_wrap=True)
    if not event["consumers"]:
        console.print("It ends a chain: no service reacts to it.")
    if event["file"]:
        stages = ", ".join(f"{stage['stage']} {stage['state']}" for stage in event["file"]["stages"])
        console.print(Text(f"{event['file']['path']}, revision {event['file']['revision']}: {stages}"), soft_wrap=True)


def print_replay(told: Mapping[str, Any], console: Console) -> None:
    """What a replay does, event by event, and what it costs."""
    for event in told["events"]:
        place = "-" if event["sequence"] is None else event["sequence"]
        line = Text.assemble(f"{place} {event['subject']}: ", (event["sentence"], STYLES[event["act"]]))
        console.print(line, soft_wrap=True)
    if told["untold"]:
        console.print(f"and {told['untold']} more")
    console.print(Text(f"\n{told['chosen']} events for {told['consumer']}: {_acts(told, 'events')}", style="bold"))
    _print_costs([told["cost"]] if told["cost"] else [], console)
    _print_end(told, console)


def print_letters(told: Mapping[str, Any], console: Console) -> None:
    """A row per letter, then how many there are for which reason."""
    if not told["letters"]:
        console.print("There are no such dead letters.")
        return
    table = _table("id", "given up", "consumer", "state", "about", "why")
    for letter in told["letters"]:
        state = letter["state"] + (", edited" if letter["edited"] else "")
        table.add_row(
            str(letter["id"]),
            _time(letter["buried_at"]),
            letter["consumer"],
            Text(state, style=STYLES[letter["state"]]),
            _text(letter["path"] or letter["address"]),
            _text(letter["error"]),
        )
    console.print(table)
    for counted in told["counts"]:
        line = f"{counted['consumer']}, {counted['error_type']}: {counted['letters']}, of which {counted['dead']} wait"
        console.print(Text(line, style="dim"), soft_wrap=True)


def print_letter(letter: Mapping[str, Any], console: Console) -> None:
    """One letter in full."""
    heading = f"{letter['consumer']} gave up {letter['path'] or letter['address']}"
    console.print(Text.assemble((f"Letter {letter['id']}: ", "bold"), heading), soft_wrap=True)
    for entry in letter["history"]:
        resent = f"sent again by {entry['resent_by']}" if "resent_by" in entry else None
        told = resent or f"{entry['error']} ({entry['type']}, delivery {entry['deliveries']})"
        console.print(Text(f"  {_time(entry.get('at') or '')} {told}"), soft_wrap=True)
    for name, value in letter["headers"].items():
        console.print(Text(f"  {name}: {value}", style="dim"), soft_wrap=True)
    came = letter["text"] if letter["body"] is None else json.dumps(letter["body"], indent=2)
    console.print(Text(came), soft_wrap=True)
    if letter["edited"]:
        console.print(Text.assemble(("In its place is sent: ", "bold"), json.dumps(letter["edited_body"])), soft_wrap=True)
    console.print(Text.assemble(("Sending it again: ", "bold"), letter["resend"]["sentence"]), soft_wrap=True)


def print_resent(told: Mapping[str, Any], console: Console) -> None:
    """What becomes of letters that are sent again."""
    for letter in told["letters"]:
        console.print(Text.assemble(f"{letter['id']}: ", (letter["sentence"], STYLES[letter["act"]])), soft_wrap=True)
    console.print(Text(f"\n{_acts(told, 'letters')}", style="bold"))
    _print_costs(told["costs"], console)
    _print_end(told, console)


def _print_costs(costs: Sequence[Mapping[str, Any]], console: Console) -> None:
    for cost in costs:
        console.print(f"  by {cost['model']}, {spread(cost['usd_low'], cost['usd_high'])}", markup=False, soft_wrap=True)


def _print_end(told: Mapping[str, Any], console: Console) -> None:
    if told["refused"]:
        console.print(Text(told["refused"], style="red"), soft_wrap=True)
    if not told["applied"]:
        console.print(Text("Nothing was changed.", style="dim"))
    elif told.get("job_id"):
        job = told["job_id"]
        console.print(f"Job {job}; `./spillway batch status {job}` says how far it is.", markup=False, soft_wrap=True)


def _acts(told: Mapping[str, Any], what: str) -> str:
    return ", ".join(f"{number} {DONE[act]}" for act, number in told["acts"].items() if number) or f"no {what}"


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _text(value: str) -> Text:
    return Text(value, overflow="fold")


def _time(written: str) -> str:
    return written[:19]
