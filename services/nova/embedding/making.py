"""Makes the vectors of a file's moments, by each embedder in use. What some moment has already is not made, and paid, again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.nova.embedding import repository
from services.nova.embedding.repository import halfvec
from services.nova.embedding.vectors import Made, Vectors
from services.nova.embedding.watching import Watcher
from services.nova.moments import Moment
from shared import embedders
from shared.askers import asker_of
from shared.contracts import FileEvent
from shared.database import Database
from shared.embedder import Embedder
from shared.embedders import Embedders
from shared.errors import Permanent
from shared.nova_embedder import NovaEmbedder
from shared.working import Report


@dataclass(frozen=True)
class Maker:
    """Knows the embedders, and who looks at pictures for those that can see."""

    database: Database
    embedders: Embedders
    watcher: Watcher

    async def made(self, event: FileEvent, moments: Sequence[Moment], report: Report) -> Made:
        """The moments with the vectors of every embedder in use. What one refuses for good is noted, and the rest is there."""
        async with self.database.connection() as connection:
            in_use = await embedders.in_use(connection)
        return Made(moments, {row.model: await self._by(row.model, event, moments, report) for row in in_use})

    async def tidy(self, made: Made) -> None:
        """Remove what was only needed to make the vectors, which are stored now."""
        if self.watcher.segmented:
            await self.watcher.segmented.tidy(made.staged)

    async def _by(self, model: str, event: FileEvent, moments: Sequence[Moment], report: Report) -> Vectors:
        texts = list(dict.fromkeys(moment.text for moment in moments))
        async with self.database.connection() as connection:
            known = await repository.vectors_of_texts(connection, event.file_id, model, texts)
            asker = await asker_of(connection, event)
        vectors = Vectors(texts=known)
        try:
            embedder = self.embedders.find(model)
            if isinstance(embedder, NovaEmbedder):
                embedder = embedder.on_behalf_of(asker)
            vectors = await fresh(embedder, event, vectors, [text for text in texts if text not in known])
            return await self._with_pictures(embedder, event, vectors, report)
        except Permanent as error:
            return replace(vectors, refused=str(error))

    async def _with_pictures(self, embedder: Embedder, event: FileEvent, vectors: Vectors, report: Report) -> Vectors:
        if not isinstance(embedder, NovaEmbedder):
            return vectors
        seen = await self.watcher.seen(embedder, event, report)
        return replace(vectors, pictures=seen.pictures, staged=seen.staged)


async def fresh(embedder: Embedder, event: FileEvent, vectors: Vectors, texts: Sequence[str]) -> Vectors:
    """The same with those of further texts."""
    if isinstance(embedder, NovaEmbedder):
        paid = await embedder.embed_texts(texts, file_id=event.file_id)
        made = {text: halfvec(one.vector) for text, one in zip(texts, paid, strict=True)}
        return Vectors({**vectors.texts, **made})
    rows = await embedder.embed(texts)
    return Vectors({**vectors.texts, **{text: halfvec(row) for text, row in zip(texts, rows, strict=True)}})
