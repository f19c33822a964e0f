"""One measurement in a process of its own, so that no side inherits another's garbage, caches or tracer."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.local.settings import PROJECT_ROOT


@dataclass(frozen=True)
class Task:
    """What a process is asked to measure."""

    section: str
    side: str
    round: int
    messages: int
    workers: int


class MeasurementFailed(Exception):
    """A side's process ended without figures."""


def measure_apart(task: Task, environment: Mapping[str, str], log: Path) -> dict[str, float]:
    """Run the task in a new process, its log appended to `log`; raises MeasurementFailed with the log's end."""
    with log.open("ab") as stderr:
        process = subprocess.run(
            [sys.executable, "-m", "tests.bench.side"],
            input=json.dumps(asdict(task)).encode(),
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=PROJECT_ROOT,
            env={**os.environ, **environment},
            check=False,
        )
    if process.returncode:
        end = log.read_text(errors="replace")[-2000:]
        raise MeasurementFailed(f"{task.side} could not be measured; the end of its log:\n{end}")
    figures: dict[str, float] = json.loads(process.stdout)
    return figures
