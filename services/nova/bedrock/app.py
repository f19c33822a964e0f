"""The Bedrock analyst, put together."""

from dataclasses import dataclass

from services.nova.bedrock.analyst import BedrockAnalyst
from services.nova.local.analyst import LocalAnalyst
from services.nova.taxonomy import load as load_taxonomy
from shared.bedrock.client import Bedrock
from shared.bedrock.staging import Staging
from shared.database import Database
from shared.models import catalogue, refresh
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Catalogue
from shared.paying.asking import Asker
from shared.service import Platform


@dataclass(frozen=True)
class Catalogues:
    """The catalogue as it is now: what a refresh brought counts from the next analysis on."""

    database: Database
    settings: BedrockSettings

    async def now(self) -> Catalogue:
        """The catalogue; raises Invalid if a file that overrides it is wrong."""
        async with self.database.connection() as connection:
            said = await refresh.load_saved(connection)
        return catalogue.load(self.settings.model_catalogue, said)


def analyst_of(platform: Platform, settings: BedrockSettings, bedrock: Bedrock, asker: Asker) -> BedrockAnalyst:
    """The analyst; its clients are made with the first question, so that no credentials are needed until then."""
    return BedrockAnalyst(
        catalogue=Catalogues(platform.database, settings).now,
        settings=settings,
        bedrock=bedrock,
        staging=Staging(settings),
        asker=asker,
        blobs=platform.blobs,
        taxonomy=load_taxonomy(),
        local=LocalAnalyst(),
    )
