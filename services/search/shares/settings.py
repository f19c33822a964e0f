"""Settings of share links."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DAYS = 7
"""For which a link works that is given no other time."""


class ShareSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_SHARES_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_SHARES_", frozen=True, extra="ignore", env_ignore_empty=True)

    longest_days: float = Field(365, ge=0.01, le=3650, description="Days for which a link may work at most.")
    link_lifetime: int = Field(900, ge=60, le=900, description="Seconds that a guest's address of a video or picture works.")

    @property
    def longest(self) -> timedelta:
        """How long a link may work."""
        return timedelta(days=self.longest_days)
