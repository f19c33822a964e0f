"""The gateway, served over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest
from nats.js import JetStreamContext

from shared import bus
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.serving import served


@pytest.fixture
async def http(platform: Platform, settings: PlatformSettings, stream: JetStreamContext) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running gateway; library and stream are empty."""
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield client


@pytest.fixture
async def paid(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running gateway with SPILLWAY_ANALYST=bedrock; library, ledger and stream are empty."""
    monkeypatch.setenv("SPILLWAY_ANALYST", "bedrock")
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield client
