"""Counts what is refused, so that a flood of it fills neither the log nor the disk: values in, rows out."""

import ipaddress
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

MOST_ROWS = 200
"""Rows of refused requests in a minute; what comes from further addresses is counted together."""
FEW = 10
"""Refused requests of nobody that are kept one by one, of each address in a minute: so many attempts to sign in are told."""
MOST_KEPT = 200
"""The same of all addresses together."""


@dataclass(frozen=True)
class Refusal:
    """Refused requests that are told as one: of a person those to one route, of nobody all that come from an address."""

    minute: datetime
    actor: str
    person_id: str | None
    means: str
    means_id: str | None
    method: str
    route: str
    status: int
    address: str | None

    @property
    def counted_as(self) -> str:
        """What tells them from others."""
        if self.person_id is None:
            return f"{self.minute.isoformat()} {self.address}"
        parts = (self.minute.isoformat(), self.person_id, self.means_id, self.method, self.route, self.status)
        return " ".join(map(str, parts))


class Refusals:
    """What was refused and is not written down yet, and what this minute has seen."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._rows: set[str] = set()
        self._kept: Counter[str | None] = Counter()
        self._waiting: dict[str, tuple[Refusal, int]] = {}

    def count(self, refusal: Refusal) -> None:
        """Have one more written down."""
        self._begin(refusal.minute)
        name = refusal.counted_as
        if name not in self._rows and len(self._rows) >= MOST_ROWS:
            refusal = replace(refusal, actor="several", person_id=None, means="nothing", means_id=None, address=None)
            name = refusal.counted_as
        self._rows.add(name)
        first, times = self._waiting.get(name, (refusal, 0))
        self._waiting[name] = (first, times + 1)

    def keeps(self, address: str | None, minute: datetime) -> bool:
        """Whether another refused request of nobody at this address is kept as an entry of its own."""
        self._begin(minute)
        if self._kept[address] >= FEW or self._kept.total() >= MOST_KEPT:
            return False
        self._kept[address] += 1
        return True

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def take(self) -> list[tuple[Refusal, int]]:
        """What waits, which is to be written down now."""
        waiting, self._waiting = self._waiting, {}
        return list(waiting.values())

    def _begin(self, minute: datetime) -> None:
        if minute != self._minute:
            self._minute = minute
            self._rows.clear()
            self._kept.clear()


def neighbourhood(address: str | None) -> str | None:
    """An address as refusals are counted by: of IPv6 the network of 64 bits, all of which one machine can have."""
    if address is None:
        return None
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
