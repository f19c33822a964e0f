"""Settings of the transcription service."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.transcription import AUTO, Task, TranscriptionOptions, known_language

ALWAYS_TOLD = {"language", "vad", "beam_size", "chunk_length", "compute_type"}
"""Settings that every transcript names; of the others that change its words, only those that are not at their default."""
CHANGES_WORDS = ALWAYS_TOLD | {
    "multilingual",
    "vad_threshold",
    "vad_min_speech_ms",
    "vad_min_silence_ms",
    "vad_pad_ms",
    "window",
    "hotwords",
    "initial_prompt",
}


class TranscribeSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_TRANSCRIBE_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_TRANSCRIBE_", frozen=True, extra="ignore", env_ignore_empty=True)

    workers: int = Field(1, ge=1, description="Files transcribed at a time; they share one model in memory.")
    diarizer: str = Field(
        "off",
        description="Who tells speakers apart: `off`, or `module:factory` of an engine that is installed beside Spillway.",
    )


class WhisperSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_WHISPER_` before each name. The defaults are for narration: one voice, some noise.

    A request may carry options of the same names (`shared.transcription.TranscriptionOptions`) that take their place.
    """

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_WHISPER_", frozen=True, extra="ignore", env_ignore_empty=True)

    model: str = Field("small", description="A faster-whisper model: its name, its id on the Hugging Face Hub, or its folder.")
    device: str = Field(
        "auto", pattern="^(auto|cpu|cuda)$", description="`auto`: the graphics card if it works, else the processor."
    )
    compute_type: str = Field(
        "default",
        description="CTranslate2's type; `default` is int8 on the processor, on a graphics card as the model is stored.",
    )
    language: str | None = Field(
        None,
        description="Spoken language, as en or de; unless set, each file's is detected where speech begins and kept.",
    )
    multilingual: bool = Field(
        False, description="Detect the language of each chunk anew: for talks in several; narration is safer without."
    )
    task: Task = Field("transcribe", description="`translate` writes down in English what is said in another language.")
    vad: bool = Field(
        True,
        description="Leave out stretches in which the voice detector hears nobody: models put words to noise.",
    )
    vad_threshold: float = Field(0.5, gt=0, lt=1, description="How sure the detector must be; lower it for faint voices.")
    vad_min_speech_ms: int = Field(0, ge=0, description="Shorter sounds are no speech; 0 keeps every yes and no.")
    vad_min_silence_ms: int = Field(160, ge=0, description="Shorter pauses do not part two stretches.")
    vad_pad_ms: int = Field(400, ge=0, description="Kept before and after each stretch, so that no first sound is lost.")
    beam_size: int = Field(
        5, ge=1, le=20, description="Alternatives followed while decoding; 1 is fastest, more than 5 hears hardly better."
    )
    chunk_length: int = Field(30, ge=5, le=30, description="Seconds of audio decoded at once; models are trained on 30.")
    batch_size: int = Field(8, ge=1, le=64, description="Chunks decoded side by side; more is faster and takes more memory.")
    window: int = Field(
        300, ge=60, le=3600, description="Seconds of audio in memory at a time; what a crash costs at most is one such window."
    )
    hotwords: str | None = Field(None, description="Names and terms to listen for, as `Lopez grotto shotcrete`.")
    initial_prompt: str | None = Field(None, description="A text in whose style and spelling is written.")
    threads: int | None = Field(
        None, ge=1, description="Processor threads per file; the cores divided by the workers unless set."
    )

    @field_validator("language")
    @classmethod
    def _known(cls, language: str | None) -> str | None:
        code = known_language(language) if language else AUTO
        return None if code == AUTO else code

    @property
    def label(self) -> str:
        """The model's name as results show it: of a folder only its last part."""
        return Path(self.model).name if is_folder(self.model) else self.model

    def asked(self, options: TranscriptionOptions) -> "WhisperSettings":
        """These settings with a request's options in their place."""
        given: dict[str, Any] = options.given()
        if given.get("language") == AUTO:
            given["language"] = None
        return self.model_copy(update=given)

    def decoding(self) -> dict[str, Any]:
        """The settings that change what is written down: transcripts made with others are other transcripts."""
        told = self.model_dump(include=CHANGES_WORDS, exclude_defaults=True)
        return {**self.model_dump(include=ALWAYS_TOLD), **told}

    def threads_for(self, workers: int) -> int:
        """Threads per file, so that the workers together have as many as there are cores."""
        return self.threads or max(1, (os.cpu_count() or 1) // workers)


def is_folder(model: str) -> bool:
    """Whether a model setting names a folder: one that is there, or something that only a path looks like."""
    path = Path(model).expanduser()
    return path.is_dir() or path.is_absolute() or model.startswith(("./", "../", "~", ".\\", "..\\")) or model.count("/") > 1
