"""Prometheus metrics of the gateway."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "spillway_http_seconds",
    "From a request's head to the end of its answer.",
    ("method", "route", "status"),
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
LISTENERS = Gauge("spillway_event_listeners", "Clients that follow the events.")
LISTENERS_DROPPED = Counter("spillway_event_listeners_dropped", "Clients that were sent away, since they did not read.")
