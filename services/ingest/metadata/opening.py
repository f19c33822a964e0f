"""The first frame of a video and the times of some others, which tell what its header does not."""

import contextlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from services.ingest.metadata.timing import in_order

WINDOW = 200
"""Frames of one sample: some seconds, in which a phone's camera that slows down in the dark gives itself away."""
MOST_BYTES = 16 << 20
"""Bytes of picture read: seconds of what crews film, and no more than a glance at what cinemas show."""


class Opening(NamedTuple):
    """`frame` is the first that can be decoded; each of `samples` has times of frames in order, in ticks of the stream."""

    frame: VideoFrame | None
    samples: list[list[int]]

    @property
    def beside(self) -> dict[str, bytes]:
        """What comes with the frame, by ffmpeg's names for its kinds."""
        return dict(self._sides())

    @property
    def messages(self) -> list[bytes]:
        """What recorders and encoders say beside the frame in ways of their own."""
        return [content for kind, content in self._sides() if kind == "SEI_UNREGISTERED"]

    def _sides(self) -> list[tuple[str, bytes]]:
        found: Iterable[Any] = self.frame.side_data if self.frame else ()  # PyAV's types promise names here
        return [(side.type.name, bytes(side)) for side in found]


def opening(container: InputContainer, video: VideoStream) -> Opening:
    """Read as little as tells both; what cannot be read is missing."""
    video.thread_type = "NONE"  # threads would each take a frame before the first comes out
    samples = _indexed(container, video)
    frame: VideoFrame | None = None
    times: list[int] = []
    length = 0
    with contextlib.suppress(av.FFmpegError, EOFError, ValueError):
        for packet in container.demux(video):
            with contextlib.suppress(av.FFmpegError, EOFError, ValueError):
                frame = frame or next(iter(packet.decode()), None)
            times += [packet.pts] if packet.pts is not None else []
            length += packet.size
            if (frame and samples) or len(times) >= WINDOW or length > MOST_BYTES:
                return Opening(frame, samples or [in_order(times, is_complete=False)])
    return Opening(frame, samples or [in_order(times, is_complete=True)])


def _indexed(container: InputContainer, video: VideoStream) -> list[list[int]]:
    """Times from the index that such files have of every frame, without reading any: at the beginning, middle and end."""
    entries = video.index_entries
    count = len(entries)
    if "mov" not in container.format.name or count < WINDOW:
        return []
    starts = sorted({0, (count - WINDOW) // 2, count - WINDOW})
    return [[entry.timestamp for entry in entries[start : start + WINDOW]] for start in starts]
