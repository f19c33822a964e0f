"""The record of who runs on a data folder, which other commands read."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cli.local.home import Home
from cli.local.settings import LocalSettings
from shared.platform import FileLock


@dataclass(frozen=True)
class Running:
    """A stack that is up: its owner's process id, the gateway's address, the environment its services have."""

    pid: int
    gateway: str
    environment: Mapping[str, str]


def running(settings: LocalSettings) -> Running | None:
    """Tell who holds this data folder and is up, None when nobody is (a record without its owner counts as nobody)."""
    home = Home(settings.data)
    if not home.record.exists():
        return None
    lock = FileLock(home.lock)
    if lock.acquire():
        lock.release()
        return None
    with contextlib.suppress(OSError, ValueError):
        return Running(**json.loads(home.record.read_text()))
    return None
