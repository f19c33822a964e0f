"""What a model is given to look at: brought when it is asked for, inline where it fits, else through the staging bucket."""

import asyncio
import hashlib
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from services.nova.analyst import Material, Rendition
from services.nova.chunking.cutting import cut, keyframes
from services.nova.chunking.plan import Chunk
from services.nova.requests import Medium, MediumKind, fits_inline
from shared.bedrock.staging import Staging
from shared.blobs import Blobs
from shared.errors import Permanent, SpillwayError
from shared.workspace import workspace

log = structlog.get_logger()


class Picture:
    """An image's rendition."""

    def __init__(self, material: Material, blobs: Blobs) -> None:
        self._blobs = blobs
        self.rendition = rendition_of(material, "image")

    async def medium(self) -> Medium:
        """The picture's bytes."""
        return Medium(MediumKind.IMAGE, await self._blobs.get(self.rendition.key), "jpeg")


class Footage:
    """A video's proxy, fetched once and cut as it is asked for; what was staged is removed at the end of the block."""

    def __init__(self, material: Material, blobs: Blobs, staging: Staging) -> None:
        self._blobs = blobs
        self._staging = staging
        self._rendition = rendition_of(material, "proxy")
        self._staged: list[str] = []
        self._workspace = workspace()
        self._fetching = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._folder = self._workspace.__enter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workspace.__exit__(kind, error, trace)
        for key in self._staged:
            try:
                await self._staging.delete(key)
            except SpillwayError as fault:  # it costs cents a month, and the next run writes it again under the same key
                log.warning("a staged clip could not be removed", key=key, reason=str(fault))

    @cached_property
    def _path(self) -> Path:
        return self._folder / "proxy.mp4"

    async def _proxy(self) -> Path:
        async with self._fetching:
            if not self._path.exists():
                await self._blobs.get_file(self._rendition.key, self._path)
        return self._path

    async def keyframes(self) -> tuple[float, ...]:
        """Seconds at which the proxy can be cut without encoding it again."""
        return await asyncio.to_thread(keyframes, await self._proxy())

    async def medium(self, chunk: Chunk | None, text_characters: int) -> Medium:
        """A chunk's pictures, or those of the whole; sound is left out, as models do not hear it."""
        clip = await cut(await self._proxy(), chunk, self._folder)
        size = clip.stat().st_size
        if fits_inline(size, text_characters):
            return Medium(MediumKind.VIDEO, await asyncio.to_thread(clip.read_bytes), "mp4")
        key = f"nova/staging/{await asyncio.to_thread(_digest, clip)}.mp4"
        self._staged.append(key)
        return Medium(MediumKind.VIDEO, await self._staging.put(clip, key, "video/mp4"), "mp4")


def rendition_of(material: Material, name: str) -> Rendition:
    """The rendition to look at; raises Permanent if there is none."""
    rendition = material.renditions.get(name)
    if rendition is None:
        raise Permanent(
            f"There is no proxy of this {material.kind} to look at. Have it made (./spillway batch proxy --force), then ask."
        )
    return rendition


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
