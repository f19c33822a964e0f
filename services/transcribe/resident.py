"""One model in memory at a time: whoever needs another waits until nobody uses the one that is there."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K")
M = TypeVar("M")

LOOK_EVERY = 0.2
"""Seconds between two looks whether who waits is still wanted."""


class Stopped(Exception):
    """The work is no longer wanted."""


class Resident(Generic[K, M]):
    """Holds what was loaded last. Any number of threads may use it at a time; those that wait come in their order.

    A model is meant to be used for one window of a file at a time, so that nobody waits for a whole one.
    """

    def __init__(self, load: Callable[[K], M], unload: Callable[[M], None]) -> None:
        self._load = load
        self._unload = unload
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._users = 0
        self._key: K | None = None
        self._model: M | None = None

    @contextmanager
    def using(self, key: K, stop: threading.Event) -> Iterator[M]:
        """The model for the length of the block, loaded if need be; raises Stopped, or as loading does."""
        self._enter(key, stop)
        try:
            yield self._ready(key)
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def _enter(self, key: K, stop: threading.Event) -> None:
        """Wait until it is our turn, and the model is the right one or nobody uses it; another one is unloaded."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or (self._users and self._key != key):
                    if stop.is_set():
                        raise Stopped
                    self._changed.wait(LOOK_EVERY)
                if self._key != key:
                    self._forget()
                self._users += 1
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _forget(self) -> None:
        model, self._model, self._key = self._model, None, None
        if model is not None:
            self._unload(model)

    def _ready(self, key: K) -> M:
        """The model, loaded outside the lock: no other thread can be a user until it is there."""
        if self._key == key and self._model is not None:
            return self._model
        model = self._load(key)
        with self._changed:
            self._key, self._model = key, model
            self._changed.notify_all()
        return model
