"""The choice of who embeds."""

import pytest
from pydantic import ValidationError

from shared.embedder import EmbedderSettings, choose_embedder
from shared.errors import Invalid


def test_the_local_model_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPILLWAY_EMBEDDER", raising=False)
    embedder = choose_embedder(EmbedderSettings())
    assert (embedder.model, embedder.dimensions) == ("all-MiniLM-L6-v2", 384)


def test_nova_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_EMBEDDER", "nova")
    with pytest.raises(Invalid, match="set it to local"):
        choose_embedder(EmbedderSettings())


def test_anything_else_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_EMBEDDER", "word2vec")
    with pytest.raises(ValidationError):
        EmbedderSettings()
