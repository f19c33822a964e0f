"""Settings of everything that talks to Bedrock or tells its prices."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.models.rates import Tier


class BedrockSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_BEDROCK_` before each name unless it says otherwise; credentials are AWS's own."""

    model_config = SettingsConfigDict(
        env_prefix="SPILLWAY_BEDROCK_", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    region: str = Field("us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="The AWS region that is asked.")
    scope: str = Field(
        "us",
        pattern="^(us|eu|apac|jp|global)$",
        description="Which inference profiles are called, and whose prices apply: us, eu, apac, jp or global.",
    )
    tier: Tier = Field(
        Tier.STANDARD,
        description="standard; flex is cheaper and may wait, priority is dearer and does not; not every model has them.",
    )
    staging_bucket: str | None = Field(
        None,
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="A bucket on AWS, in the same region, for videos that are too large to be sent within a request.",
    )
    staging_prefix: str = Field("spillway/", description="What the keys of staged videos begin with.")
    concurrency: int = Field(4, ge=1, le=64, description="Calls that one process has under way at a time.")
    connect_timeout: float = Field(10.0, gt=0, description="Seconds to wait for a connection.")
    read_timeout: float = Field(3600.0, gt=0, description="Seconds to wait for an answer: a long video can take an hour.")
    model_catalogue: Path | None = Field(
        None,
        validation_alias="SPILLWAY_MODEL_CATALOGUE",
        description="SPILLWAY_MODEL_CATALOGUE. A YAML file with what differs from the catalogue of models that comes along.",
    )
    default_model: str = Field(
        "2-lite",
        min_length=1,
        validation_alias="SPILLWAY_NOVA_MODEL",
        description="SPILLWAY_NOVA_MODEL. Key of the model that is asked unless a request names another.",
    )
