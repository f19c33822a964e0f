"""The gateway that a command talks to: the one named, the one that runs here, or one for as long as the command lasts."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from cli.console import STATUS
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
    address = os.environ.get("SPILLWAY_URL")
    if address is None and (owner := running(settings)):
        address = owner.gateway
    if address is not None:
        wait_until_ready(address)
        with Gateway(address) as gateway:
            yield Session(gateway, stays=True)
        return
    from cli.local.installation import installed  # noqa: PLC0415 - takes a second, which a running installation spares

    STATUS.print("[dim]starting Spillway for this command; `./spillway up` keeps it running[/]", soft_wrap=True)
    with (
        Path(os.devnull).open("w") as nowhere,
        installed(settings, Console(file=nowhere)) as installation,
        Gateway(installation.address) as gateway,
    ):
        yield Session(gateway, stays=False)


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
