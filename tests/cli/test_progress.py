"""Live progress in the terminal."""

from typing import Any

import pytest

from cli.progress import duration, follow, line_of, plain, table_of
from tests.support.terminal import Terminal

JOB: dict[str, Any] = {
    "finished": False,
    "stages": {
        "ingest": {"pending": 0, "done": 9, "skipped": 1, "failed": 0, "rate": 4.0, "eta_seconds": 0},
        "proxy": {"pending": 6, "done": 2, "skipped": 0, "failed": 1, "rate": 0.5, "eta_seconds": 75},
    },
}


def test_a_line_counts_every_stage_and_names_failures() -> None:
    assert line_of(JOB) == "read 10/10, proxies 3/9 (1 failed), transcripts 0/0, analyses 0/0, searchable 0/0"


def test_the_table_has_rate_time_left_and_what_went_wrong() -> None:
    console = Terminal()
    console.print(table_of(JOB))
    proxies = next(line for line in console.text.splitlines() if "proxies" in line)
    assert "3/9" in proxies
    assert "1 failed" in proxies
    assert "0.5/s  1 min 15 s left" in proxies


def test_follow_returns_the_finished_job_and_prints_its_end() -> None:
    console = Terminal()
    states = iter([JOB, {**JOB, "finished": True}])
    assert follow(lambda: next(states), console)["finished"]
    assert console.text.count("proxies 3/9") == 1


def test_where_there_is_no_terminal_the_same_line_is_not_repeated() -> None:
    console = Terminal()
    show = plain(console, line_of)
    for _ in range(3):
        show({**JOB, "finished": True})
    assert len(console.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (75, "1 min 15 s"), (3599.6, "1 h 00 min"), (7260, "2 h 01 min")]
)
def test_durations_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
