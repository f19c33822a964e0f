"""The choice of who embeds."""

import pytest
from pydantic import ValidationError

from shared.database import Database
from shared.embedder import EmbedderSettings
from shared.embedders import Embedders
from shared.errors import Invalid
from shared.minilm import MODEL
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.asking import PaidCalls


def chosen() -> Embedders:
    asker = PaidCalls(Database("postgresql://nobody@127.0.0.1:9/none"))  # which is asked nothing here
    return Embedders(asker, EmbedderSettings(), BedrockSettings())


def test_the_local_model_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPILLWAY_EMBEDDER", raising=False)
    embedder = chosen().wanted
    assert (embedder.model, embedder.dimensions) == (MODEL, 384)
    assert chosen().find(MODEL).model == MODEL


def test_nova_has_1024_dimensions_unless_the_settings_say_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_EMBEDDER", "nova")
    assert chosen().wanted.model == "nova-2-multimodal-embeddings-v1-1024"
    monkeypatch.setenv("SPILLWAY_EMBEDDING_DIMENSIONS", "3072")
    assert (chosen().wanted.model, chosen().wanted.dimensions) == ("nova-2-multimodal-embeddings-v1-3072", 3072)


def test_other_dimensions_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_EMBEDDER", "nova")
    monkeypatch.setenv("SPILLWAY_EMBEDDING_DIMENSIONS", "1000")
    with pytest.raises(Invalid, match="set SPILLWAY_EMBEDDING_DIMENSIONS to 256, 384, 1024, 3072"):
        _ = chosen().wanted


def test_pictures_are_looked_at_and_videos_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPILLWAY_EMBED_IMAGES", "SPILLWAY_EMBED_VIDEO"):
        monkeypatch.delenv(name, raising=False)
    assert (EmbedderSettings().embed_images, EmbedderSettings().embed_video) == (True, False)


def test_anything_else_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_EMBEDDER", "word2vec")
    with pytest.raises(ValidationError):
        EmbedderSettings()
