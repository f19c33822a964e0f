"""Settings of the nova service."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class NovaSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_NOVA_` before each name unless it says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="SPILLWAY_NOVA_", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    analyst: str = Field(
        "local",
        pattern="^(local|bedrock)$",
        validation_alias="SPILLWAY_ANALYST",
        description="SPILLWAY_ANALYST. `local`: words, names and cuts alone, on this machine; nobody looks at the pictures.",
    )
    analyse_workers: int = Field(2, ge=1, description="Files analysed at a time.")
    embed_workers: int = Field(2, ge=1, description="Files embedded at a time.")
    index_memory: int = Field(
        512, ge=16, description="Memory in MB that Postgres may take to make an index when the tables of search are made anew."
    )
    index_helpers: int = Field(2, ge=0, description="Processes of Postgres that help to make such an index.")
