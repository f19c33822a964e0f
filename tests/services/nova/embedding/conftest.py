"""Embedders as they are at first, whatever a test has made of them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from nats.js import JetStreamContext

from shared import bus
from shared.database import Database
from shared.embedders import Embedders
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.bedrock.fake import FakeBedrock
from tests.support.embedding import embedders_of, only_local
from tests.support.serving import served


@pytest.fixture(autouse=True)
async def first_embedder(database: Database) -> AsyncIterator[None]:
    """The local embedder serves, before and after."""
    await only_local(database)
    yield
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
