"""Speaks sentences with the espeak-ng program and says, to the sample, when each one starts and ends."""

import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cli.demo.making.script import Line

LEAD = 0.6
"""Seconds of silence before the first word."""
SILENT = 120
"""Samples of 16 bits no louder than this are the synthesiser's padding, not speech."""


@dataclass(frozen=True)
class Sentence:
    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Narration:
    samples: npt.NDArray[np.int16]
    rate: int
    sentences: tuple[Sentence, ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def write(self, path: Path, *, seconds: float) -> None:
        """Writes a mono WAV file, with silence after the last pause up to `seconds`."""
        padding = np.zeros(max(0, round(seconds * self.rate) - len(self.samples)), np.int16)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.rate)
            file.writeframes(np.concatenate([self.samples, padding]).tobytes())


def narrate(lines: Sequence[Line]) -> Narration:
    """Says every line, each followed by its pause."""
    parts: list[npt.NDArray[np.int16]] = []
    sentences: list[Sentence] = []
    position, rate = 0, 0
    for line in lines:
        speech, rate = _say(line.text)
        if not parts:
            position = _add(parts, np.zeros(round(LEAD * rate), np.int16), position)
        start = position
        position = _add(parts, speech, position)
        sentences.append(Sentence(line.text, round(start / rate, 3), round(position / rate, 3)))
        position = _add(parts, np.zeros(round(line.pause * rate), np.int16), position)
    return Narration(np.concatenate(parts), rate, tuple(sentences))


def _add(parts: list[npt.NDArray[np.int16]], samples: npt.NDArray[np.int16], position: int) -> int:
    parts.append(samples)
    return position + len(samples)


def _say(text: str) -> tuple[npt.NDArray[np.int16], int]:
    """Speech without the silence around it, and its sample rate."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        subprocess.run(["espeak-ng", "-v", "en-us", "-s", "150", "-w", str(path), text], check=True)
        with wave.open(str(path), "rb") as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    loud = np.nonzero(np.abs(samples.astype(np.int32)) > SILENT)[0]
    return samples[loud[0] : loud[-1] + 1], rate
