"""Every Prometheus metric of the platform."""

from prometheus_client import Counter, Gauge, Histogram

DELIVERIES = Counter(
    "spillway_deliveries_total", "Messages handled, by consumer, subject and outcome.", ("consumer", "subject", "outcome")
)
HANDLING = Histogram(
    "spillway_handling_seconds",
    "From delivery to acknowledgement.",
    ("consumer",),
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800),
)
IN_PROGRESS = Gauge("spillway_in_progress", "Messages being handled.", ("consumer",))
DEAD_LETTERS = Counter("spillway_dead_letters_total", "Messages given up.", ("consumer", "error"))
OUTBOX_PUBLISHED = Counter("spillway_outbox_published_total", "Events moved from the outbox to the stream.")
SWEPT = Counter("spillway_swept_total", "Events published again because their effect was missing.", ("consumer",))
