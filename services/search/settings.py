"""Settings of the gateway."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class SearchSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_SEARCH_` before each name unless it says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="SPILLWAY_SEARCH_", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    host: str = Field("127.0.0.1", description="The address to listen on; anything but 127.0.0.1 lets others in.")
    port: int = Field(8080, ge=1, le=65535, validation_alias="SPILLWAY_PORT", description="SPILLWAY_PORT. The gateway's port.")
    allowed_hosts: tuple[str, ...] = Field(
        (), description='Names that browsers may call the gateway by beside localhost, as a JSON list: ["media.example"].'
    )
    reads_per_second: float = Field(
        3000, ge=0, description="Requests a second that one address may read with; twice as many at once. 0 sets no limit."
    )
    writes_per_second: float = Field(1000, ge=0, description="The same for what changes something.")
    expensive_per_second: float = Field(600, ge=0, description="The same for searches, estimates, exports and the event log.")
    analyst: Literal["local", "bedrock"] = Field(
        "local",
        validation_alias="SPILLWAY_ANALYST",
        description="SPILLWAY_ANALYST. As the nova service has it: who analyses what names no model, and so what that costs.",
    )
    similarity_floor: float = Field(
        0.3,
        ge=-1,
        le=1,
        description="Cosine from which a moment is found by meaning alone. With all-MiniLM-L6-v2 and short sentences, 0.3 kept "
        "85 % of what was related and 1.4 % of what was not.",
    )
    nova_similarity_floor: float = Field(
        0.2,
        ge=-1,
        le=1,
        description="The same for Nova Multimodal Embeddings: assumed, as pictures are less like words than words.",
    )
    remembered_queries: int = Field(1000, ge=0, description="Queries whose vectors are kept in memory, 1.5 to 12 kB each.")
