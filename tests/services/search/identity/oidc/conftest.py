"""A gateway beside a provider: the real one, and one that lies."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from nats.js import JetStreamContext

from shared import bus
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.oidc.hostile import Hostile, hostile_provider
from tests.support.oidc.running import RealProvider, real_provider
from tests.support.oidc.walking import a_browser
from tests.support.serving import served


@pytest.fixture(scope="session")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealProvider]:
    """The real provider; people of other tests may have accounts there."""
    async with real_provider(tmp_path_factory.mktemp("openid")) as provider:
        yield provider


@pytest.fixture
async def gateway(
    studio: RealProvider,
    platform: Platform,
    settings: PlatformSettings,
    stream: JetStreamContext,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that the real provider knows; nobody has come from there yet."""
    for name, value in studio.environment.items():
        monkeypatch.setenv(name, value)
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        await studio.knows(client.base_url)
        yield client


@pytest.fixture
async def browser(gateway: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser."""
    async with a_browser(gateway.base_url) as browser:
        yield browser


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hostile]:
    """A provider that lies, and the environment that leads to it."""
    with hostile_provider() as hostile:
        for name, value in hostile.environment.items():
            monkeypatch.setenv(name, value)
        yield hostile


@pytest.fixture
async def misled(
    hostile: Hostile, platform: Platform, settings: PlatformSettings, stream: JetStreamContext
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at a gateway that trusts the provider that lies."""
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client, a_browser(client.base_url) as browser:
        yield browser
