"""Puts the embedding of files together."""

from services.nova.embedding.handlers import Embedding
from services.nova.embedding.making import Maker
from services.nova.embedding.segmented import Segmented
from services.nova.embedding.switching import Switch
from services.nova.embedding.watching import Watcher
from shared.bedrock.staging import Staging
from shared.embedder import EmbedderSettings
from shared.embedders import Embedders
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.asking import Asker
from shared.service import Platform


def embedding_of(platform: Platform, asker: Asker) -> Embedding:
    """By the settings; raises Invalid for an embedder that is not there."""
    settings, bedrock = EmbedderSettings(), BedrockSettings()
    embedders = Embedders(asker, settings, bedrock)
    segmented = Segmented(platform.database, embedders, Staging(bedrock)) if bedrock.staging_bucket else None
    watcher = Watcher(platform.database, platform.blobs, settings, segmented)
    switch = Switch(platform.database, embedders)
    return Embedding(platform.database, platform.effects, Maker(platform.database, embedders, watcher), switch)
