"""How the ingest service works."""

import os

from pydantic import ByteSize, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.ingest.limits import Limits


class IngestSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_INGEST_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_INGEST_", frozen=True, extra="ignore")

    largest_video: ByteSize = Field(ByteSize(10 * 1024**3), gt=0, description="Largest video taken, in bytes or as 10GiB.")
    largest_image: ByteSize = Field(ByteSize(15 * 1024**2), gt=0, description="Largest photo taken, in bytes or as 15MiB.")
    largest_audio: ByteSize = Field(ByteSize(10 * 1024**3), gt=0, description="Largest sound file taken, in bytes or as 10GiB.")
    inspectors: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 8), ge=1, le=64, description="Processes that read files side by side."
    )
    patience: float = Field(60.0, gt=0, description="Seconds without progress after which the reading of a file is given up.")
    imports: int = Field(2, ge=1, le=16, description="Imports that run side by side; they share the inspectors.")
    uploads: int = Field(2, ge=1, le=16, description="Uploads looked at side by side, each fetched to this machine first.")
    batches: int = Field(4, ge=1, le=16, description="Batches handed out side by side, so that a small one need not wait.")

    @property
    def limits(self) -> Limits:
        """Largest sizes by kind."""
        return Limits(self.largest_video, self.largest_image, self.largest_audio)
