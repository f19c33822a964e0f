"""Where the speech model is: in a folder, in the cache, or on the Hugging Face Hub."""

import time
from pathlib import Path

import httpx
import huggingface_hub.constants
from faster_whisper.utils import available_models, download_model
from huggingface_hub.errors import LocalEntryNotFoundError

from services.transcribe.settings import is_folder
from shared.errors import Permanent

NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Without one of them faster-whisper fails, or goes to the network for it."""

PROBE = 5.0
"""Seconds in which the Hub must answer; its own client would wait for minutes on a network that swallows packets."""
MEMORY = 60.0
"""Seconds for which a model that could not be fetched is not asked for again."""


class ModelMissing(Permanent):
    """The speech model is not on this machine and cannot be fetched."""


class Models:
    """Finds models, and remembers for a while which could not be found."""

    def __init__(self) -> None:
        self._missing: dict[str, tuple[float, str]] = {}

    def find(self, model: str) -> str:
        """The folder of a model, downloaded if need be; raises ModelMissing."""
        until, reason = self._missing.get(model, (0.0, ""))
        if time.monotonic() < until:
            raise ModelMissing(reason)
        try:
            return folder_of(model)
        except ModelMissing as error:
            self._missing[model] = time.monotonic() + MEMORY, str(error)
            raise


def folder_of(model: str) -> str:
    """The folder of a model by its name, Hub id or path, downloaded if need be; raises ModelMissing."""
    if is_folder(model):
        return _checked(Path(model).expanduser())
    if "/" not in model and model not in available_models():
        raise ModelMissing(
            f'There is no speech model "{model}". Set SPILLWAY_WHISPER_MODEL to one of {", ".join(available_models())}, '
            "or to a folder that holds one."
        )
    try:
        return str(download_model(model, local_files_only=True))
    except LocalEntryNotFoundError:
        return _fetched(model)
    except ValueError as error:
        raise ModelMissing(f'"{model}" is no name of a speech model: {error}') from error


def _checked(folder: Path) -> str:
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise ModelMissing(
            f"The folder {folder} holds no speech model: {', '.join(missing)} is missing. "
            "Set SPILLWAY_WHISPER_MODEL to the folder of a faster-whisper model, or to a model's name."
        )
    return str(folder)


def _fetched(model: str) -> str:
    try:
        httpx.head(huggingface_hub.constants.ENDPOINT, timeout=PROBE)
        return str(download_model(model))
    except (httpx.HTTPError, OSError, ValueError) as error:
        raise ModelMissing(
            f'The speech model "{model}" is not on this machine and could not be fetched. Connect to the internet once and try '
            "the file again, or set SPILLWAY_WHISPER_MODEL to a folder that holds a model."
        ) from error
