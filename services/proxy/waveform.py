"""Waveform peaks, in the JSON form of BBC audiowaveform's data format, version 2. Pure.

Each point is the lowest and the highest of so many samples:
https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md
"""

import json
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FINEST, MOST = 160, 4000
"""Samples in a point of a short sound (10 ms at 16 kHz), and the number of points at which two become one."""

Samples = NDArray[np.int16]


def document(samples: Iterable[Samples], sample_rate: int) -> str:
    """The peaks of mono sound that comes in pieces of any size; how long it is, is no matter."""
    peaks = Peaks()
    for piece in samples:
        peaks.add(piece)
    points = peaks.finish()
    told = {
        "version": 2,
        "channels": 1,
        "sample_rate": sample_rate,
        "samples_per_pixel": peaks.samples_per_pixel,
        "bits": 8,
        "length": len(points),
        "data": [int(value) for value in (points >> 8).ravel()],
    }
    return json.dumps(told, separators=(",", ":"))


class Peaks:
    """Keeps fewer than `MOST` points, whatever is added."""

    def __init__(self) -> None:
        self.samples_per_pixel = FINEST
        self._points = np.empty((MOST, 2), np.int16)
        self._count = 0
        self._rest: Samples = np.empty(0, np.int16)

    def add(self, samples: Samples) -> None:
        """Take some more samples."""
        rest = np.concatenate((self._rest, samples))
        while points := min(len(rest) // self.samples_per_pixel, MOST - self._count):
            taken = points * self.samples_per_pixel
            self._note(rest[:taken].reshape(points, -1))
            rest = rest[taken:]
        self._rest = rest

    def finish(self) -> Samples:
        """The points, lowest and highest in a row each; the last stands for what is left of the samples."""
        if len(self._rest):
            self._note(self._rest.reshape(1, -1))
            self._rest = self._rest[:0]
        return self._points[: self._count]

    def _note(self, groups: Samples) -> None:
        new = slice(self._count, self._count + len(groups))
        self._points[new, 0], self._points[new, 1] = groups.min(axis=1), groups.max(axis=1)
        self._count += len(groups)
        if self._count == MOST:
            self._points[: MOST // 2, 0] = self._points[:, 0].reshape(-1, 2).min(axis=1)
            self._points[: MOST // 2, 1] = self._points[:, 1].reshape(-1, 2).max(axis=1)
            self._count = MOST // 2
            self.samples_per_pixel *= 2
