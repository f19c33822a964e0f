"""Log files of servers and services: appended to, put aside when they grow too long, quoted when something fails."""

import contextlib
from pathlib import Path
from typing import BinaryIO

LONGEST_LOG = 10_000_000
"""Bytes above which a log is put aside when its writer starts."""


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending; one that has grown too long is first renamed to `<name>.1`, replacing an older one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LONGEST_LOG:
        # Windows refuses while an earlier writer lingers; the next start tries again.
        with contextlib.suppress(PermissionError):
            path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab", buffering=0)


def size(path: Path) -> int:
    """Bytes in a log now, zero when there is none."""
    return path.stat().st_size if path.exists() else 0


def tail(path: Path, since: int = 0, lines: int = 8) -> str:
    """Last lines of what was written after the first `since` bytes."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(since)
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
