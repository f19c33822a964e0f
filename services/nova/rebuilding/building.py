"""Fills a file into the shadow tables: its moments and facts from its record, its vectors from wherever they are known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from psycopg import sql
from psycopg.rows import class_row
from pydantic import ValidationError

from services.nova import repository
from services.nova.embedding import repository as embedding_repository
from services.nova.embedding.making import fresh
from services.nova.embedding.vectors import Made, Vectors
from services.nova.embedding.watching import Watcher
from services.nova.moments import Moment, moments
from services.nova.rebuilding import ledger_answers, shadow
from services.nova.rebuilding.plans import Source, Subject, is_wanted, source_of
from services.nova.rebuilding.shadow import Filled
from services.nova.rebuilding.shape import LIVE, SHADOW
from shared.contracts import FileEvent
from shared.database import Connection, Database
from shared.embedder import Embedder
from shared.embedders import Embedders, EmbedderState, InUse
from shared.errors import Permanent
from shared.minilm import MODEL
from shared.nova_embedder import NovaEmbedder

log = structlog.get_logger()

SUBJECT = """
    SELECT files.revision, files.kind, state, prior->>'state' AS prior
    FROM files LEFT JOIN file_stages ON file_stages.file_id = files.id AND stage = 'embed' WHERE files.id = %(file_id)s
"""

TAKE_MOMENTS = """
    INSERT INTO {shadow}.moments (id, file_id, revision, field, start_s, end_s, text) OVERRIDING SYSTEM VALUE
    SELECT id, file_id, revision, field, start_s, end_s, text FROM {live}.moments WHERE file_id = %(file_id)s
"""

TAKE_VECTORS = """
    INSERT INTO {shadow}.embeddings (moment_id, model, embedding)
    SELECT moment_id, model, embedding FROM {live}.embeddings JOIN {shadow}.moments ON moments.id = moment_id
    WHERE file_id = %(file_id)s AND model = ANY(%(models)s)
"""

EMBEDDED = """
    SELECT FROM {live}.moments JOIN {live}.embeddings ON moment_id = id
    WHERE file_id = %(file_id)s AND model = %(model)s LIMIT 1
"""

# What was found out last; a revision that is not analysed yet is filtered by what was said of the one before.
FACTS = """
    INSERT INTO file_facts (file_id, field, normalized, value)
    SELECT %(file_id)s, found.field, found.normalized, found.value
    FROM (SELECT result FROM analyses JOIN files ON files.id = analyses.file_id
          WHERE files.id = %(file_id)s AND analyses.revision <= files.revision
          ORDER BY analyses.revision DESC, analyses.created_at DESC LIMIT 1) AS latest
    CROSS JOIN LATERAL analysis_facts(latest.result) AS found
"""


@dataclass(frozen=True)
class Known:
    """A model's vectors of a file that are known: those that were in tables, and together with what the ledger keeps."""

    copied: Vectors
    vectors: Vectors


