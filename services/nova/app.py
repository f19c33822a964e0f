"""The nova service: analyses files and makes their moments findable."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from faststream.asgi import AsgiFastStream

from services.nova.analysts import Analysts
from services.nova.bedrock.app import analyst_of
from services.nova.embedding.app import embedding_of
from services.nova.embedding.handlers import Embedding, on_moments_wanted
from services.nova.handlers import Resources, on_analysis_given_up, on_analysis_wanted
from services.nova.local.analyst import LocalAnalyst
from services.nova.rebuilding.app import means_of
from services.nova.rebuilding.handlers import on_buried, on_rebuild_requested
from services.nova.settings import NovaSettings
from shared.analyses import LOCAL
from shared.bedrock.client import Bedrock
from shared.contracts import EmbeddingsRequested, NovaRequested, RebuildRequested
from shared.messaging import Handler, Subscription
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.asking import Asker, PaidCalls
from shared.service import Platform, worker
from shared.topology import ANALYSE, ANALYSE_EXPRESS, EMBED, EMBED_EXPRESS, REBUILD

LAST_ANSWERS = 20.0
"""Seconds for answers that are under way when the service stops; what comes later counts as lost, at its highest price."""


def build(platform: Platform) -> AsgiFastStream:
    """The service, with what it reacts to."""
    settings, asker = NovaSettings(), PaidCalls(platform.database)
    resources = resources_of(platform, settings, BedrockSettings(), asker)
    embedding = embedding_of(platform, asker)
    rebuild = partial(on_rebuild_requested, means=means_of(platform, settings, asker), effects=platform.effects)
    reactions = (*subscriptions(resources, embedding, settings), rebuilds(rebuild))
    return worker(platform, reactions, [embedding.switch, written_down(asker)])


def resources_of(platform: Platform, settings: NovaSettings, bedrock: BedrockSettings, asker: Asker) -> Resources:
    """What analyses are made with: either analyst answers a request that names its model."""
    return Resources(
        database=platform.database,
        effects=platform.effects,
        analyst=Analysts(LocalAnalyst(), analyst_of(platform, bedrock, Bedrock(bedrock), asker)),
        usual_model=LOCAL if settings.analyst == "local" else bedrock.default_model,
    )


def subscriptions(resources: Resources, embedding: Embedding, settings: NovaSettings) -> tuple[Subscription, ...]:
    """The reaction map of the service."""
    analyse = partial(on_analysis_wanted, resources=resources)
    embed = partial(on_moments_wanted, embedding=embedding)
    return (
        Subscription(
            ANALYSE,
            dict.fromkeys(ANALYSE.events, analyse),
            workers=settings.analyse_workers,
            on_buried=on_analysis_given_up,
        ),
        Subscription(ANALYSE_EXPRESS, {NovaRequested: analyse}, on_buried=on_analysis_given_up),
        Subscription(EMBED, dict.fromkeys(EMBED.events, embed), workers=settings.embed_workers),
        Subscription(EMBED_EXPRESS, {EmbeddingsRequested: embed}),
    )


def rebuilds(rebuild: Handler) -> Subscription:
    """What makes the tables of search anew, one rebuild at a time."""
    return Subscription(REBUILD, {RebuildRequested: rebuild}, on_buried=on_buried)


@asynccontextmanager
async def written_down(asker: PaidCalls) -> AsyncIterator[None]:
    """Let no call that is paid for go unrecorded when the service is told to stop, unless it takes too long."""
    yield
    with suppress(TimeoutError):
        await asyncio.wait_for(asker.drained(), LAST_ANSWERS)
