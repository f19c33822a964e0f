"""One watched folder: notices go in, rescans come out once things have settled; whatever happens to the folder meanwhile."""

import asyncio
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

import structlog

from services.ingest.scans.walk import is_passed_over
from services.ingest.watching import glances
from services.ingest.watching import repository as watches
from services.ingest.watching.glances import Away, Identity
from services.ingest.watching.notices import Notices
from services.ingest.watching.repository import Watch
from services.ingest.watching.settling import Rescan, Settling
from shared import jobs
from shared.analyses import NOBODY
from shared.effects import Effects
from shared.errors import Unavailable
from shared.paths import shown

RETRY = 5.0
"""Seconds between two looks for a folder that is away."""
SLOWEST_TURN = 1.0
"""Seconds without a notice after which what is pending is looked at, and whether the folder is still there."""

EMPTY = (
    "The folder is empty although files from it are in the library, as if its disk were not connected; nothing is marked as "
    "missing. If that is how it should be, rescan it."
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Watched:
    """Follows a folder until it is cancelled; `effects` are how it asks for rescans and says how it is."""

    watch: Watch
    effects: Effects
    retry: float = RETRY

    @property
    def root(self) -> str:
        """The folder's path."""
        return os.fsdecode(self.watch.path_raw)

    async def run(self) -> None:
        """Watch while the folder is there, wait while it is not; an outage of the database is waited out."""
        while True:
            try:
                await self._say_away(await self._follow_until_away())
            except Unavailable as outage:
                log.warning("watching waits", path=self.root, reason=str(outage))
            await asyncio.sleep(self.retry)

    async def _follow_until_away(self) -> str:
        """Why the folder cannot be watched any more."""
        try:
            await self._follow()
        except Away as away:
            return str(away)
        except (FileNotFoundError, UnicodeError):
            return glances.AWAY.format(shown(self.watch.path_raw))

    async def _follow(self) -> NoReturn:
        here = await asyncio.to_thread(glances.identity, self.root)
        await self._refuse_empty()
        settle = self.watch.settle_seconds
        notices = await asyncio.to_thread(
            Notices, self.root, poll=self.watch.poll, settle=settle, recursive=self.watch.recursive
        )
        async with notices:
            async with self.effects.database.connection() as connection:
                await watches.note(connection, self.watch, notices.way, notices.reason)
            log.info("watching", path=self.root, way=notices.way)
            settling = Settling(self.root, settle)
            settling.heard([self.root], _now())  # what changed while nobody watched
            while True:
                await self._turn(settling, notices, here)

    async def _turn(self, settling: Settling, notices: Notices, here: Identity) -> None:
        told = await notices.changed(min(self.watch.settle_seconds / 4, SLOWEST_TURN))
        if await notices.run(partial(glances.identity, self.root)) != here:
            raise Away(glances.AWAY.format(shown(self.watch.path_raw)))  # another disk under the same name: begin anew
        if told is None:
            settling.stir(_now())
        else:
            settling.heard(filter(self._is_ours, told), _now())
        if settling.is_idle:
            return
        stamps = await notices.run(partial(glances.stamps, settling.to_look_at(_now())))
        settling.looked(stamps, _now())
        await self._ask(settling, notices)

    def _is_ours(self, path: str) -> bool:
        inside = Path(os.path.relpath(path, self.root))
        return not any(map(is_passed_over, inside.parts))

    async def _ask(self, settling: Settling, notices: Notices) -> None:
        """Have what has settled taken in, unless the service is still at what was asked for last."""
        async with self.effects.database.connection() as connection:
            if await watches.is_busy(connection, self.watch):
                return
            has_root = await watches.has_root(connection, shown(self.watch.path_raw), os.sep)
        # The first files have to come in by the watched folder itself: the folders between it and them say what they are.
        rescan = settling.take(_now(), whole=not (has_root and self.watch.recursive))
        if rescan:
            await self._request(rescan, Path(await notices.run(partial(glances.existing, rescan.folder, self.root))))

    async def _request(self, rescan: Rescan, folder: Path) -> None:
        async with self.effects.begin() as effect:
            job_id = await jobs.request_rescan(
                effect.connection,
                folder,
                source=effect.service,
                recursive=self.watch.recursive,
                apply=True,
                unsettled=map(Path, rescan.excepted),
                settle=self.watch.settle_seconds,
                asked_by=self.watch.asked_by or NOBODY,
            )
            await watches.note_asked(effect.connection, self.watch, job_id)
        log.info("changes settled", path=str(folder), job_id=str(job_id), still_moving=len(rescan.excepted))

    async def _refuse_empty(self) -> None:
        if await asyncio.to_thread(glances.is_empty, self.root):
            async with self.effects.database.connection() as connection:
                if await watches.has_files(connection, shown(self.watch.path_raw), os.sep):
                    raise Away(EMPTY)

    async def _say_away(self, reason: str) -> None:
        async with self.effects.database.connection() as connection:
            if await watches.note(connection, self.watch, "away", reason):
                log.info("watched folder away", path=self.root, reason=reason)


def _now() -> float:
    return asyncio.get_running_loop().time()
