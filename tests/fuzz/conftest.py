"""The stages that mutants go through."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.ingest.inspection.pool import Pool
from services.ingest.settings import IngestSettings
from services.proxy.image_worker import ImageWorkshop
from services.proxy.renderer import Renderer
from services.proxy.settings import ProxySettings
from tests.fuzz.making import Whole
from tests.fuzz.specimens import CONTAINERS, specimens
from tests.fuzz.stages import SIDE_BY_SIDE, Stages

PATIENCE = 30.0
SETTINGS = ProxySettings(workers=SIDE_BY_SIDE, time_limit=60.0, image_time_limit=30.0)


@pytest.fixture(scope="session")
async def pool() -> AsyncIterator[Pool]:
    async with Pool(IngestSettings().limits, processes=SIDE_BY_SIDE, patience=PATIENCE) as pool:
        yield pool


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    workshop = ImageWorkshop(SETTINGS)
    yield Renderer(workshop, limits=SETTINGS.media_limits, pixels=SETTINGS.image_pixels)
    workshop.close()


@pytest.fixture(scope="session")
def stages(pool: Pool, renderer: Renderer) -> Stages:
    return Stages(pool, renderer)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The whole files of every container."""
    folder = tmp_path_factory.mktemp("whole")
    return {container: specimens(container, folder) for container in CONTAINERS}


@pytest.fixture(scope="session")
def seeds(request: pytest.FixtureRequest) -> range:
    first = request.config.getoption("--fuzz-seed")
    return range(first, first + request.config.getoption("--fuzz-rounds"))
