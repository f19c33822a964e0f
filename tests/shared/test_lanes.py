"""Batches from their request to their end on the real bus: who waits overtakes who does not, and a restart loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import pytest
from nats.js import JetStreamContext

from services.ingest.batches import handlers as dispatch
from services.nova.analyst import Analysis, Course, Errand, Material
from services.nova.app import subscriptions
from services.nova.handlers import Resources
from services.nova.local.analyst import LocalAnalyst
from services.nova.settings import NovaSettings
from shared import batch_requests, topology
from shared.batch_requests import BatchRequest
from shared.contracts import BatchRequested, Priority, Stage
from shared.database import Database
from shared.effects import Effects
from shared.messaging import Subscription
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.asking import file_at, job_of, results_of
from tests.support.delivering import working
from tests.support.embedding import embedders_of, embedding_of
from tests.support.library import count
from tests.support.waiting import until, until_so

pytestmark = pytest.mark.connected


class Gated:
    """The local analyst; files of the folder /bulk wait for the gate."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.begun: list[str] = []
        self._analyst = LocalAnalyst()

    async def analyse(self, material: Material, errand: Errand, course: Course) -> Analysis:
        self.begun.append(material.path)
        if material.path.startswith("/bulk"):
            await self.gate.wait()
        return await self._analyst.analyse(material, errand, course)


@pytest.fixture
def analyst() -> Gated:
    return Gated()


@asynccontextmanager
async def services(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, analyst: Gated
) -> AsyncIterator[None]:
    """The parts of ingest and nova that batches go through, and a relay."""
    effects = Effects(platform.database, platform.relay, "nova")
    embedding = embedding_of(platform, embedders_of(platform.database, embedder="local"))
    nova = subscriptions(Resources(platform.database, effects, analyst), embedding, NovaSettings())
    batches = Subscription(
        topology.BATCH, {BatchRequested: partial(dispatch.on_batch_requested, platform=platform)}, on_buried=dispatch.on_buried
    )
    relay = asyncio.create_task(platform.relay.run(stream))
    try:
        async with working(settings, platform.database, stream, batches, *nova, grace=0.2):
            yield
    finally:
        relay.cancel()
        await asyncio.wait({relay})


async def ask(platform: Platform, **request: object) -> UUID:
    async with platform.effects.begin() as effect:
        wanted = BatchRequest.model_validate({**request, "force": True})
        return await batch_requests.begin(effect.connection, Stage.ANALYSE, wanted, source="test")


async def ended(database: Database, job_id: UUID) -> None:
    async def done() -> bool:
        return (await job_of(database, job_id)).state == "done"

    await until_so(done, within=30)


async def library(database: Database) -> UUID:
    """Eight files of which nobody is in a hurry, and one for which somebody waits."""
    async with database.transaction() as connection:
        for number in range(8):
            await file_at(connection, f"/bulk/{number}.mp4")
        return await file_at(connection, "/now.mp4")


async def test_a_request_for_one_file_overtakes_a_batch(
    platform: Platform, database: Database, settings: PlatformSettings, stream: JetStreamContext, analyst: Gated
) -> None:
    urgent = await library(database)
    async with services(platform, settings, stream, analyst):
        bulk = await ask(platform, filter={"folder": "/bulk"})
        await until(lambda: len(analyst.begun) == NovaSettings().analyse_workers)
        await ended(database, await ask(platform, file_ids=[urgent], priority=Priority.INTERACTIVE))
        assert (await job_of(database, bulk)).state == "running"
        analyst.gate.set()
        await ended(database, bulk)
    assert set((await results_of(database, bulk)).values()) == {("done", None)}
    assert await count(database, "outbox", "subject = 'batch.completed'") == 2


async def test_a_batch_goes_on_after_everything_was_restarted(
    platform: Platform, database: Database, settings: PlatformSettings, stream: JetStreamContext, analyst: Gated
) -> None:
    await library(database)
    async with services(platform, settings, stream, analyst):
        bulk = await ask(platform, filter={})
        await until(lambda: len(analyst.begun) > NovaSettings().analyse_workers - 1)
    analyst.gate.set()
    async with services(platform, settings, stream, analyst):
        await ended(database, bulk)

        async def all_found() -> bool:
            return await count(database, "file_stages", "state <> 'done'") == 0

        await until_so(all_found, within=30)
    assert len(await results_of(database, bulk)) == 9
    assert await count(database, "analyses") == 9
    assert await count(database, "dead_letters") == 0
