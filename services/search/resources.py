"""What the routes work with, built once per process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from nats.aio.client import Client

from services.search.job_looks import look_at
from services.search.live.hub import Hub
from services.search.looks import Looks
from services.search.nova.catalogue import Catalogues
from services.search.queries import QueryVectors
from services.search.settings import SearchSettings
from shared import bus
from shared.embedder import EmbedderSettings
from shared.embedders import Embedders
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.asking import PaidCalls
from shared.service import Platform
from shared.uploads import UploadSettings

LAST_ANSWERS = 5.0
"""Seconds at a stop for vectors of queries that are under way and paid for."""


@dataclass(frozen=True)
class Resources:
    """The gateway's hold on the platform."""

    platform: Platform
    settings: SearchSettings
    nats: Client
    vectors: QueryVectors
    looks: Looks = field(default_factory=Looks)
    uploads: UploadSettings = field(default_factory=UploadSettings)
    bedrock: BedrockSettings = field(default_factory=BedrockSettings)
    catalogues: Catalogues = field(default_factory=Catalogues)
    embedder: EmbedderSettings = field(default_factory=EmbedderSettings)

    @cached_property
    def streams(self) -> asyncio.Semaphore:
        """Taken for as long as an upload passes through the gateway, since each holds memory."""
        return asyncio.Semaphore(self.uploads.streams)

    @cached_property
    def hub(self) -> Hub:
        """Where all listeners of this process get the events from."""
        return Hub(self.nats.jetstream(), self.platform.database, self.how_far)

    async def how_far(self, job_id: UUID) -> dict[str, Any]:
        """How far a job is, looked up once for all who ask at the same time; raises NotFound."""
        told: dict[str, Any] = await self.looks.at(job_id, partial(look_at, job_id, self.platform.database))
        return told


@asynccontextmanager
async def opened(platform: Platform, settings: SearchSettings) -> AsyncIterator[Resources]:
    """Connected to Postgres and NATS, the relay at work."""
    paid = PaidCalls(platform.database)
    embedders = Embedders(paid, EmbedderSettings(), BedrockSettings())
    vectors = QueryVectors(embedders.find, remembered=settings.remembered_queries)
    async with platform.running():
        nats = await bus.connect(platform.settings.nats_url.get_secret_value(), name="spillway-search")
        try:
            yield Resources(platform, settings, nats, vectors)
        finally:
            await nats.close()
            with suppress(TimeoutError):  # the ledger takes the rest for lost
                async with asyncio.timeout(LAST_ANSWERS):
                    await paid.drained()


def resources_of(request: Request) -> Resources:
    """The resources of the application that answers the request."""
    resources: Resources = request.app.state.resources
    return resources


Provided = Annotated[Resources, Depends(resources_of)]
"""A route's parameter for the resources."""
