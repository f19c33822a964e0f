"""Which embedders there are, and which of them are in use: one serves searches, and one may be building to take its place."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from psycopg.rows import class_row

from shared.bedrock.client import Bedrock
from shared.database import Connection
from shared.embedder import Embedder, EmbedderSettings
from shared.embedding_requests import stored_name
from shared.errors import Invalid
from shared.minilm import MODEL, MiniLM
from shared.models import catalogue
from shared.models.bedrock_settings import BedrockSettings
from shared.nova_embedder import KEY, NovaEmbedder
from shared.paying.asking import Asker

IN_USE = """
    SELECT model, dimensions, state, index_name, since FROM embedders
    WHERE state IN ('serving', 'building') ORDER BY state DESC
"""

LOCK = 7_205_759_408
"""Key of the advisory lock: while somebody stores vectors, nobody takes over. So what is stored is for whoever serves then."""


class EmbedderState(StrEnum):
    """What an embedder's vectors are for: they answer searches, or are to do so once they are complete, or are not needed."""

    SERVING = "serving"
    BUILDING = "building"
    RETIRED = "retired"


@dataclass(frozen=True)
class InUse:
    """A row of `embedders`; `state` is an `EmbedderState`."""

    model: str
    dimensions: int
    state: str
    index_name: str
    since: datetime


async def in_use(connection: Connection) -> list[InUse]:
    """The embedder that serves, and after it the one that is building, if any."""
    async with connection.cursor(row_factory=class_row(InUse)) as cursor:
        await cursor.execute(IN_USE)
        return await cursor.fetchall()


async def hold(connection: Connection) -> list[InUse]:
    """The same, and it stays so until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (LOCK,))
    return await in_use(connection)


async def take(connection: Connection) -> None:
    """Wait for whoever stores vectors, and keep others from it until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))


class Embedders:
    """Every embedder that this version has, each made once and loaded at first use."""

    def __init__(self, asker: Asker, settings: EmbedderSettings, bedrock: BedrockSettings) -> None:
        self.settings = settings
        self.bedrock = bedrock
        self._asker = asker
        self._novas: dict[int, NovaEmbedder] = {}

    @property
    def wanted(self) -> Embedder:
        """The one that the settings name; raises Invalid if there is none with these dimensions."""
        return self.local if self.settings.embedder == "local" else self.nova(self.settings.embedding_dimensions)

    def find(self, model: str) -> Embedder:
        """The one whose vectors are stored under this name; raises Invalid if this version lacks it."""
        if model == MODEL:
            return self.local
        dimensions = model.rpartition("-")[2]
        if dimensions.isdecimal() and model == stored_name(self._catalogue.find(KEY).model_id, int(dimensions)):
            return self.nova(int(dimensions))
        raise Invalid(
            f"There are vectors of {model}, which this version of Spillway cannot make; use the version that made them."
        )

    def nova(self, dimensions: int) -> NovaEmbedder:
        """Nova Multimodal Embeddings with vectors of this length; raises Invalid if it has none such."""
        if dimensions not in self._novas:
            self._novas[dimensions] = NovaEmbedder(
                self._catalogue.find(KEY),
                dimensions,
                settings=self.bedrock,
                asker=self._asker,
                bedrock=self.client,
                prices_as_of=self._catalogue.prices_as_of,
            )
        return self._novas[dimensions]

    @cached_property
    def local(self) -> MiniLM:
        """all-MiniLM-L6-v2 on this machine."""
        return MiniLM(threads=self.settings.embedder_threads)

    @cached_property
    def client(self) -> Bedrock:
        """Bedrock, by the settings."""
        return Bedrock(self.bedrock)

    @cached_property
    def _catalogue(self) -> catalogue.Catalogue:
        return catalogue.load(self.bedrock.model_catalogue)
