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

from services.search.audit.purging import purging
from services.search.audit.recording import Recorder
from services.search.files.sheets import Sheets
from services.search.identity.known import Known
from services.search.identity.oidc.provider import Provider
from services.search.identity.oidc.settings import OidcSettings
from services.search.identity.passwords import Passwords
from services.search.jobs.job_looks import look_at
from services.search.jobs.looks import Looks
from services.search.live.hub import Hub
from services.search.moments.queries import QueryVectors
from services.search.nova.catalogue import Catalogues
from services.search.settings import SearchSettings
from services.search.shares.signing import Signer
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
    openid: OidcSettings = field(default_factory=OidcSettings)

    @cached_property
    def known(self) -> Known:
        """Who is behind keys and sessions."""
        return Known(self.platform.database, idle=self.settings.session_idle)

    @cached_property
    def passwords(self) -> Passwords:
        """Hashes passwords, a few at a time."""
        return Passwords()

    @cached_property
    def openid_provider(self) -> Provider | None:
        """Where people may sign in; None where none is set up."""
        return Provider(self.openid, self.openid.issuer) if self.openid.issuer else None

    @property
    def takes_passwords(self) -> bool:
        """Whether people may sign in by passwords: always, where there is no other way."""
        return self.settings.password_sign_in or self.openid.issuer is None

    @cached_property
    def recorder(self) -> Recorder:
        """Writes the audit log."""
        return Recorder(self.platform.database)

    @cached_property
    def signer(self) -> Signer:
        """Makes and checks the tokens of share links."""
        return Signer(self.platform.database)

    @cached_property
    def streams(self) -> asyncio.Semaphore:
        """Taken for as long as an upload passes through the gateway, since each holds memory."""
        return asyncio.Semaphore(self.uploads.streams)

    @cached_property
    def sheets(self) -> Sheets:
        """Where the pictures of moments are cut from."""
        return Sheets(self.platform.blobs)

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
    async with platform.running(), purging(platform.database, settings.audit_days):
        nats = await bus.connect(platform.settings.nats_url.get_secret_value(), name="spillway-search")
        resources = Resources(platform, settings, nats, vectors)
        try:
            yield resources
        finally:
            await nats.close()
            await resources.recorder.close()
            await resources.known.noted()
            with suppress(TimeoutError):  # the ledger takes the rest for lost
                async with asyncio.timeout(LAST_ANSWERS):
                    await paid.drained()


async def resources_of(request: Request) -> Resources:  # async since FastAPI asks a thread for what is not
    """The resources of the application that answers the request."""
    resources: Resources = request.app.state.resources
    return resources


Provided = Annotated[Resources, Depends(resources_of)]
"""A route's parameter for the resources."""
