"""Settings of sign-in by an OpenID provider."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.search.identity.roles import Role

ON_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
"""Where a provider may be asked without TLS, since nobody is in between."""


class OidcSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_OIDC_` before each name. Without an issuer there is no such sign-in."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_OIDC_", frozen=True, extra="ignore", env_ignore_empty=True)

    issuer: str | None = Field(
        None,
        description="The provider's issuer, exactly as its discovery document has it, with or without a slash at the end.",
    )
    client_id: str = Field("", description="By what the provider knows this installation.")
    client_secret: SecretStr | None = Field(None, description="Goes with client_id; none for a public client.")
    scopes: str = Field("openid profile email", description="What the provider is asked to tell, separated by spaces.")
    groups_claim: str = Field(
        "groups", description="The claim that lists a person's groups; with dots for one inside another: realm_access.roles."
    )
    role_groups: dict[Role, tuple[str, ...]] = Field(
        {}, description='Which groups give which role, as JSON: {"admin": ["media-admins"], "viewer": ["staff"]}.'
    )
    role_without_group: Role | None = Field(
        None, description="The role of who is in none of these groups: viewer, editor or admin. None refuses them."
    )
    name: str = Field("single sign-on", min_length=1, max_length=60, description="What the sign-in button calls the provider.")

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str | None) -> str | None:
        if issuer is not None and not is_safe(issuer):
            raise ValueError(f"SPILLWAY_OIDC_ISSUER must be an https:// address (http:// on this machine only): {issuer}")
        return issuer

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("SPILLWAY_OIDC_ISSUER is set: set SPILLWAY_OIDC_CLIENT_ID too.")
        if "openid" not in self.scopes.split():
            raise ValueError("SPILLWAY_OIDC_SCOPES must have openid in it.")
        return self


def is_safe(url: str) -> bool:
    """Whether nobody between here and there can read along."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ON_THIS_MACHINE))
