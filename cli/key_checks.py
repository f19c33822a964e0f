"""The doctor's look at how the command line shows who it is."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from cli.checks import Finding, State
from cli.credentials import KEY, URL, Key, key_elsewhere, key_here, warning
from cli.gateway import Gateway
from cli.local.home import Home
from cli.local.record import running
from cli.local.settings import LocalSettings
from shared.clock import utc_now
from shared.errors import SpillwayError

NAME = "Credentials"
SOON = timedelta(days=14)
"""Before a key ends: time enough to make another."""


def credentials() -> Finding:
    """Whether there is a key that only its owner can read, that the gateway accepts, and for how long."""
    settings = LocalSettings()
    owner, named = running(settings), os.environ.get(URL)
    address = named or (owner.gateway if owner else None)
    try:
        key = key_elsewhere() if named else key_here(settings, address or "")
        if key.text is None:
            return without(key, Home(settings.data), is_running=address is not None)
        found = tried(key, address)
        said = warning(key, address or "")
        return Finding(NAME, State.NOTE, f"{said[0].upper()}{said[1:]}.") if said and found.state is State.GOOD else found
    except SpillwayError as error:
        return Finding(NAME, State.BAD, str(error))
    except httpx.HTTPError as error:
        return Finding(NAME, State.NOTE, f"{address} does not answer ({error}), so that the key was not tried.")


def tried(key: Key, address: str | None) -> Finding:
    """What the gateway says of a key, if it runs; raises Invalid if it refuses it."""
    if address is None:
        return Finding(NAME, State.GOOD, f"A key in {key.source}; whether it is accepted shows when Spillway runs.")
    with Gateway(address, key) as gateway:
        return judged(gateway.get("/api/session"), key.source, utc_now())


def without(key: Key, home: Home, *, is_running: bool) -> Finding:
    """What it means that there is no key."""
    if key.source == KEY:
        return Finding(NAME, State.BAD, f"{URL} names a gateway, and {KEY} no key for it; set it to one.")
    if is_running or Path(home.root, "postgres").exists():
        advice = f"`./spillway people recover admin` writes one, or set {KEY}"
        return Finding(NAME, State.NOTE, f"There is no key in {key.source}: {advice}.")
    return Finding(NAME, State.GOOD, f"None yet; Spillway writes {key.source} when it is first started.")


def judged(told: Mapping[str, Any], source: str, now: datetime) -> Finding:
    """A key that is accepted, by how long it still works."""
    who = f"The key of {source} is accepted: {told['person']['name']}, {told['role']}"
    if told["expires_at"] is None:
        return Finding(NAME, State.GOOD, f"{who}.")
    ends = datetime.fromisoformat(told["expires_at"])
    if ends - now > SOON:
        return Finding(NAME, State.GOOD, f"{who}, until {ends:%Y-%m-%d}.")
    return Finding(NAME, State.NOTE, f"{who}, but only until {ends:%Y-%m-%d}; `./spillway keys add` makes another.")
