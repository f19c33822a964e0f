"""Ends the programs that a service leaves behind when it is killed: ffmpeg, for one, outlives its parent and its broken pipes.

The service holds one watcher process by a pipe and tells it which groups it starts. When the pipe breaks, for whatever reason,
the watcher ends those groups and itself. Works the same on every system, and needs nothing between fork and exec.
"""

import atexit
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.platform import kill_group, start_group

ROOT = Path(__file__).resolve().parents[1]


class Reaper:
    """The watcher of this process, started when first needed and again should it die."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watcher: subprocess.Popen[bytes] | None = None
        self._groups: set[int] = set()

    @contextmanager
    def watching(self, group: int) -> Iterator[None]:
        """While the block runs, the group does not outlive this process."""
        self._tell(group, lives=True)
        try:
            yield
        finally:
            self._tell(group, lives=False)

    def _tell(self, group: int, *, lives: bool) -> None:
        with self._lock:
            (self._groups.add if lives else self._groups.discard)(group)
            try:
                self._write(f"{group if lives else -group}\n")
            except OSError:  # the watcher is gone; its successor is told of every group
                self._watcher = None
                self._write("".join(f"{living}\n" for living in self._groups))

    def _write(self, text: str) -> None:
        if self._watcher is None:
            command = [sys.executable, "-m", "shared.reaper"]
            self._watcher = start_group(command, cwd=ROOT, stdin=subprocess.PIPE, bufsize=0)
            atexit.register(_dismiss, self._watcher)
        assert self._watcher.stdin is not None
        self._watcher.stdin.write(text.encode())


def _dismiss(watcher: "subprocess.Popen[bytes]") -> None:
    assert watcher.stdin is not None
    watcher.stdin.close()
    watcher.wait()


def survivors(lines: Iterable[bytes]) -> set[int]:
    """The groups that still lived when the last line came: each line is a group's id, negative once it has ended."""
    groups: set[int] = set()
    for line in lines:
        group = int(line)
        (groups.add if group > 0 else groups.discard)(abs(group))
    return groups


def main() -> None:
    """Wait until the service is gone, then end what it left behind."""
    with suppress(KeyboardInterrupt):
        for group in survivors(sys.stdin.buffer):
            kill_group(group)


if __name__ == "__main__":
    main()
