"""Notices of changes in a folder: from the operating system where it gives them, else by comparing again and again."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

import structlog
from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from services.ingest.watching.places import is_networked

Way = Literal["events", "polling"]
Poll = Literal["auto", "events", "polling"]
T = TypeVar("T")

MOUNTS = Path("/proc/mounts")
STEP, DEBOUNCE = 50, 250
"""Milliseconds: changes this close together are told together, and the first of them this late."""
FASTEST, SLOWEST = 0.1, 30.0
"""Seconds between two looks at everything, where changes are found by polling."""
OVERFLOW = 4096
"""Changes in one notice from which on some may have been lost: the system keeps 16,384 in its queue and drops the rest."""

ON_A_NETWORK = "It is on a network drive or a shared folder, which does not tell of changes that others make."
NO_ROOM = (
    "The system cannot tell of changes in so many folders ({}), so they are looked at again and again; "
    "on Linux, raise fs.inotify.max_user_watches and max_user_instances."
)

log = structlog.get_logger()


class Notices:
    """Changes in one folder that is there; `way` is how they are noticed, and `reason` why in no better way."""

    def __init__(
        self,
        root: str,
        *,
        poll: Poll,
        settle: float,
        recursive: bool,
        open_events: Callable[[str, bool], RustNotify] | None = None,
    ) -> None:
        self._root = root
        self._settle = settle
        self._recursive = recursive
        self._open_events = open_events or _open_events
        self._stop = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="watch")
        self.reason: str | None = None
        if poll == "auto" and is_networked(root, _mounts()):
            poll, self.reason = "polling", ON_A_NETWORK
        self.way: Way = "polling" if poll == "polling" else "events"
        self._notify = self._opened()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.submit(self._notify.close)
        self._thread.shutdown(wait=False)

    async def changed(self, within: float) -> frozenset[str] | None:
        """Paths that changed, none if nothing did for so many seconds; None if something did, but not what."""
        return await self.run(lambda: self._changed(within))

    async def run(self, work: Callable[[], T]) -> T:
        """Do something that may wait for the disk in this folder's own thread; when cancelled, not before it is done."""
        running: Future[T] = self._thread.submit(work)
        try:
            return await asyncio.shield(asyncio.wrap_future(running))
        except asyncio.CancelledError:
            self._stop.set()
            raise

    def _changed(self, within: float) -> frozenset[str] | None:
        try:
            told = self._notify.watch(DEBOUNCE, STEP, max(int(within * 1000), 1), self._stop)
        except WatchfilesRustInternalError as error:  # of a name that is no UTF-8, it says so for ever after
            log.info("watching anew", path=self._root, reason=str(error))
            self._notify.close()
            self._notify = self._opened()
            return None
        if isinstance(told, str):
            return frozenset()
        return None if len(told) >= OVERFLOW else frozenset(path for _, path in told)

    def _opened(self) -> RustNotify:
        if self.way == "events":
            try:
                return self._open_events(self._root, self._recursive)
            except FileNotFoundError:
                raise
            except (OSError, WatchfilesRustInternalError) as error:
                self.way, self.reason = "polling", NO_ROOM.format(error)
                log.warning("watching by polling", path=self._root, reason=self.reason)
        delay = min(max(self._settle / 2, FASTEST), SLOWEST)
        return RustNotify([self._root], False, True, int(delay * 1000), self._recursive, True)


def _open_events(root: str, recursive: bool) -> RustNotify:
    return RustNotify([root], False, False, 0, recursive, True)


def _mounts() -> str:
    try:
        return MOUNTS.read_text(errors="surrogateescape")
    except OSError:
        return ""
