"""Reads speech audio back, piece by piece, by PyAV."""

from collections.abc import Iterator
from pathlib import Path

import av

from services.proxy.waveform import Samples


def samples_of(path: Path) -> Iterator[Samples]:
    """The samples of a mono 16-bit sound in pieces; raises av.FFmpegError if it cannot be decoded."""
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            yield frame.to_ndarray()[0]
