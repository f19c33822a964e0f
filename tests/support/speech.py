"""Long real speech, made of the demo's samples."""

import random
from pathlib import Path

from tests.support.media import run_ffmpeg

SPOKEN = ("grotto_walkthrough.mp4", "customer_interview.mov", "concert_evening.mp4", "cup_highlights.mp4", "launch_night.mp4")
TWO_SENTENCES = Path(__file__).parents[1] / "data" / "speech" / "two_sentences.flac"


def narration(samples: Path, path: Path, *, seconds: float, seed: int = 1) -> Path:
    """So many seconds of the samples' speech, in ever new order, as the 16 kHz FLAC that the proxy stage leaves."""
    parts = [extracted(next(samples.rglob(name)), path.parent / f"{name}.flac") for name in SPOKEN]
    shuffle, order = random.Random(seed).shuffle, list[Path]()
    for _ in range(int(seconds // 20) + 1):
        shuffle(parts)
        order += parts
    listing = path.with_suffix(".txt")
    listing.write_text("".join(f"file '{part}'\n" for part in order))
    run_ffmpeg("-f", "concat", "-safe", "0", "-i", listing, "-t", str(seconds), path)
    return path


def extracted(source: Path, path: Path) -> Path:
    """The sound of a file, as the proxy stage leaves it."""
    run_ffmpeg("-i", source, "-vn", "-ac", "1", "-ar", "16000", "-sample_fmt", "s16", path)
    return path
