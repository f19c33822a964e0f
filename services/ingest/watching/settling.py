"""When changes in a watched folder have come to rest, and what has to be looked at then. Knows neither clock nor disk.

Paths are told of when they change, and looked at some time later: a file whose size and time of modification stay the same,
and of which nothing is heard, for as long as the settle time has settled. Its folder is rescanned when nothing in it moves any
more; or without what moves, when that goes on for long.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.ingest.watching.places import above, common, is_within

MOST_PENDING = 50_000
"""Paths that are followed one by one; beyond, the whole folder waits until it is quiet."""
PATIENCE = 6
"""Settle times that settled files wait for others in their folder: a recording may grow for hours."""

Stamp = tuple[int, int] | None
"""Bytes and time of modification in nanoseconds; None for what is not there."""


@dataclass(slots=True)
class Pending:
    """A path that changed: what it looked like last, and since when it has been so."""

    since: float
    stamp: Stamp = None
    was_seen: bool = False
    settled_at: float | None = None


@dataclass(frozen=True)
class Rescan:
    """A folder to look at, but for the paths in it that are still changing."""

    folder: str
    excepted: tuple[str, ...] = ()


@dataclass
class Settling:
    """Changes under the folder `root`; times are in seconds of any clock that does not go back."""

    root: str
    settle: float
    _pending: dict[str, Pending] = field(default_factory=dict)
    _storm_since: float | None = None

    def heard(self, paths: Iterable[str], now: float) -> None:
        """Note that these paths were said to have changed."""
        for path in paths:
            if self._storm_since is None:
                self._pending[path] = Pending(now)
            else:
                self._storm_since = now
        if len(self._pending) > MOST_PENDING:
            self.stir(now)

    def stir(self, now: float) -> None:
        """Note that something changed, nobody knows what: everything is looked at when all has been quiet."""
        self._pending.clear()
        self._storm_since = now

    def to_look_at(self, now: float) -> list[str]:
        """Paths to look at now: those never seen, and those whose time is over."""
        return [
            path
            for path, pending in self._pending.items()
            if pending.settled_at is None and (not pending.was_seen or now - pending.since >= self.settle)
        ]

    def looked(self, stamps: Mapping[str, Stamp], now: float) -> None:
        """Note what those paths look like; those that still look as they did when they were first seen have settled."""
        for path, stamp in stamps.items():
            pending = self._pending.get(path)
            if pending is None:
                continue
            if not pending.was_seen:
                pending.stamp, pending.was_seen = stamp, True
            elif pending.stamp != stamp:
                pending.stamp, pending.since = stamp, now
            else:
                pending.settled_at = now

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits."""
        return not self._pending and self._storm_since is None

    def take(self, now: float, *, whole: bool = False) -> Rescan | None:
        """The rescan that is due, of the root if `whole`, else of the innermost folder around all that settled.

        It is one, so that what was moved from here to there is seen at both ends at once; what it covers is forgotten.
        """
        if self._storm_since is not None:
            if now - self._storm_since < self.settle:
                return None
            self._storm_since = None
            return Rescan(self.root)
        due = self._due(now, whole=whole)
        return self._taken(common(due)) if due else None

    def _due(self, now: float, *, whole: bool) -> list[str]:
        """Folders in which something has settled, and nothing moves or has been moving for too long."""
        folders: dict[str, float] = {}
        for path, pending in self._pending.items():
            if pending.settled_at is not None:
                folder = self.root if whole else self._folder(path)
                folders[folder] = min(folders.get(folder, now), pending.settled_at)
        moving = [path for path, pending in self._pending.items() if pending.settled_at is None]
        busy = {ancestor for path in moving for ancestor in above(path, self.root)}
        return [folder for folder, since in folders.items() if folder not in busy or now - since >= PATIENCE * self.settle]

    def _folder(self, path: str) -> str:
        """The innermost folder around a path that is not gone itself."""
        for folder in above(path, self.root):
            pending = self._pending.get(folder)
            if pending is None or not pending.was_seen or pending.stamp is not None:
                return folder
        return self.root

    def _taken(self, folder: str) -> Rescan:
        covered = [path for path in self._pending if is_within(path, folder)]
        moving = tuple(path for path in covered if self._pending[path].settled_at is None)
        for path in covered:
            if self._pending[path].settled_at is not None:
                del self._pending[path]
        return Rescan(folder, moving)
