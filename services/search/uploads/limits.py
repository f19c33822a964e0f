"""How large a file may be: the ingest service's own settings, read here to refuse early what it would refuse late."""

from pydantic import ByteSize, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.contracts import Kind


class UploadLimits(BaseSettings):
    """Read from the environment, `SPILLWAY_INGEST_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_INGEST_", frozen=True, extra="ignore")

    largest_video: ByteSize = Field(ByteSize(10 * 1024**3), gt=0, description="Largest video taken.")
    largest_image: ByteSize = Field(ByteSize(15 * 1024**2), gt=0, description="Largest photo taken.")
    largest_audio: ByteSize = Field(ByteSize(10 * 1024**3), gt=0, description="Largest sound file taken.")

    @property
    def by_kind(self) -> dict[Kind, int]:
        """Largest sizes by kind."""
        return {Kind.VIDEO: self.largest_video, Kind.IMAGE: self.largest_image, Kind.AUDIO: self.largest_audio}

    @property
    def largest(self) -> int:
        """What no file may exceed, whatever it is."""
        return max(self.by_kind.values())
