"""Settings of the gateway."""

from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.search.identity.shown import COOKIE, SECURE_COOKIE


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
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+/?$",
        description="Where people find the gateway, as https://media.example; with https, cookies go over nothing else.",
    )
    session_idle_days: float = Field(7, ge=0.01, le=365, description="Days without use after which a session ends.")
    session_days: float = Field(30, ge=0.01, le=365, description="Days after which a session ends however much it is used.")
    password_sign_in: bool = Field(
        True, description="Whether people sign in by passwords; false counts only where SPILLWAY_OIDC_ISSUER is set."
    )
    credentials_file: Path | None = Field(
        None, description="Where a password and a key are written if the gateway starts where nobody is there yet."
    )
    admin_password: SecretStr | None = Field(
        None, min_length=12, max_length=1024, description="The password of the person admin, who is made at such a start."
    )
    audit_days: int = Field(400, ge=1, description="Days for which the audit log is kept.")
    reads_per_second: float = Field(
        3000, ge=0, description="Requests a second that one address may read with; twice as many at once. 0 sets no limit."
    )
    writes_per_second: float = Field(1000, ge=0, description="The same for what changes something.")
    expensive_per_second: float = Field(600, ge=0, description="The same for searches, estimates, exports and the event log.")
    sign_ins_per_second: float = Field(20, ge=0, description="The same for sign-ins that are begun at an OpenID provider.")
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

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that browsers may call the gateway by beside localhost."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return (*self.allowed_hosts, public) if public else self.allowed_hosts

    @property
    def is_public_by_https(self) -> bool:
        """Whether browsers reach the gateway by https."""
        return self.public_url is not None and self.public_url.startswith("https:")

    @property
    def session_cookie(self) -> str:
        """The name of the cookie with a session's secret."""
        return SECURE_COOKIE if self.is_public_by_https else COOKIE

    @property
    def session_idle(self) -> timedelta:
        """How long a session lasts without use."""
        return timedelta(days=self.session_idle_days)

    @property
    def session_lasts(self) -> timedelta:
        """How long a session lasts at most."""
        return timedelta(days=self.session_days)
