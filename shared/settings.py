"""What every process needs to know of the platform: three URLs, credentials, and how to log."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class PlatformSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_", frozen=True, extra="ignore")

    database_url: SecretStr = Field(description="Postgres, as postgresql://user:password@host:port/name.")
    nats_url: SecretStr = Field(description="NATS, as nats://user:password@host:port.")
    s3_endpoint: str | None = Field(None, description="The S3 API to use; none for AWS itself.")
    s3_bucket: str = Field("spillway", description="The bucket for derived objects and uploads.")
    s3_region: str = Field("us-east-1", description="The bucket's region.")
    s3_access_key: SecretStr | None = Field(None, description="None: as the AWS SDK finds it (profile, role, ...).")
    s3_secret_key: SecretStr | None = Field(None, description="Goes with s3_access_key.")
    s3_browser_origins: str = Field(
        "http://127.0.0.1:8080 http://localhost:8080",
        description="Where the gateway's pages come from, separated by spaces: the bucket lets these upload by links.",
    )
    database_connections: int = Field(8, ge=2, description="Size of each process's connection pool.")
    ack_wait: float | None = Field(
        None, gt=0, description="Lease of a message in seconds, in place of each consumer's own; for trying out crashes."
    )
    sweep_interval: float = Field(15.0, gt=0, description="Seconds between two looks for accepted work without effect.")
    sweep_grace: float = Field(30.0, gt=0, description="Seconds that a published event is given before it is missed.")
    log_level: Annotated[str, BeforeValidator(str.upper)] = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: str = Field("console", pattern="^(console|json)$", description="`console` for people, `json` for machines.")
    health_host: str = Field("127.0.0.1", description="Where /livez, /readyz and /metrics are served.")
    health_port: int = Field(0, ge=0, le=65535, description="Their port; 0 takes a free one.")
