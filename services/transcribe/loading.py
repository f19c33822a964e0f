"""A speech model on the device that the settings ask for."""

import time
from dataclasses import dataclass
from typing import Any

import ctranslate2
import numpy as np
import structlog
from faster_whisper import WhisperModel

from services.transcribe.models import ModelMissing, Models
from services.transcribe.settings import WhisperSettings
from shared.errors import Permanent

CHOICES = frozenset({"default", "auto"})
"""Types that CTranslate2 itself turns into one that the device has."""
DEVICES = {"cpu": "processor", "cuda": "graphics card"}

log = structlog.get_logger()


class WrongCompute(Permanent):
    """The machine cannot compute as it is asked to."""


@dataclass(frozen=True)
class Wanted:
    """What tells one loaded model from another."""

    model: str
    device: str
    compute_type: str


class Loader:
    """Loads models for a process that works on so many files at a time."""

    def __init__(self, settings: WhisperSettings, workers: int) -> None:
        self._models = Models()
        self._threads = settings.threads_for(workers)
        self._workers = workers

    def load(self, wanted: Wanted) -> Any:
        """The model, on the processor if any device will do and the graphics card does not work.

        Raises ModelMissing or WrongCompute.
        """
        began = time.monotonic()
        model = self._on_device(self._models.find(wanted.model), wanted)
        log.info("model loaded", model=wanted.model, seconds=round(time.monotonic() - began, 2))
        return model

    def _on_device(self, folder: str, wanted: Wanted) -> Any:
        if wanted.device == "cpu" or (wanted.device == "auto" and not ctranslate2.get_cuda_device_count()):
            return self._checked(folder, "cpu", wanted)
        try:
            return proved(self._checked(folder, "cuda", wanted))
        except (ModelMissing, WrongCompute, RuntimeError) as error:
            if wanted.device == "cuda":
                raise
            log.warning("the graphics card cannot be used, the processor is", reason=str(error))
            return self._checked(folder, "cpu", wanted)

    def _checked(self, folder: str, device: str, wanted: Wanted) -> Any:
        require_compute_type(wanted.compute_type, device)
        try:
            return self._model(folder, device, wanted.compute_type)
        except (RuntimeError, ValueError) as error:
            raise ModelMissing(
                f'The speech model "{wanted.model}" cannot be loaded: {error} Put the model in its place again, or set '
                "SPILLWAY_WHISPER_DEVICE=cpu if a graphics card is at fault."
            ) from error

    def _model(self, folder: str, device: str, compute_type: str) -> Any:
        return WhisperModel(
            folder,
            device=device,
            compute_type="int8" if (device, compute_type) == ("cpu", "default") else compute_type,
            cpu_threads=self._threads,
            num_workers=self._workers,
            local_files_only=True,
        )


def unload(model: Any) -> None:
    """Give a model's memory free, whoever still holds the object."""
    model.model.unload_model()


def require_compute_type(compute_type: str, device: str) -> None:
    """Raise WrongCompute if the device cannot compute so, with what it can."""
    try:
        supported = ctranslate2.get_supported_compute_types(device)
    except (RuntimeError, ValueError) as error:
        raise WrongCompute(f"The {DEVICES[device]} cannot be used: {error} Set SPILLWAY_WHISPER_DEVICE=cpu.") from error
    if compute_type not in CHOICES | supported:
        raise WrongCompute(
            f'The {DEVICES[device]} of this machine cannot compute in "{compute_type}", but in {", ".join(sorted(supported))}. '
            "Ask for one of these as compute_type, or leave SPILLWAY_WHISPER_COMPUTE_TYPE at `default`."
        )


def proved(model: Any) -> Any:
    """The model after one encoding: a graphics card whose libraries are missing fails only then."""
    model.encode(np.zeros((model.model.n_mels, 2 * model.feature_extractor.nb_max_frames // 2), dtype=np.float32))
    return model
