"""How much memory a long file takes: no more than a short one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.demo.command import MODEL
from cli.local.settings import PROJECT_ROOT
from tests.support.media import run_ffmpeg
from tests.support.speech import TWO_SENTENCES

MINUTES = 60
MOST_MORE = 60.0
"""MB that an hour may take beyond ten minutes; decoded whole, it would be 180 MB and more."""

LISTEN = """
import asyncio, resource, sys
from pathlib import Path
from services.transcribe.settings import WhisperSettings
from services.transcribe.whisper import Whisper
settings = WhisperSettings(model=sys.argv[2], chunk_length=15, device="cpu", language="en")
transcript = asyncio.run(Whisper(settings).transcribe(Path(sys.argv[1])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, transcript.duration, len(transcript.segments))
"""


def sparse(path: Path, minutes: int) -> Path:
    """Two sentences a minute, and silence."""
    run_ffmpeg("-i", TWO_SENTENCES, "-af", "apad=whole_dur=60", path.with_suffix(".minute.flac"))
    run_ffmpeg(
        "-stream_loop", str(minutes - 1), "-i", path.with_suffix(".minute.flac"), "-c", "copy", path.with_suffix(".raw.flac")
    )
    run_ffmpeg("-i", path.with_suffix(".raw.flac"), path)
    return path


def listen(path: Path) -> tuple[float, float, int]:
    """Most memory (MB) that a process of its own takes for a file, the seconds it heard, and the segments."""
    command = [sys.executable, "-c", LISTEN, str(path), str(MODEL)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    memory, seconds, segments = ran.stdout.splitlines()[-1].split()
    return float(memory), float(seconds), int(segments)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts memory in another way")
@pytest.mark.timeout(300)
def test_an_hour_takes_no_more_memory_than_ten_minutes(tmp_path: Path) -> None:
    short, _, _ = listen(sparse(tmp_path / "short.flac", 10))
    long, seconds, segments = listen(sparse(tmp_path / "long.flac", MINUTES))
    assert seconds == pytest.approx(60 * MINUTES, abs=1)
    assert segments == pytest.approx(2 * MINUTES, abs=MINUTES / 4)
    assert long - short < MOST_MORE