@dataclass(frozen=True)
class Builder:
    """What is needed to fill files in.

    `whole` says whether the old tables have vectors to take over; `kept` are embedders that answer from the ledger alone, and
    `watcher` looks with those; `paying` are embedders that make what is lacking, in the name of `asked_by`.
    """

    database: Database
    in_use: Sequence[InUse]
    whole: bool
    kept: Embedders
    watcher: Watcher
    paying: Embedders
    asked_by: str

    async def fill(self, file_id: UUID, *, make: bool) -> None:
        """Fill a file in; `make` says whether vectors are made that nobody knows, else they are only counted."""
        async with self.database.connection() as connection:
            subject = await _subject(connection, file_id)
        if subject is None:
            async with shadow.writing(self.database) as connection:
                await shadow.forget(connection, file_id)
            return
        event = FileEvent.model_validate({"file_id": file_id, "revision": subject.revision, "kind": subject.kind})
        if source_of(subject) is Source.ROWS:
            await self._take_over(event)
            return
        try:
            async with self.database.connection() as connection:
                material = await repository.read_material(connection, event)
                analysis = await repository.load_analysis(connection, event)
        except ValidationError as error:  # written by another version; one file is not to keep all others from being found
            log.warning("a file's record cannot be read; its rows stay as they are", file_id=str(file_id), reason=str(error))
            await self._take_over(event)
            return
        await self._store(event, subject, moments(material, analysis), make=make)

    async def _store(self, event: FileEvent, subject: Subject, told: Sequence[Moment], *, make: bool) -> None:
        texts = list(dict.fromkeys(moment.text for moment in told))
        models, filled = {}, Filled()
        for row in self.in_use:
            serves = row.state == EmbedderState.SERVING
            known = await self._known(row, event, texts)
            vectors, lacking = known.vectors, [text for text in texts if text not in known.vectors.texts]
            wanted = lacking if is_wanted(subject, serves=serves, is_free=row.model == MODEL) else []
            if make and wanted:
                made = await fresh(self._paying(row.model), event, vectors, wanted)
                vectors = replace(vectors, texts=made.texts)
                wanted = []
            filled = _more(filled, told, known, made=vectors, lacking=wanted)
            models[row.model] = vectors
        async with shadow.writing(self.database) as connection:
            await embedding_repository.store(connection, event, Made(told, models), list(models))
            await self._store_facts(connection, event)
            await shadow.note_built(connection, event.file_id, filled, tried=make)

    async def _known(self, row: InUse, event: FileEvent, texts: Sequence[str]) -> Known:
        if row.state != EmbedderState.SERVING and self.whole and not await self._was_embedded(row.model, event):
            return Known(Vectors(), Vectors())  # its turn comes with the job that lets the embedder follow
        embedder = self.kept.find(row.model)
        copied = Vectors()
        if self.whole:
            async with self.database.connection() as connection:
                copied = await _copied(connection, embedder, event, copied, texts)
        if _is_left(copied, embedder, texts):
            async with shadow.writing(self.database) as connection:
                copied = await _copied(connection, embedder, event, copied, texts)
        if isinstance(embedder, NovaEmbedder) and _is_left(copied, embedder, texts):
            return Known(copied, await self._of_ledger(embedder, event, copied, texts))
        return Known(copied, copied)

    async def _was_embedded(self, model: str, event: FileEvent) -> bool:
        async with self.database.connection() as connection:
            cursor = await connection.execute(_between(EMBEDDED), {"file_id": event.file_id, "model": model})
            return cursor.rowcount > 0

    async def _of_ledger(self, embedder: NovaEmbedder, event: FileEvent, vectors: Vectors, texts: Sequence[str]) -> Vectors:
        left = [text for text in texts if text not in vectors.texts]
        async with self.database.connection() as connection:
            texts_kept = await ledger_answers.vectors_of_texts(connection, embedder, left) if left else {}
            worth = not vectors.pictures and await ledger_answers.knows_of(connection, event.file_id)
        vectors = replace(vectors, texts={**vectors.texts, **texts_kept})
        if not worth:
            return vectors
        try:
            seen = await self.watcher.looked(embedder, event, lambda done, total: None)
        except Permanent as error:  # what was never looked at is not looked at now, and what cannot be looked at is left out
            log.info("no vectors of pictures are taken over", file_id=str(event.file_id), reason=str(error))
            return vectors
        return replace(vectors, pictures=seen.pictures)

    def _paying(self, model: str) -> Embedder:
        embedder = self.paying.find(model)
        return embedder.on_behalf_of(self.asked_by) if isinstance(embedder, NovaEmbedder) else embedder

    async def _take_over(self, event: FileEvent) -> None:
        """A file that has no record, or none that can be read, keeps the rows that it has."""
        values = {"file_id": event.file_id, "models": [row.model for row in self.in_use]}
        async with shadow.writing(self.database) as connection:
            await connection.execute(embedding_repository.FORGET, values)
            copied = 0
            if self.whole:
                await connection.execute(_between(TAKE_MOMENTS), values)
                copied = (await connection.execute(_between(TAKE_VECTORS), values)).rowcount
            await self._store_facts(connection, event)
            await shadow.note_built(connection, event.file_id, Filled(copied=copied), tried=True)

    async def _store_facts(self, connection: Connection, event: FileEvent) -> None:
        await connection.execute(repository.FORGET_FACTS, {"file_id": event.file_id})
        await connection.execute(FACTS, {"file_id": event.file_id})


def _is_left(copied: Vectors, embedder: Embedder, texts: Sequence[str]) -> bool:
    """Whether there may be more than what was found."""
    return any(text not in copied.texts for text in texts) or (isinstance(embedder, NovaEmbedder) and not copied.pictures)


async def _copied(
    connection: Connection, embedder: Embedder, event: FileEvent, found: Vectors, texts: Sequence[str]
) -> Vectors:
    """What was found, with what there is in whichever tables the connection's search path leads to."""
    left = [text for text in texts if text not in found.texts]
    more = await embedding_repository.vectors_of_texts(connection, event.file_id, embedder.model, left) if left else {}
    pictures = found.pictures
    if not pictures and isinstance(embedder, NovaEmbedder):
        pictures = await embedding_repository.vectors_of_pictures(connection, event, embedder.model)
    return Vectors({**found.texts, **more}, pictures)


def _more(filled: Filled, told: Sequence[Moment], known: Known, *, made: Vectors, lacking: Sequence[str]) -> Filled:
    copied, kept, all_of = (_rows(told, vectors) for vectors in (known.copied, known.vectors, made))
    return Filled(
        copied=filled.copied + copied,
        kept=filled.kept + kept - copied,
        made=filled.made + all_of - kept,
        lacking=filled.lacking + sum(moment.text in lacking for moment in told),
        characters=filled.characters + sum(map(len, lacking)),
    )


def _rows(told: Sequence[Moment], vectors: Vectors) -> int:
    """How many rows these vectors become."""
    return sum(moment.text in vectors.texts for moment in told) + len(vectors.pictures)


async def _subject(connection: Connection, file_id: UUID) -> Subject | None:
    async with connection.cursor(row_factory=class_row(Subject)) as cursor:
        await cursor.execute(SUBJECT, {"file_id": file_id})
        return await cursor.fetchone()


def _between(statement: str) -> sql.Composed:
    return sql.SQL(statement).format(shadow=sql.Identifier(SHADOW), live=sql.Identifier(LIVE))
