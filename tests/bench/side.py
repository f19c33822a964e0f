"""The process of one measurement: a task on stdin, its figures on stdout, the log of the side on stderr."""

import json
import sys

from shared.observability import configure
from shared.platform import run_async
from tests.bench import consume, latency, relay
from tests.bench.task import Task

SECTIONS = {"consume": consume.measure, "latency": latency.measure, "relay": relay.measure}


def main() -> None:
    """Measure what stdin asks for."""
    task = Task(**json.load(sys.stdin))
    configure("bench", level="WARNING", style="console")  # the line per message is a choice of the log level
    json.dump(run_async(SECTIONS[task.section](task)), sys.stdout)


if __name__ == "__main__":
    main()
