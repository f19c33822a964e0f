"""Settings of the proxy service."""

import os

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.media import Limits
from shared.media_encoders import Wish

MIB = 1 << 20


class ProxySettings(BaseSettings):
    """Read from the environment, `SPILLWAY_PROXY_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_PROXY_", frozen=True, extra="ignore", env_ignore_empty=True)

    workers: int = Field(
        default_factory=lambda: max(1, (os.cpu_count() or 1) // 2),
        ge=1,
        description="Files converted at a time; half the cores by default, as each conversion uses more than one.",
    )
    time_limit: float = Field(5 * 3600.0, gt=0, description="Seconds that the conversion of one video or audio file may take.")
    memory_limit: int = Field(8192, ge=512, description="MiB of address space that one ffmpeg may take (Linux only).")
    output_limit: int = Field(20480, ge=1, description="MiB that may come out of one file, all renditions together.")
    encoder: Wish = Field(
        Wish.AUTO, description="`auto`: NVENC if it works here, else x264; `nvenc` or `x264`: that one and no other."
    )
    image_time_limit: float = Field(120.0, gt=0, description="Seconds that one image may take.")
    image_memory_limit: int = Field(4096, ge=512, description="MiB of address space an image worker may take (Linux only).")
    image_pixels: int = Field(256_000_000, ge=1, description="The largest image that is decoded, in pixels.")
    clip_cleaning_interval: float = Field(600.0, gt=0, description="Seconds between two looks for clips that no link shares.")

    @property
    def media_limits(self) -> Limits:
        """What one run of ffmpeg may take."""
        return Limits(seconds=self.time_limit, memory=self.memory_limit * MIB, output=self.output_limit * MIB)
