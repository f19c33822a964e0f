"""Where the local stack keeps its data and which of its servers come from elsewhere."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class LocalSettings(BaseSettings):
    """Settings of the embedded stack, each read from the environment as SPILLWAY_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_", frozen=True, extra="ignore", env_ignore_empty=True)

    data: Path = Field(
        default=PROJECT_ROOT / ".data",
        description="Folder of everything the stack stores; a relative path counts from the current directory.",
    )
    port: int = Field(default=8080, ge=1, le=65535, description="Port of the gateway on 127.0.0.1.")
    pg_port: int | None = Field(default=None, ge=1, le=65535, description="Port of Postgres; a free one unless set.")
    nats_port: int | None = Field(default=None, ge=1, le=65535, description="Port of NATS; a free one unless set.")
    s3_port: int | None = Field(
        default=None, ge=1, lt=55535, description="Port of S3, below 55535 as its gRPC port lies 10000 higher."
    )
    database_url: SecretStr | None = Field(default=None, description="Postgres to use instead of the embedded one.")
    nats_url: SecretStr | None = Field(default=None, description="NATS to use instead of the embedded one.")
    s3_endpoint: str | None = Field(default=None, description="S3 to use instead of the embedded one.")
    s3_bucket: str = Field(default="spillway", description="Bucket of every object the services write.")
    pg_bin: Path | None = Field(
        default=None, description="Folder of another Postgres' programs (initdb, postgres) with pgvector and pg_trgm."
    )

    @field_validator("data")
    @classmethod
    def _absolute(cls, data: Path) -> Path:
        return data.expanduser().resolve()
