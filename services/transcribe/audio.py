"""Sound as it is decoded: from the start to the end, never all of it in memory."""

from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import numpy.typing as npt
from av.audio.resampler import AudioResampler

from shared.errors import BadMedia

RATE = 16000
"""Samples per second that Whisper hears."""

Samples = npt.NDArray[np.float32]

STRICT = {"err_detect": "crccheck+explode"}
"""FLAC carries checksums: what does not match them is damaged, and guessing would shift the times of all that follows."""
TOLERANCE = 1.0
"""Seconds by which a file may be shorter than it says: containers round."""


class Sound:
    """A sound file as 16 kHz mono, -1 to 1, read piece by piece. Every method raises BadMedia if the file is damaged."""

    def __init__(self, path: Path) -> None:
        self._read = 0
        try:
            self._container = av.open(str(path), metadata_errors="ignore")
            self._stream = self._container.streams.audio[0]
        except (av.error.FFmpegError, IndexError) as error:
            raise self._damaged() from error
        if not self._stream.rate:
            raise self._damaged()
        self._stream.codec_context.options = STRICT
        self._exact = self._container.format.name == "flac"
        self._blocks = self._decoded()
        self._rest = np.empty(0, dtype=np.int16)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._blocks.close()
        self._container.close()

    @property
    def duration(self) -> float | None:
        """Seconds that the file says it lasts."""
        stream = self._stream
        return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None

    def skip(self, samples: int) -> None:
        """Leave out so many samples: decoding ten hours takes seconds, and lands on the very sample."""
        while samples > 0 and (passed := len(self._taken(min(samples, RATE * 60)))):
            samples -= passed

    def read(self, samples: int) -> Samples:
        """The next samples; fewer only at the end."""
        return self._taken(samples).astype(np.float32) / np.float32(32768.0)

    def _taken(self, samples: int) -> npt.NDArray[np.int16]:
        parts, missing = [self._rest], samples - len(self._rest)
        while missing > 0 and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            missing -= len(block)
        whole = np.concatenate(parts)
        self._rest = whole[samples:].copy()
        return whole[:samples]

    def _decoded(self) -> Generator[npt.NDArray[np.int16], None, None]:
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        try:
            for frame in self._container.decode(self._stream):
                yield from self._resampled(resampler, frame)
            yield from self._resampled(resampler, None)
        except av.error.FFmpegError as error:
            raise self._damaged() from error
        if self._exact and self.duration is not None and self._read / RATE < self.duration - TOLERANCE:
            raise self._damaged()

    def _resampled(self, resampler: AudioResampler, frame: av.AudioFrame | None) -> Iterator[npt.NDArray[np.int16]]:
        if frame is not None:
            if self._exact and frame.pts is None:
                raise self._damaged()
            frame.pts = None  # times are counted here, in samples
        for resampled in resampler.resample(frame):
            block = resampled.to_ndarray()[0]
            self._read += len(block)
            yield block

    def _damaged(self) -> BadMedia:
        seconds = self._read // RATE
        place = f" after {seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}" if seconds else ""
        return BadMedia(f"The sound that was taken out of the file is damaged{place}. Have its proxy made again.")
