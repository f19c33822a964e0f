"""Clips that are cut, and films to cut them from."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.proxy.clips.cutter import Cutter
from services.proxy.handlers import Resources as Proxies
from services.proxy.handlers import on_renditions_wanted
from services.proxy.renderer import Renderer
from shared.blobs import Blobs
from shared.contracts import FileIngested
from shared.database import Database
from shared.errors import NotFound
from shared.media import Limits
from shared.service import Platform
from shared.working import Report
from tests.support.converting import InProcess
from tests.support.imported import imported
from tests.support.media import tiny_video
from tests.support.sharing import Link

LIMITS = Limits(seconds=50)


@dataclass
class Counted(Cutter):
    """Cuts, and counts how often; `held` until it is let go, if it is to be."""

    cuts: int = 0
    converted: int = 0
    began: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event | None = None

    def __post_init__(self) -> None:
        super().__init__(LIMITS)

    async def cut(self, proxy: Path, starts: float, ends: float, clip: Path, report: Report) -> Path:
        self.cuts += 1
        self.began.set()
        report(1.0, 4.0)
        if self.held:
            await self.held.wait()
        return await super().cut(proxy, starts, ends, clip, report)

    async def proxy_of(self, *options: Any) -> Path:
        self.converted += 1
        return await super().proxy_of(*options)


async def film(platform: Platform, folder: Path, *, seconds: float = 4.0, proxy: bool = True) -> FileIngested:
    """A video of the library, with its proxy unless it has none yet."""
    event = await imported(platform.database, tiny_video(folder / "Our garden.mp4", seconds=seconds), duration=seconds)
    if proxy:
        renderer = Renderer(InProcess(), limits=LIMITS, pixels=10**8)
        await on_renditions_wanted(event, Proxies(platform, renderer))
    return event


async def row(database: Database, statement: str, *values: Any) -> Any:
    async with database.connection() as connection:
        return await (await connection.execute(statement.encode(), values)).fetchone()


async def state_of(database: Database, link: Link) -> Any:
    statement = "SELECT jobs.state FROM clips JOIN jobs ON jobs.id = job_id WHERE key = %s"
    found = await row(database, statement, link.key)
    return found and found[0]


async def stored(blobs: Blobs, key: str) -> bool:
    try:
        return await blobs.size(key) > 0
    except NotFound:
        return False
