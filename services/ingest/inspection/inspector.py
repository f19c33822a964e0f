"""A process that inspects files, seen from its parent; a file that crashes or stalls it costs only itself.

The readers are C code that meets whatever is on people's disks. So they run in a process that may die: its parent knows which
file it was at, sets that one aside, and goes on with the rest in a new process.
"""

import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import structlog

from services.ingest.inspection.inspecting import serve
from services.ingest.limits import Limits
from services.ingest.outcome import Candidate, Outcome, Rejected
from shared.contracts import StageState
from shared.paths import shown

LINGER = 0.25
"""Seconds after which outcomes are handed over although other files of the same portion are still being read."""
TRIES = 2
"""Crashes until a file is to blame: the first may be the system's doing, when memory runs out."""

CRASHED = "Reading this file crashed the media reader each time; it is damaged. Copy it again, or convert it elsewhere."
STALLED = "Reading this file made no progress for {:.0f} s; it is damaged, or the disk it is on does not answer."

SPAWN = multiprocessing.get_context("spawn")
"""Forking a process with threads and connections would copy their locks in whatever state they are."""

log = structlog.get_logger()


class Inspector:
    """Give it files, then collect until it is no longer busy. Only `abandon` may be called while another thread collects.

    `patience`: seconds without a sign of life after which a file is given up.
    """

    def __init__(self, limits: Limits, patience: float) -> None:
        self._limits = limits
        self._patience = patience
        self._given: deque[Candidate] = deque()
        self._sent = False
        self._crashes = 0
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._abandoned = False

    @property
    def busy(self) -> bool:
        """Whether there are files without an outcome."""
        return bool(self._given)

    @property
    def pid(self) -> int | None:
        """The process that reads files now."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Have a process ready; without this it starts with the first files."""
        with self._lock:
            if self._connection is None and not self._abandoned:
                self._connection, theirs = SPAWN.Pipe()
                self._process = SPAWN.Process(target=serve, args=(theirs, self._limits), name="inspector", daemon=True)
                self._process.start()
                theirs.close()
                self._sent = False

    def give(self, candidates: Sequence[Candidate]) -> None:
        """Files to inspect, in this order; only when it is not busy."""
        assert not self.busy
        self._given.extend(candidates)
        self._sent = False

    def collect(self) -> list[Outcome]:
        """Wait for outcomes: at least one, and those that follow within LINGER; an abandoned inspector has none."""
        outcomes: list[Outcome] = []
        deadline = time.monotonic() + LINGER
        while self._given and not self._abandoned:
            self.start()
            outcome = self._await_outcome(until=deadline if outcomes else None)
            if outcome is not None:
                outcomes.append(outcome)
                self._given.popleft()
                self._crashes = 0
            elif outcomes:
                break
        return outcomes

    def abandon(self) -> None:
        """End the process, whatever it is doing, for good; a thread that collects then returns and clears up."""
        with self._lock:
            self._abandoned = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """End the process for good, when no thread collects."""
        self.abandon()
        self._end()

    def _await_outcome(self, until: float | None) -> Outcome | None:
        """The outcome of the file at hand; None if there is none by `until`, or the process was lost and it is tried again."""
        connection = self._connection
        if connection is None:
            return None
        with suppress(EOFError, OSError):  # the process is gone
            if not self._sent:
                connection.send(list(self._given))
                self._sent = True
            while connection.poll(self._patience if until is None else max(0.0, until - time.monotonic())):
                message: Outcome | None = connection.recv()
                if message is not None:
                    return message
            return None if until is not None else self._lost(STALLED.format(self._patience), tries=1)
        return self._lost(CRASHED, tries=TRIES)

    def _lost(self, reason: str, *, tries: int) -> Outcome | None:
        self._end()
        if self._abandoned:
            return None
        path_raw = self._given[0].path_raw
        self._crashes += 1
        to_blame = self._crashes >= tries
        log.warning("inspector lost", path=shown(path_raw), losses=self._crashes, file_given_up=to_blame)
        return Rejected(path_raw, StageState.FAILED, reason) if to_blame else None

    def _end(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.join()
                self._process.close()
                self._process = None
            if self._connection is not None:
                self._connection.close()
                self._connection = None
