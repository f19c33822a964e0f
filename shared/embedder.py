"""The port to what turns texts into vectors, and the choice of who does; nova embeds documents with it, the gateway queries."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import Invalid
from shared.minilm import MiniLM


class Embedder(Protocol):
    """Texts to vectors whose dot product says how alike they are. Documents and queries must meet the same `model`."""

    @property
    def model(self) -> str:
        """Name that is stored with each vector."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        ...

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length one per text, shape (texts, dimensions)."""
        ...


class EmbedderSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_", frozen=True, extra="ignore", env_ignore_empty=True)

    embedder: str = Field("local", pattern="^(local|nova)$", description="`local`: all-MiniLM-L6-v2 on this machine.")
    embedder_threads: int = Field(0, ge=0, description="Cores for one embedding run of the local model; 0 takes them all.")


def choose_embedder(settings: EmbedderSettings) -> Embedder:
    """The embedder of the settings, not loaded yet; raises Invalid for one that this version lacks."""
    if settings.embedder == "nova":
        raise Invalid("SPILLWAY_EMBEDDER=nova is not available in this version; set it to local.")
    return MiniLM(threads=settings.embedder_threads)
