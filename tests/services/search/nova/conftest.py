"""A gateway whose analyst is a model, and files of every kind."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from nats.js import JetStreamContext

from shared import bus
from shared.contracts import Kind
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.asking import file_at
from tests.support.serving import served


@pytest.fixture
async def paid(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running gateway with SPILLWAY_ANALYST=bedrock; library, ledger and stream are empty."""
    monkeypatch.setenv("SPILLWAY_ANALYST", "bedrock")
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield client


@pytest.fixture
async def library(database: Database) -> dict[str, UUID]:
    """A file of each kind, one of which is still on its first way through."""
    async with database.transaction() as connection:
        return {
            "film": await file_at(connection, "/a/film.mp4", duration=600.0),
            "clip": await file_at(connection, "/a/clip.mp4", duration=10.0),
            "photo": await file_at(connection, "/b/photo.jpg", Kind.IMAGE),
            "song": await file_at(connection, "/b/song.mp3", Kind.AUDIO, duration=60.0),
            "new": await file_at(connection, "/b/new.mp4", duration=5.0, transcribe="pending", analyse="pending"),
        }
