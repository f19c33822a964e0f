"""The engine that tells speakers apart: one that the user installs beside Spillway, or none."""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.transcribe.speakers import Turn
from shared.errors import Invalid, Permanent

OFF = "off"
HOW = "Set SPILLWAY_TRANSCRIBE_DIARIZER to `off`, or to `module:factory` of an engine that is installed."


class Diarizer(Protocol):
    """Tells speakers apart. Called in a thread; several files may come at a time."""

    def turns(self, audio: Path) -> Iterable[tuple[float, float, str]]:
        """Start and end in seconds and a name for each turn in a 16 kHz mono sound file; the same voice has the same name."""
        ...


class DiarizationFailed(Permanent):
    """The engine could not tell the speakers of a file apart."""


@dataclass(frozen=True)
class Installed:
    """An engine and the setting that names it."""

    name: str
    engine: Diarizer

    def turns(self, audio: Path) -> tuple[Turn, ...]:
        """The turns in a file; raises DiarizationFailed."""
        try:
            return tuple(Turn(float(start), float(end), str(speaker)) for start, end, speaker in self.engine.turns(audio))
        except Exception as error:  # whatever an engine that is not ours does
            raise DiarizationFailed(
                f"The speakers could not be told apart: {error}. Look at the engine's own documentation, or set "
                "SPILLWAY_TRANSCRIBE_DIARIZER=off and transcribe the file again."
            ) from error


def load(setting: str) -> Installed | None:
    """The engine that a setting names, None for `off`; raises Invalid with what to do."""
    if setting == OFF:
        return None
    module, colon, factory = setting.partition(":")
    if not (module and colon and factory):
        raise Invalid(f'"{setting}" names no engine for telling speakers apart. {HOW}')
    try:
        engine: Diarizer = getattr(importlib.import_module(module), factory)()
    except Exception as error:  # as above
        raise Invalid(f'The engine "{setting}" for telling speakers apart cannot be used: {error}. {HOW}') from error
    if not callable(getattr(engine, "turns", None)):
        raise Invalid(f'The engine "{setting}" for telling speakers apart has no method `turns`. {HOW}')
    return Installed(setting, engine)
