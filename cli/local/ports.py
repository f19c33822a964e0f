"""Ports on 127.0.0.1: free ones, or the one that the user configured."""

import secrets
import socket
import sys

from cli.local.errors import LocalStackError, PortTaken

HOST = "127.0.0.1"

RANGE = range(10_000, 20_000)
"""Below every system's ephemeral ports (Linux 32768, others 49152), also with the 10000 that SeaweedFS adds for gRPC: no
outgoing connection takes a port between its choice and its use. With those 10000, it is none that could be chosen."""

_TRIES = 1000
_given: set[int] = set()
"""What this process has chosen before: a server may be about to start there, and not listen yet."""


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this port now."""
    with socket.socket() as probe:
        # A port in TIME_WAIT is free to servers, which set this too; on Windows the same option would share a used one.
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int, *, companion: int = 0) -> list[int]:
    """Choose free ports at random, none of them twice; with a companion, port + companion is free too.

    Another process may still take one before it is used, so whoever starts a server on them tries again with others.
    """
    chosen: list[int] = []
    for _ in range(_TRIES):
        if len(chosen) == count:
            return chosen
        port = RANGE.start + secrets.randbelow(len(RANGE))
        if port not in _given and _all_free(port, companion):
            _given.add(port)
            chosen.append(port)
    raise LocalStackError(f"No free ports were found from {RANGE.start} to {RANGE.stop - 1} on {HOST}; stop other programs.")


def configured_or_free(configured: int | None, setting: str, *, companion: int = 0) -> int:
    """Take the configured port, or a free one when none is; raises PortTaken, naming the setting, when it is in use."""
    if configured is None:
        return free_ports(1, companion=companion)[0]
    if not _all_free(configured, companion):
        raise PortTaken(configured, setting)
    return configured


def _all_free(port: int, companion: int) -> bool:
    return is_free(port) and (companion == 0 or is_free(port + companion))
