"""How loud a sound is from moment to moment, and where it is best cut."""

import numpy as np
import numpy.typing as npt

FRAME = 320
"""Samples per frame: 20 ms, shorter than any pause between words."""
FLOOR = -100.0
"""dB of full scale that stand for digital silence, whose logarithm is infinite."""
SMOOTH = 15
"""Frames over which loudness is levelled before a cut is chosen: 0.3 s, so that the stop inside a word is no pause."""
AS_QUIET = 3.0
"""dB above the quietest moment up to which a moment counts as just as quiet."""

Levels = npt.NDArray[np.float32]
"""Loudness per frame, in dB of full scale."""


def levels(samples: npt.NDArray[np.float32]) -> Levels:
    """The loudness of each whole frame."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.einsum("ij,ij->i", frames, frames) / FRAME
    loudness: Levels = np.maximum(10 * np.log10(power + 1e-10), FLOOR).astype(np.float32)
    return loudness


def level(heard: Levels, start: int, end: int) -> float:
    """The loudness between two samples, by the loudest tenth of its frames: speech is loud now and then, silence never."""
    frames = heard[start // FRAME : max(-(-end // FRAME), start // FRAME + 1)]
    return float(np.quantile(frames, 0.9)) if len(frames) else FLOOR


def pause(heard: Levels, earliest: int, latest: int) -> int:
    """The sample between two others at which a cut harms least: in the middle of the longest of the quietest stretches.

    Of two that are as long and as quiet it is the later one.
    """
    first, last = earliest // FRAME, latest // FRAME
    zone = heard[first:last]
    if not len(zone):
        return latest
    padded = np.pad(zone, (SMOOTH // 2, SMOOTH // 2), mode="edge")
    smooth = np.convolve(padded, np.full(SMOOTH, 1 / SMOOTH, dtype=np.float32), mode="valid")
    quiet = smooth <= smooth.min() + AS_QUIET
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False]))))
    starts, ends = edges[::2], edges[1::2]
    longest = len(starts) - 1 - int(np.argmax((ends - starts)[::-1]))
    return int((first + (starts[longest] + ends[longest]) / 2) * FRAME)
