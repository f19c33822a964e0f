"""The nova service: analyses files and makes their moments findable."""

from functools import partial

from faststream.asgi import AsgiFastStream

from services.nova.analyst import Analyst
from services.nova.handlers import Resources, on_analysis_wanted, on_moments_wanted
from services.nova.local.analyst import LocalAnalyst
from services.nova.settings import NovaSettings
from shared.contracts import EmbeddingsRequested, NovaRequested
from shared.embedder import EmbedderSettings, choose_embedder
from shared.errors import Invalid
from shared.messaging import Subscription
from shared.service import Platform, worker
from shared.topology import ANALYSE, ANALYSE_EXPRESS, EMBED, EMBED_EXPRESS


def build(platform: Platform) -> AsgiFastStream:
    """The service, with what it reacts to."""
    settings = NovaSettings()
    resources = Resources(
        database=platform.database,
        effects=platform.effects,
        analyst=choose_analyst(settings),
        embedder=choose_embedder(EmbedderSettings()),
    )
    return worker(platform, subscriptions(resources, settings))


def subscriptions(resources: Resources, settings: NovaSettings) -> tuple[Subscription, ...]:
    """The reaction map of the service."""
    analyse = partial(on_analysis_wanted, resources=resources)
    embed = partial(on_moments_wanted, resources=resources)
    return (
        Subscription(ANALYSE, dict.fromkeys(ANALYSE.events, analyse), workers=settings.analyse_workers),
        Subscription(ANALYSE_EXPRESS, {NovaRequested: analyse}),
        Subscription(EMBED, dict.fromkeys(EMBED.events, embed), workers=settings.embed_workers),
        Subscription(EMBED_EXPRESS, {EmbeddingsRequested: embed}),
    )


def choose_analyst(settings: NovaSettings) -> Analyst:
    """The analyst of the settings; raises Invalid for one that this version lacks."""
    if settings.analyst == "bedrock":
        raise Invalid("SPILLWAY_ANALYST=bedrock is not available in this version; set it to local.")
    return LocalAnalyst()
