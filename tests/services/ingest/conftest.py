"""The ingest service's handlers with real inspectors."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.ingest.handlers import Resources
from services.ingest.inspection.pool import Pool
from services.ingest.settings import IngestSettings
from shared.service import Platform
from tests.support.imports import Library
from tests.support.media import tiny_photo

COLOURS = ("red", "green", "blue", "gold")


@pytest.fixture(scope="session")
async def pool() -> AsyncIterator[Pool]:
    async with Pool(IngestSettings().limits, processes=2, patience=30.0) as pool:
        yield pool


@pytest.fixture
def library(platform: Platform, pool: Pool) -> Library:
    return Library(Resources(platform, pool))


@pytest.fixture
async def shoot(library: Library, tmp_path: Path) -> Path:
    """Four photos in two folders, imported and worked on."""
    folder = tmp_path / "shoot"
    for at, colour in enumerate(COLOURS):
        place = folder / ("day 1" if at < 2 else "day 2")
        place.mkdir(parents=True, exist_ok=True)
        tiny_photo(place / f"{colour}.jpg", colour=colour)
    await library.ingest(folder)
    await library.settle_stages()
    return folder
