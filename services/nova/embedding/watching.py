"""Looks at a file's rendition, for embedders that can see: a picture as it is, a video in clips of half a minute at most."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from services.nova.chunking.cutting import cut, keyframes
from services.nova.chunking.plan import Chunk, planned
from services.nova.embedding import repository
from services.nova.embedding.repository import Sight, halfvec
from services.nova.embedding.segmented import Segmented
from services.nova.embedding.vectors import PICTURE
from services.nova.moments import Moment
from shared.blobs import Blobs
from shared.contracts import FileEvent, Kind
from shared.database import Database
from shared.embedder import EmbedderSettings
from shared.embedding_requests import LONGEST_CLIP, LONGEST_VIDEO
from shared.gathering import gathered
from shared.nova_embedder import NovaEmbedder, Paid
from shared.working import Report
from shared.workspace import workspace

WINDOW = LONGEST_CLIP - 1.0
"""Seconds of a clip: a copied one may be some frames longer than what was asked for."""


@dataclass(frozen=True)
class Seen:
    """Vectors of pictures as pgvector reads them, and the keys of what was staged."""

    pictures: Mapping[Moment, str]
    staged: Sequence[str] = ()


@dataclass(frozen=True)
class Watcher:
    """What is needed to look; `segmented` looks at long videos in one request, where there is a staging bucket for them."""

    database: Database
    blobs: Blobs
    settings: EmbedderSettings
    segmented: Segmented | None

    async def seen(self, embedder: NovaEmbedder, event: FileEvent, report: Report) -> Seen:
        """What is to be seen in the file, unless the settings say not to look; what was seen before is not looked at again."""
        async with self.database.connection() as connection:
            known = await repository.vectors_of_pictures(connection, event, embedder.model)
        return Seen(known) if known else await self.looked(embedder, event, report)

    async def looked(self, embedder: NovaEmbedder, event: FileEvent, report: Report) -> Seen:
        """The same whatever was seen before."""
        async with self.database.connection() as connection:
            sight = await repository.load_sight(connection, event)
        if sight and sight.kind == Kind.IMAGE and self.settings.embed_images:
            return await self._picture(embedder, event, sight)
        if sight and sight.kind == Kind.VIDEO and sight.duration and self.settings.embed_video:
            with workspace() as folder:
                return await self._video(embedder, event, sight, folder, report)
        return Seen({})

    async def _picture(self, embedder: NovaEmbedder, event: FileEvent, sight: Sight) -> Seen:
        image = await self.blobs.get(sight.key)
        paid = await embedder.embed_image(image, sight.content_type.partition("/")[2], file_id=event.file_id)
        return Seen({Moment(PICTURE, ""): halfvec(paid.vector)})

    async def _video(self, embedder: NovaEmbedder, event: FileEvent, sight: Sight, folder: Path, report: Report) -> Seen:
        proxy = folder / "proxy.mp4"
        await self.blobs.get_file(sight.key, proxy)
        if self.segmented and LONGEST_CLIP < (sight.duration or 0.0) <= LONGEST_VIDEO:
            silent = await cut(proxy, None, folder)
            found = await self.segmented.watched(embedder, event.file_id, silent, sight.duration or 0.0)
            pictures = {Moment(PICTURE, "", start, end): halfvec(vector) for start, end, vector in found.segments}
            return Seen(pictures, found.staged)
        chunks = planned(sight.duration, sight.cuts, await asyncio.to_thread(keyframes, proxy), window=WINDOW, overlap=0.0)
        clips = Clips(embedder, event.file_id, proxy, folder, chunks, report)
        paid = await gathered([partial(clips.seen, chunk) for chunk in chunks], embedder.settings.concurrency)
        moments = [Moment(PICTURE, "", chunk.start, chunk.end) for chunk in chunks]
        pictures = {moment: halfvec(one.vector) for moment, one in zip(moments, paid, strict=True)}
        return Seen(pictures)


class Clips:
    """The clips of one video."""

    def __init__(
        self, embedder: NovaEmbedder, file_id: UUID, proxy: Path, folder: Path, chunks: Sequence[Chunk], report: Report
    ) -> None:
        self._embedder = embedder
        self._file_id = file_id
        self._proxy = proxy
        self._folder = folder
        self._total = chunks[-1].end
        self._report = report
        self._done = 0.0

    async def seen(self, chunk: Chunk) -> Paid:
        """What is to be seen in one clip."""
        clip = await cut(self._proxy, chunk, self._folder)
        paid = await self._embedder.embed_clip(await asyncio.to_thread(clip.read_bytes), chunk.length, file_id=self._file_id)
        clip.unlink()
        self._done += chunk.length
        self._report(self._done, self._total)
        return paid
