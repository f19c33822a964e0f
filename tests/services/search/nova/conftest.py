"""A gateway whose analyst is a model, and files of every kind."""

from uuid import UUID

import pytest

from shared.contracts import Kind
from shared.database import Database
from tests.support.asking import file_at


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
