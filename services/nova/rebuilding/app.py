"""Puts together what makes the tables of search anew."""

from services.nova.embedding.segmented import Segmented
from services.nova.embedding.watching import Watcher
from services.nova.rebuilding.indexing import Indexing
from services.nova.rebuilding.ledger_answers import Kept, Sealed
from services.nova.rebuilding.rebuild import Means
from services.nova.settings import NovaSettings
from shared.embedder import EmbedderSettings
from shared.embedders import Embedders
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.asking import Asker
from shared.service import Platform


def means_of(platform: Platform, nova: NovaSettings, asker: Asker, settings: EmbedderSettings | None = None) -> Means:
    """By the settings; pictures are looked for in the ledger whether or not the settings would have them looked at now."""
    settings, bedrock = settings or EmbedderSettings(), BedrockSettings()
    kept = Embedders(Kept(platform.database), settings, bedrock)
    looking = settings.model_copy(update={"embed_images": True, "embed_video": True})
    segmented = Segmented(platform.database, kept, Sealed()) if bedrock.staging_bucket else None
    watcher = Watcher(platform.database, platform.blobs, looking, segmented)
    indexing = Indexing(platform.database, nova.index_memory, nova.index_helpers)
    return Means(platform.database, kept, watcher, Embedders(asker, settings, bedrock), indexing)
