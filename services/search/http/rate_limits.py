"""How often a client may ask: a bucket of tokens for each address and class of routes, which fills at a steady rate."""

import math
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

BURST = 2.0
"""Seconds of the rate that may be asked for at once: a page that opens asks for a screenful of files."""
MOST_CLIENTS = 10_000
"""Buckets that are kept, about 300 bytes each; the one that was not used for longest goes first, and it is full again."""
NEVER_LIMITED = frozenset({"/", "/livez", "/readyz", "/metrics", "/api/openapi.json"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
EXPENSIVE = re.compile(
    r"/api/(search(/.*)?|searches/[^/]+/answer|nova/(estimate-cost|export|stale|results/[^/]+/export)|events/(log|replay)(/.*)?"
    r"|audit/export)"
)
SIGN_IN = "/api/oidc/login"
"""Anybody may ask for it, and it leaves a row; passwords have waits of their own."""


class RouteClass(StrEnum):
    """What kinds of requests are counted apart."""

    READS = "reads"
    WRITES = "writes"
    EXPENSIVE = "expensive"
    SIGN_INS = "sign-ins"


@dataclass(frozen=True)
class Allowance:
    """Whether a request may pass, and how the bucket stands after it; `wait` is the seconds until there is a token."""

    passes: bool
    route_class: RouteClass
    rate: float
    left: int
    wait: float

    @property
    def headers(self) -> dict[str, str]:
        """How the client is told, as the draft of the IETF has it."""
        policy = f'"{self.route_class}";q={math.floor(self.rate * BURST)};w={BURST:.0f}'
        return {"RateLimit-Policy": policy, "RateLimit": f'"{self.route_class}";r={self.left};t={math.ceil(self.wait)}'}

    @property
    def sentence(self) -> str:
        """Why the request does not pass."""
        return (
            f"This address has asked too often: {self.rate:g} {self.route_class} a second may pass. "
            f"Wait {math.ceil(self.wait)} s, as Retry-After says, and ask again."
        )


def class_of(method: str, path: str) -> RouteClass | None:
    """The class of a request; None for what is never limited."""
    if path in NEVER_LIMITED:
        return None
    if path == SIGN_IN:
        return RouteClass.SIGN_INS
    if EXPENSIVE.fullmatch(path):
        return RouteClass.EXPENSIVE
    return RouteClass.READS if method in SAFE else RouteClass.WRITES


class RateLimits:
    """The buckets; `rates` are requests a second, 0 for as many as come."""

    def __init__(self, rates: Mapping[RouteClass, float], clock: Callable[[], float], *, most: int = MOST_CLIENTS) -> None:
        self._rates = rates
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[tuple[str, RouteClass], tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def ask(self, address: str, method: str, path: str) -> Allowance | None:
        """Take a token for a request; None if it is not limited."""
        route_class = class_of(method, path)
        rate = self._rates[route_class] if route_class else 0.0
        if not route_class or not rate:
            return None
        now, full = self._clock(), max(1.0, rate * BURST)
        tokens, since = self._buckets.pop((address, route_class), (full, now))
        tokens = min(full, tokens + (now - since) * rate)
        passes = tokens >= 1
        tokens -= passes
        self._buckets[address, route_class] = tokens, now
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return Allowance(passes, route_class, rate, math.floor(tokens), max(0.0, (1 - tokens) / rate))
