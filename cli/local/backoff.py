"""How long to wait before a process that ended is started again."""

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
FORGIVEN_AFTER = 60.0
"""Seconds of uninterrupted running after which earlier failures say nothing of the next."""


def failures_after(failures: int, ran_for: float) -> int:
    """Count the failures in a row, given those before this end and the seconds that the process ran."""
    return 1 if ran_for >= FORGIVEN_AFTER else failures + 1


def restart_delay(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4, 8, 16, then 30."""
    doublings = min(max(failures, 1) - 1, 10)
    return min(FIRST_DELAY * 2.0**doublings, LONGEST_DELAY)
