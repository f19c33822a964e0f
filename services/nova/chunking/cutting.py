"""Takes stretches of a proxy without decoding them, and without the sound, to which models that watch are deaf."""

import asyncio
from pathlib import Path
from typing import Final

import av

from services.nova.chunking.plan import Chunk
from shared.errors import BadMedia
from shared.media import run
from shared.media_encoders import OPTIONS, Encoder
from shared.media_faults import MediaFailed
from shared.media_graph import opened

CLIP: Final = "clip{}.mp4"
COPIED: Final = ("-c", "copy")
ENCODED: Final = (
    *(word for name, value in OPTIONS[Encoder.X264].items() for word in (f"-{name}", str(value))),
    "-pix_fmt",
    "yuv420p",
)
"""For the rare chunk that begins between key frames: a copy would hide the frames before its beginning with an edit list,
and a model need not heed that."""
PLAIN: Final = ("-map", "0:V:0", "-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4")
"""The picture alone, with neither tags nor chapters, and its index in front."""
UNREADABLE: Final = (
    "The proxy of this file cannot be read. Make it anew with ./spillway batch proxy --force, then analyse it again."
)


def keyframes(proxy: Path) -> tuple[float, ...]:
    """Seconds at which the picture can be entered, in order; raises BadMedia if there is no picture that can be read."""
    try:
        with av.open(str(proxy), metadata_errors="ignore") as container:
            # Every packet is read: where libav is told to leave out all others, key frames come with wrong times.
            packets = container.demux(container.streams.video[0])
            found = {float(one.pts * one.time_base) for one in packets if one.is_keyframe and one.pts is not None}
    except (av.FFmpegError, IndexError, OSError) as error:
        raise BadMedia(UNREADABLE) from error
    return tuple(sorted(found))


async def cut(proxy: Path, chunk: Chunk | None, folder: Path) -> Path:
    """A clip of one chunk, or of the whole proxy if there is none: its second 0 is the chunk's start.

    It is copied where the chunk begins at a key frame, else encoded. Raises BadMedia if the proxy cannot be read, or what `run`
    raises of passing trouble.
    """
    clip = folder / CLIP.format("" if chunk is None else f"-{chunk.number:03d}")
    await _run(arguments(proxy, chunk, COPIED, clip.name), folder)
    if chunk is not None and await asyncio.to_thread(_begins_early, clip):
        await _run(arguments(proxy, chunk, ENCODED, clip.name), folder)
    return clip


async def without_sound(proxy: Path, folder: Path) -> Path:
    """The picture of the whole proxy, without its sound."""
    return await cut(proxy, None, folder)


def arguments(proxy: Path, chunk: Chunk | None, how: tuple[str, ...], name: str) -> list[str]:
    """What to tell ffmpeg, which enters at the last key frame up to the chunk's start."""
    start, length = ([], []) if chunk is None else (["-ss", f"{chunk.start:.6f}"], ["-t", f"{chunk.length:.6f}"])
    return [*start, *opened(proxy), *length, *how, *PLAIN, name]


async def _run(words: list[str], folder: Path) -> None:
    try:
        await run(words, folder)
    except MediaFailed as error:
        raise BadMedia(UNREADABLE) from error


def _begins_early(clip: Path) -> bool:
    """Whether a clip holds frames from before its second 0."""
    try:
        with av.open(str(clip)) as container:
            first = next(container.demux(container.streams.video[0]))
            return first.pts is not None and first.pts < 0
    except (av.FFmpegError, IndexError) as error:
        raise BadMedia(UNREADABLE) from error
