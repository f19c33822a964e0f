"""What the routes work with, built once per process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from nats.aio.client import Client

from services.search.looks import Looks
from services.search.queries import QueryVectors
from services.search.settings import SearchSettings
from shared import bus
from shared.embedder import EmbedderSettings, choose_embedder
from shared.service import Platform
from shared.uploads import UploadSettings


@dataclass(frozen=True)
class Resources:
    """The gateway's hold on the platform."""

    platform: Platform
    settings: SearchSettings
    nats: Client
    vectors: QueryVectors
    looks: Looks = field(default_factory=Looks)
    uploads: UploadSettings = field(default_factory=UploadSettings)

    @cached_property
    def streams(self) -> asyncio.Semaphore:
        """Taken for as long as an upload passes through the gateway, since each holds memory."""
        return asyncio.Semaphore(self.uploads.streams)


@asynccontextmanager
async def opened(platform: Platform, settings: SearchSettings) -> AsyncIterator[Resources]:
    """Connected to Postgres and NATS, the relay at work."""
    vectors = QueryVectors(choose_embedder(EmbedderSettings()), remembered=settings.remembered_queries)
    async with platform.running():
        nats = await bus.connect(platform.settings.nats_url.get_secret_value(), name="spillway-search")
        try:
            yield Resources(platform, settings, nats, vectors)
        finally:
            await nats.close()


def resources_of(request: Request) -> Resources:
    """The resources of the application that answers the request."""
    resources: Resources = request.app.state.resources
    return resources


Provided = Annotated[Resources, Depends(resources_of)]
"""A route's parameter for the resources."""
