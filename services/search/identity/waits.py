"""How long who failed to sign in has to wait before he may try again."""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

FORGOTTEN = timedelta(days=1)
"""After which failures count no more."""


class Kind(StrEnum):
    """By what failures are counted."""

    PAIR = "pair"
    """A name from an address."""
    ADDRESS = "address"
    """Any name from an address: one who tries a password on everybody."""
    NAME = "name"
    """A name from anywhere: many who try passwords on one."""


@dataclass(frozen=True)
class Patience:
    """So many failures are free; the wait after the next is a second, and twice as long after each, up to the longest."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """The wait after so many failures."""
        over = failures - self.free
        return min(timedelta(seconds=2 ** min(over - 1, 30)), self.longest) if over > 0 else timedelta()


PATIENCE: Mapping[Kind, Patience] = {
    Kind.PAIR: Patience(5, timedelta(minutes=15)),
    Kind.ADDRESS: Patience(30, timedelta(minutes=1)),
    Kind.NAME: Patience(20, timedelta(seconds=30)),
}
"""An address may be that of a proxy or of a whole office, and a name may be tried by others than its owner: these waits are
short, so that nobody can keep the owner out."""


def counted(name: str, address: str) -> dict[Kind, bytes]:
    """What failures of a name from an address are counted under, in the order in which rows are to be locked."""
    place = network(address)
    return {
        kind: digest(*parts) for kind, parts in ((Kind.ADDRESS, (place,)), (Kind.NAME, (name,)), (Kind.PAIR, (name, place)))
    }


def network(address: str) -> str:
    """The address, or for IPv6 the network that one customer has: it is given 2⁶⁴ addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def digest(*parts: str) -> bytes:
    """What is kept of a name or an address."""
    return hashlib.sha256("\x1f".join(parts).encode()).digest()
