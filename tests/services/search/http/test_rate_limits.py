"""How often a client may ask."""

import pytest

from services.search.http.rate_limits import NEVER_LIMITED, RateLimits, RouteClass, class_of

RATES = {RouteClass.READS: 5.0, RouteClass.WRITES: 1.0, RouteClass.EXPENSIVE: 0.25}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def passed(limits: RateLimits, times: int, address: str = "a", method: str = "GET", path: str = "/api/files") -> int:
    allowances = [limits.ask(address, method, path) for _ in range(times)]
    return sum(allowance is None or allowance.passes for allowance in allowances)


@pytest.mark.parametrize(
    ("method", "path", "route_class"),
    [
        ("GET", "/api/files", RouteClass.READS),
        ("HEAD", "/api/nothing", RouteClass.READS),
        ("POST", "/api/watches", RouteClass.WRITES),
        ("DELETE", "/api/watches/1", RouteClass.WRITES),
        ("GET", "/api/search", RouteClass.EXPENSIVE),
        ("GET", "/api/search/like", RouteClass.EXPENSIVE),
        ("GET", "/api/searches", RouteClass.READS),
        ("GET", "/api/searches/1/answer", RouteClass.EXPENSIVE),
        ("POST", "/api/nova/estimate-cost", RouteClass.EXPENSIVE),
        ("GET", "/api/nova/results/1/export", RouteClass.EXPENSIVE),
        ("GET", "/api/nova/results/1", RouteClass.READS),
        ("GET", "/api/audit/export", RouteClass.EXPENSIVE),
        ("GET", "/api/oidc/login", RouteClass.SIGN_INS),
        ("GET", "/readyz", None),
    ],
)
def test_what_is_counted_as_what(method: str, path: str, route_class: RouteClass | None) -> None:
    assert class_of(method, path) is route_class


def test_two_seconds_worth_pass_at_once_and_then_the_rate() -> None:
    clock = Clock()
    limits = RateLimits(RATES, clock)
    assert passed(limits, 30) == 10
    clock.now += 1.0
    assert passed(limits, 30) == 5
    clock.now += 3600
    assert passed(limits, 30) == 10


def test_addresses_and_classes_are_counted_apart() -> None:
    limits = RateLimits(RATES, Clock())
    assert passed(limits, 30) == 10
    assert passed(limits, 30, "b") == 10
    assert passed(limits, 30, method="POST") == 2
    assert passed(limits, 30, path="/api/search") == 1


def test_health_is_never_refused_and_0_is_no_limit() -> None:
    limits = RateLimits(dict.fromkeys(RouteClass, 0.001), Clock())
    for path in NEVER_LIMITED:
        assert passed(limits, 50, path=path) == 50
    assert passed(RateLimits(dict.fromkeys(RouteClass, 0.0), Clock()), 50) == 50


def test_who_is_refused_is_told_when_to_come_back() -> None:
    clock = Clock()
    limits = RateLimits(RATES, clock)
    passed(limits, 30, method="POST")
    refused = limits.ask("a", "POST", "/api/files")
    assert refused
    assert not refused.passes
    assert refused.headers == {"RateLimit-Policy": '"writes";q=2;w=2', "RateLimit": '"writes";r=0;t=1'}
    assert "1 writes a second" in refused.sentence
    clock.now += refused.wait
    assert passed(limits, 1, method="POST") == 1


def test_memory_is_bounded() -> None:
    limits = RateLimits(RATES, Clock(), most=50)
    for number in range(1000):
        limits.ask(str(number), "GET", "/api/files")
        limits.ask("faithful", "GET", "/api/files")
    assert len(limits) == 50
    assert passed(limits, 1, "faithful") == 0
