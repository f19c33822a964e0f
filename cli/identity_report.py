"""People and API keys, for people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.clock import utc_now

ONCE = "It is shown this once and kept nowhere; put it where only you can read it."


def print_people(people: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Everybody; who is disabled is dim."""
    table = _table("name", "called", "role", "signs in by", "last seen")
    for person in people:
        by = person["issuer"] or ("password" if person["has_password"] else "nothing yet")
        seen = f"disabled {day(person['disabled_at'])}" if person["disabled_at"] else day(person["last_seen_at"])
        row = (person["name"], person["display_name"], person["role"], by, seen)
        table.add_row(*map(Text, row), style="dim" if person["disabled_at"] else "")
    console.print(table)


def print_password(told: Mapping[str, Any], console: Console) -> None:
    """The password that was made, if one was."""
    if told["password"]:
        console.print(Text.assemble("The password is ", (told["password"], "bold")), soft_wrap=True)
        console.print(ONCE, soft_wrap=True)


def print_keys(keys: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Keys; those that work no more are dim."""
    if not keys:
        console.print("There are no keys; `./spillway keys add NAME` makes one.")
        return
    table = _table("begins with", "name", "may", "until", "last used")
    now = utc_now()
    for key in keys:
        row = (key["prefix"], key["name"], ", ".join(key["scopes"]), until(key, now), day(key["last_used_at"]))
        table.add_row(*map(Text, row), style="" if works(key, now) else "dim")
    console.print(table)


def print_made(told: Mapping[str, Any], console: Console) -> None:
    """A key that was just made, the one time that it is told."""
    key = told["key"]
    ends = f"until {day(key['expires_at'])}" if key["expires_at"] else "until it is revoked"
    console.print(Text.assemble("The key is ", (told["secret"], "bold")), soft_wrap=True)
    console.print(f"It may {', '.join(key['scopes'])}, {ends}. {ONCE}", markup=False, soft_wrap=True)


def print_caller(told: Mapping[str, Any], source: str, address: str, console: Console) -> None:
    """Who asks, by what, and what that may."""
    person = told["person"]
    called = "" if person["display_name"] == person["name"] else f" ({person['display_name']})"
    console.print(Text.assemble((person["name"], "bold"), f"{called}, {told['role']} at {address}"), soft_wrap=True)
    ends = f"until {day(told['expires_at'])}" if told["expires_at"] else "until it is revoked"
    may = ", ".join(told["scopes"]) or "do nothing"
    console.print(f"by the key of {source}, which may {may}, {ends}", markup=False, soft_wrap=True)


def works(key: Mapping[str, Any], now: datetime) -> bool:
    """Whether a key opens anything."""
    return key["revoked_at"] is None and (key["expires_at"] is None or _moment(key["expires_at"]) > now)


def until(key: Mapping[str, Any], now: datetime) -> str:
    """When a key ends, or has ended."""
    if key["revoked_at"]:
        return f"revoked {day(key['revoked_at'])}"
    if key["expires_at"] is None:
        return "it is revoked"
    return day(key["expires_at"]) if works(key, now) else f"expired {day(key['expires_at'])}"


def day(written: str | None) -> str:
    """The day of a time as the API writes it, here where we are."""
    return _moment(written).astimezone().date().isoformat() if written else "never"


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
