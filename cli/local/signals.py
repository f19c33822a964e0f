"""Ctrl-C and SIGTERM: the first ends the program in order, the second at once."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from shared.platform import STOP_SIGNALS

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it; SIGTERM is an ordinary end, 0."""


@contextmanager
def stop_on_signals(kill_all: Callable[[], None]) -> Iterator[None]:
    """Turn the first stop signal into SystemExit (130 for Ctrl-C, else 0), so that `with` blocks unwind in order.

    A second one during that calls `kill_all`, after which the unwinding has nothing left to wait for. `kill_all` runs in
    a signal handler and so must take no lock. Main thread only.
    """
    stopping = threading.Event()

    def on_signal(number: int, _: FrameType | None) -> None:
        if stopping.is_set():
            kill_all()
            return
        stopping.set()
        raise SystemExit(INTERRUPTED if number == signal.SIGINT else 0)

    previous = {number: signal.signal(number, on_signal) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def wait_for_signal() -> NoReturn:
    """Do nothing until a stop signal ends the program; inside `stop_on_signals`."""
    while True:
        time.sleep(1.0)  # not for ever: Windows delivers Ctrl-C between two sleeps only
