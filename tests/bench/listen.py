"""The process of one measurement of `bench transcribe`: a task on stdin, its figures and its words on stdout."""

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.vad import VadOptions

from cli.demo.command import MODEL
from services.transcribe.settings import WhisperSettings
from services.transcribe.whisper import Whisper
from shared.observability import configure
from shared.platform import run_async

Listen = Callable[[Path], list[str]]
"""The sentences or segments of a file."""

OURS, ONE_WINDOW, BY_HAND, UNBATCHED = "ours", "ours, in one window", "by hand", "unbatched"
SETTINGS = WhisperSettings(model=str(MODEL), chunk_length=15, device="cpu", compute_type="int8", language="en")


@dataclass(frozen=True)
class Task:
    """What a process is asked to measure: a side, on a file, after a shorter file that warms it up."""

    side: str
    audio: str
    warm_up: str


def ours(settings: WhisperSettings) -> Listen:
    """Our engine, end to end: from the FLAC to marked sentences."""
    whisper = Whisper(settings)
    return lambda path: [segment.text for segment in run_async(whisper.transcribe(path)).segments]


def by_hand() -> Listen:
    """faster-whisper's batched pipeline as its documentation calls it, with our settings."""
    pipeline = BatchedInferencePipeline(model())
    return lambda path: heard(pipeline.transcribe, path, batch_size=SETTINGS.batch_size, without_timestamps=False)


def unbatched() -> Listen:
    """faster-whisper without batches, with our settings."""
    vad = VadOptions(max_speech_duration_s=SETTINGS.chunk_length, min_silence_duration_ms=SETTINGS.vad_min_silence_ms)
    return partial(heard, model().transcribe, vad_filter=True, vad_parameters=vad)


def model() -> Any:
    """The model as our engine loads it."""
    threads = SETTINGS.threads_for(1)
    return WhisperModel(SETTINGS.model, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)


def heard(transcribe: Callable[..., Any], path: Path, **options: Any) -> list[str]:
    """The segments that faster-whisper makes of a file."""
    segments, _ = transcribe(
        str(path),
        language=SETTINGS.language,
        beam_size=SETTINGS.beam_size,
        chunk_length=SETTINGS.chunk_length,
        condition_on_previous_text=False,
        word_timestamps=True,
        **options,
    )
    return [segment.text for segment in segments]


SIDES: dict[str, Callable[[], Listen]] = {
    OURS: partial(ours, SETTINGS),
    ONE_WINDOW: partial(ours, SETTINGS.model_copy(update={"window": 3600})),
    BY_HAND: by_hand,
    UNBATCHED: unbatched,
}


def measure(task: Task) -> dict[str, Any]:
    """Seconds, processor seconds, most memory in MB, and the words, after a file that loads and warms everything."""
    listen = SIDES[task.side]()
    listen(Path(task.warm_up))
    began, busy = time.perf_counter(), time.process_time()
    texts = listen(Path(task.audio))
    figures = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - busy}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**figures, "memory": memory, "words": " ".join(texts).split()}


def main() -> None:
    """Measure what stdin asks for."""
    configure("bench", level="WARNING", style="console")
    json.dump(measure(Task(**json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()
