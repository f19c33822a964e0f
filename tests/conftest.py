"""Fixtures of the connected tests; nothing is imported from here."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from nats.js import JetStreamContext

from cli.local import ports
from shared import bus as bus_module
from shared.blobs import Blobs
from shared.database import Database
from shared.migrate import migrate
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support import cleaning
from tests.support.bedrock.fixtures import bedrock  # noqa: F401 - a fixture, which pytest finds here
from tests.support.stack import containers, embedded, platform_settings


def pytest_configure() -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the transcription service sets it, and for its reason
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # none takes a port that another's server is about to listen on
        number, workers = int(worker.removeprefix("gw")), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        share = len(ports.RANGE) // workers
        ports.RANGE = ports.RANGE[number * share : (number + 1) * share]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stack", choices=("embedded", "containers"), default="embedded", help="the servers of connected tests")
    parser.addoption("--chaos-rounds", type=int, help="so many seeded rounds instead of each scenario once")
    parser.addoption("--chaos-seed", type=int, default=1, help="seed of the first round")
    parser.addoption("--fuzz-rounds", type=int, default=6, help="so many mutants of each container go through the stages")
    parser.addoption("--fuzz-seed", type=int, default=1, help="seed of the first mutant")
    parser.addoption(
        "--schema-examples", type=int, default=4, help="so many requests are made up for each operation of the API"
    )
    parser.addoption("--update-test-data", action="store_true", help="write golden files anew instead of comparing")


@pytest.fixture(scope="session")
def update_test_data(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-test-data"))


@pytest.fixture(scope="session")
def stack_environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    if request.config.getoption("--stack") == "containers":
        with containers() as environment:
            yield environment
    else:
        with embedded(tmp_path_factory.mktemp("stack")) as environment:
            yield environment


@pytest.fixture(scope="session")
async def settings(stack_environment: dict[str, str]) -> PlatformSettings:
    """A migrated platform: tables, stream, consumers and bucket are there."""
    settings = platform_settings(stack_environment)
    await migrate(settings)
    return settings


@pytest.fixture(scope="session")
async def shared_database(settings: PlatformSettings) -> AsyncIterator[Database]:
    database = Database(settings.database_url.get_secret_value(), connections=8)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def database(shared_database: Database) -> Database:
    """Postgres, empty of rows."""
    await cleaning.empty_database(shared_database)
    return shared_database


@pytest.fixture(scope="session")
async def shared_stream(settings: PlatformSettings) -> AsyncIterator[JetStreamContext]:
    client = await bus_module.connect(settings.nats_url.get_secret_value(), name="tests")
    yield client.jetstream()
    await client.close()


@pytest.fixture
async def stream(shared_stream: JetStreamContext) -> JetStreamContext:
    """JetStream, with the stream and its consumers declared and empty."""
    await cleaning.fresh_stream(shared_stream)
    return shared_stream


@pytest.fixture(scope="session")
def blobs(settings: PlatformSettings) -> Blobs:
    """The bucket; keys of other tests may be in it."""
    return Blobs(settings)


@pytest.fixture
async def platform(settings: PlatformSettings, database: Database) -> AsyncIterator[Platform]:
    """A service's hold on the platform, its pool open, with neither relay nor sweeper running."""
    platform = Platform.build("test", settings)
    await platform.database.open()
    yield platform
    await platform.database.close()


@pytest.fixture(scope="session")
def samples() -> Path:
    """The media that ships with the demo."""
    return Path(__file__).parent.parent / "cli" / "demo" / "samples"
