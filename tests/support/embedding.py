"""Embedders in every state, and files that are embedded by them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from services.nova.analyst import Material
from services.nova.embedding.handlers import Embedding
from services.nova.embedding.making import Maker
from services.nova.embedding.segmented import Segmented
from services.nova.embedding.switching import Switch
from services.nova.embedding.watching import Watcher
from services.nova.local.analyst import analyse
from services.nova.repository import save_analysis
from shared import stages
from shared.analyses import NOBODY
from shared.bedrock.staging import Staging
from shared.contracts import EmbeddingsRequested, FileEvent, NovaCompleted, Stage
from shared.database import Database
from shared.embedder import EmbedderSettings, Vector
from shared.embedders import Embedders
from shared.errors import Transient
from shared.identifiers import new_id
from shared.minilm import DIMENSIONS, MODEL
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.asking import PaidCalls
from shared.service import Platform
from tests.support.footage import SETTLED, add_footage, model


class Counting:
    """An embedder of lengths, which notes the queries that it is asked."""

    model = "counting"
    dimensions = 1

    def __init__(self, times: int = 1) -> None:
        self.asked: list[str] = []
        self._times = times

    async def embed(self, texts: Sequence[str]) -> Vector:
        """The lengths."""
        return np.array([[len(text) * self._times] for text in texts], dtype=np.float32)

    async def embed_query(self, text: str, *, requested_by: str = NOBODY) -> Vector:
        """The length."""
        self.asked.append(text)
        return np.array([len(text) * self._times], dtype=np.float32)


async def only_local(database: Database) -> None:
    """The local embedder serves, and there is no other."""
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM embedders WHERE model <> %s", (MODEL,))
        await connection.execute("UPDATE embedders SET state = 'serving'")


async def states(database: Database) -> dict[str, str]:
    """The state of every embedder."""
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT model, state FROM embedders")
        return dict(await cursor.fetchall())


def embedders_of(database: Database, *, bedrock: Mapping[str, object] | None = None, **settings: object) -> Embedders:
    """Embedders as settings have them, in a process of its own as far as the ledger goes."""
    told = EmbedderSettings.model_validate({"embedder": "nova", **settings})
    return Embedders(PaidCalls(database), told, BedrockSettings.model_validate(bedrock or {}))


class Local:
    """The local embedder, which notes what it is given, and who asks.

    `fails_first` has its first call end in a passing error.
    """

    model = MODEL
    dimensions = DIMENSIONS

    def __init__(self, *, fails_first: bool = False) -> None:
        self.texts: list[str] = []
        self.queries: dict[str, str] = {}
        self._fails = fails_first

    async def embed(self, texts: Sequence[str]) -> Vector:
        """As the local model does."""
        if self._fails:
            self._fails = False
            raise Transient("Not yet.")
        self.texts += texts
        return await model.embed(texts)

    async def embed_query(self, text: str, *, requested_by: str = NOBODY) -> Vector:
        """As the local model does."""
        self.queries[text] = requested_by
        return await model.embed_query(text)


def embedding_of(platform: Platform, known: Embedders, *, local: Local | None = None) -> Embedding:
    """The nova service's embedding with these embedders, one after the other looked after by `switch.step`."""
    if local is not None:
        vars(known)["local"] = local
    database, staged = platform.database, known.bedrock.staging_bucket
    segmented = Segmented(database, known, Staging(known.bedrock), poll=0.01) if staged else None
    watcher = Watcher(database, platform.blobs, known.settings, segmented)
    return Embedding(database, platform.effects, Maker(database, known, watcher), Switch(database, known))


async def moment_rows(database: Database, model: str = MODEL) -> list[tuple[str, str, int]]:
    """Field, text and vector dimensions of every moment that has a vector of the model."""
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT field, text, vector_dims(embedding) FROM moments JOIN embeddings ON moment_id = id "
            "WHERE model = %s ORDER BY id",
            (model,),
        )
        return await cursor.fetchall()


async def analysed(database: Database, *sentences: str, **options: Any) -> NovaCompleted:
    """A file that is analysed; answers with the event that says so."""
    settled = options.pop("settled", (*SETTLED, Stage.ANALYSE))
    async with database.transaction() as connection:
        film = await add_footage(connection, *sentences, settled=settled, **options)
        told = {"file_id": film.id, "kind": film.kind, "path": film.path, "segments": film.segments}
        found = analyse(Material.model_validate({**told, "camera": options.get("camera")}))
        analysis_id = await save_analysis(connection, film.transcribed, found)
    return NovaCompleted(
        file_id=film.id,
        revision=film.revision,
        kind=film.kind,
        analysis_id=analysis_id,
        model=found.model,
        analyst_version=found.version,
    )


async def wanted_again(database: Database, event: FileEvent) -> EmbeddingsRequested:
    """The event with which a job asks for the file's embeddings."""
    run = new_id()
    async with database.transaction() as connection:
        await stages.reopen(connection, Stage.EMBED, [event.file_id], run)
    return EmbeddingsRequested(file_id=event.file_id, revision=event.revision, kind=event.kind, run_id=run)


async def add_rendition(platform: Platform, event: FileEvent, name: str, path: Path, content_type: str) -> None:
    """A rendition of the file, in the object store."""
    key = f"proxy/{event.file_id}/{path.name}"
    await platform.blobs.put_file(path, key, content_type)
    async with platform.database.transaction() as connection:
        await connection.execute(RENDITION, (event.file_id, name, event.revision, key, content_type))


RENDITION = "INSERT INTO renditions (file_id, name, revision, key, content_type, bytes) VALUES (%s, %s, %s, %s, %s, 1)"
