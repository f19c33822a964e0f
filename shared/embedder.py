"""The port to what turns texts into vectors, and the settings that name one; nova embeds documents, the gateway queries."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.analyses import NOBODY

Vector = NDArray[np.float32]
"""Of length one."""


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

    async def embed(self, texts: Sequence[str]) -> Vector:
        """What is stored: one row of length one per text, shape (texts, dimensions)."""
        ...

    async def embed_query(self, text: str, *, requested_by: str = NOBODY) -> Vector:
        """What is asked with, in whose name it is paid if it costs anything: a vector of length one, shape (dimensions)."""
        ...


class EmbedderSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_", frozen=True, extra="ignore", env_ignore_empty=True)

    embedder: str = Field(
        "local",
        pattern="^(local|nova)$",
        description="`local`: all-MiniLM-L6-v2 on this machine; `nova`: Nova Multimodal Embeddings on Bedrock, which can see.",
    )
    embedder_threads: int = Field(0, ge=0, description="Cores for one embedding run of the local model; 0 takes them all.")
    embedding_dimensions: int = Field(1024, description="Of Nova's vectors: 256, 384, 1024 or 3072.")
    embed_images: bool = Field(True, description="Whether nova embeds images by what is to be seen in them too.")
    embed_video: bool = Field(
        False, description="Whether nova embeds videos by what is to be seen in them too; an hour of video costs 2.52 USD."
    )
