"""Settings of the transcription service."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TranscribeSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_TRANSCRIBE_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_TRANSCRIBE_", frozen=True, extra="ignore", env_ignore_empty=True)

    workers: int = Field(1, ge=1, description="Files transcribed at a time; they share one model in memory.")


class WhisperSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_WHISPER_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_WHISPER_", frozen=True, extra="ignore", env_ignore_empty=True)

    model: str = Field("small", description="A faster-whisper model: its name, its id on the Hugging Face Hub, or its folder.")
    device: str = Field(
        "auto", pattern="^(auto|cpu|cuda)$", description="`auto`: the graphics card if it works, else the processor."
    )
    compute_type: str = Field(
        "default",
        description="CTranslate2's type; `default` is int8 on the processor, on a graphics card as the model is stored.",
    )
    language: str | None = Field(None, description="Spoken language, as en or de; detected for each file unless set.")
    vad: bool = Field(True, description="Leave out stretches in which the voice detector hears nobody.")
    beam_size: int = Field(5, ge=1, description="Alternatives followed while decoding.")
    chunk_length: int = Field(30, ge=5, le=30, description="Seconds of audio decoded at once.")
    batch_size: int = Field(8, ge=1, description="Chunks decoded side by side; more is faster and takes more memory.")
    threads: int | None = Field(
        None, ge=1, description="Processor threads per file; the cores divided by the workers unless set."
    )

    @property
    def label(self) -> str:
        """The model's name as results show it: of a folder only its last part."""
        return Path(self.model).name if is_folder(self.model) else self.model

    def decoding(self) -> dict[str, object]:
        """The settings that change what is written down: transcripts made with others are other transcripts."""
        return self.model_dump(include={"language", "vad", "beam_size", "chunk_length", "compute_type"})

    def threads_for(self, workers: int) -> int:
        """Threads per file, so that the workers together have as many as there are cores."""
        return self.threads or max(1, (os.cpu_count() or 1) // workers)


def is_folder(model: str) -> bool:
    """Whether a model setting names a folder: one that is there, or something that only a path looks like."""
    path = Path(model).expanduser()
    return path.is_dir() or path.is_absolute() or model.startswith(("./", "../", "~", ".\\", "..\\")) or model.count("/") > 1
