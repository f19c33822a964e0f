"""Tables and embedders as they are at first, whatever a test has made of them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from nats.js import JetStreamContext

from services.nova.embedding.handlers import Embedding
from shared import bus
from shared.database import Database
from shared.embedders import Embedders
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.bedrock.fake import FakeBedrock
from tests.support.embedding import Local, embedders_of, embedding_of, only_local
from tests.support.rebuilding import restore_tables
from tests.support.serving import served


@pytest.fixture(autouse=True)
async def tables(database: Database) -> AsyncIterator[None]:
    """The tables that searches read are there, before and after, and the local embedder serves."""
    await only_local(database)
    yield
    await restore_tables(database)
    await only_local(database)


@pytest.fixture
def nova(database: Database, bedrock: FakeBedrock) -> Embedders:
    """What a process knows whose settings name Nova Multimodal Embeddings."""
    return embedders_of(database)


@pytest.fixture
async def http(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, nova: Embedders
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that finds every embedder."""
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats, nova.find) as client:
        yield client


@pytest.fixture
def local() -> Local:
    """The local embedder, which notes what it is given."""
    return Local()


@pytest.fixture
def embedding(platform: Platform, database: Database, local: Local) -> Embedding:
    """The service, its settings naming the local embedder."""
    return embedding_of(platform, embedders_of(database, embedder="local"), local=local)
