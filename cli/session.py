"""The gateway that a command talks to: the one named, the one that runs here, or one for as long as the command lasts."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from cli.console import STATUS, escape_markup
from cli.credentials import URL, Key, is_same_place, key_elsewhere, key_here, warning
from cli.gateway import Gateway
from cli.local.errors import NotReady
from cli.local.record import running
from cli.local.settings import LocalSettings

READY_WITHIN = 120.0
"""Seconds for a gateway that is starting to answer."""


@dataclass(frozen=True)
class Session:
    """A gateway, and whether it stays when the command ends."""

    gateway: Gateway
    stays: bool


@contextmanager
def session() -> Iterator[Session]:
    """A gateway that answers: SPILLWAY_URL if set, else what `up` runs on this data, else an installation of our own."""
    settings = LocalSettings()
    named, owner = os.environ.get(URL) or None, running(settings)
    if owner is not None and (named is None or is_same_place(named, owner.gateway)):
        wait_until_ready(owner.gateway)
        with reached(owner.gateway, key_here(settings, owner.gateway)) as gateway:
            yield Session(gateway, stays=True)
        return
    if named is not None:
        wait_until_ready(named)
        with reached(named, key_elsewhere()) as gateway:
            yield Session(gateway, stays=True)
        return
    from cli.local.installation import installed  # noqa: PLC0415 - takes a second, which a running installation spares

    STATUS.print("[dim]starting Spillway for this command; `./spillway up` keeps it running[/]", soft_wrap=True)
    with (
        Path(os.devnull).open("w") as nowhere,
        installed(settings, Console(file=nowhere)) as installation,
        reached(installation.address, key_here(settings, installation.address)) as gateway,
    ):
        yield Session(gateway, stays=False)


@contextmanager
def reached(address: str, key: Key) -> Iterator[Gateway]:
    """The gateway at an address, which is shown the key; a word if others could come by it."""
    if said := warning(key, address):
        STATUS.print(f"[yellow]spillway:[/] {escape_markup(said)}", soft_wrap=True)
    with Gateway(address, key) as gateway:
        yield gateway


def wait_until_ready(address: str) -> None:
    """Return once the gateway says that it is ready; raises NotReady."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz", timeout=5.0, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise NotReady(f"The gateway at {address} does not become ready; see what `./spillway up` prints, or run the doctor.")
