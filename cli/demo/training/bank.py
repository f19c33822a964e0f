"""The bank of synthesised utterances: one file with all the audio and the times of its words."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Wave = npt.NDArray[np.float32]


class Timing(NamedTuple):
    """A word (by its id) and the seconds at which it starts and ends."""

    word: int
    start: float
    end: float


Utterance = tuple[npt.NDArray[np.int16], list[Timing]]


def save_bank(path: Path, utterances: Sequence[Utterance]) -> None:
    np.savez(
        path,
        audio=np.concatenate([audio for audio, _ in utterances]),
        lens=np.array([len(audio) for audio, _ in utterances]),
        nwords=np.array([len(timing) for _, timing in utterances]),
        timing=np.array([word for _, timing in utterances for word in timing], np.float32),
    )


class Bank:
    """Utterances of one or more bank files, by number."""

    def __init__(self, paths: Sequence[Path]) -> None:
        files = [np.load(path) for path in paths]
        self._audio = _joined(files, "audio")
        self._offsets = np.concatenate([[0], np.cumsum(_joined(files, "lens"))])
        ends = np.concatenate([[0], np.cumsum(_joined(files, "nwords"))])
        timing = _joined(files, "timing")
        self.words = [
            [Timing(int(word), float(start), float(end)) for word, start, end in timing[first:after]]
            for first, after in itertools.pairwise(ends)
        ]

    def __len__(self) -> int:
        return len(self.words)

    def utterance(self, number: int) -> tuple[Wave, list[Timing]]:
        """Audio between -1 and 1 at 16 kHz, and its words."""
        audio = self._audio[self._offsets[number] : self._offsets[number + 1]]
        return audio.astype(np.float32) / 32768.0, self.words[number]


def _joined(files: Sequence[Any], name: str) -> npt.NDArray[Any]:
    parts: list[npt.NDArray[Any]] = [file[name] for file in files]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
