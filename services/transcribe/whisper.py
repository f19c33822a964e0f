"""faster-whisper: one model in memory per process, loaded when the first file comes."""

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import structlog
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import decode_audio

from services.transcribe.models import ModelMissing, Models
from services.transcribe.sentences import tidied
from services.transcribe.settings import WhisperSettings
from services.transcribe.transcript import Segment, Transcript, Word
from shared.errors import Permanent

RATE = 16000
"""Samples per second that Whisper hears."""
LOG_EVERY = 10.0
"""Seconds between two lines about the progress of a long file."""

log = structlog.get_logger()


class WrongCompute(Permanent):
    """The machine cannot compute as the settings ask."""


class Whisper:
    """The Transcriber by faster-whisper. Any number of files at a time may share it."""

    def __init__(self, settings: WhisperSettings, *, workers: int = 1) -> None:
        self._settings = settings
        self._workers = workers
        self._models = Models()
        self._lock = threading.Lock()
        self._model: Any = None

    @property
    def model(self) -> str:
        """The model's name."""
        return self._settings.label

    @property
    def decoding(self) -> dict[str, object]:
        """The settings that change what is written down."""
        return self._settings.decoding()

    async def transcribe(self, audio: Path) -> Transcript:
        """The transcript of an audio file; raises ModelMissing or WrongCompute. Cancelling stops within a batch."""
        stop = threading.Event()
        try:
            return await asyncio.to_thread(self._transcribe, audio, stop)
        finally:
            stop.set()

    def _transcribe(self, path: Path, stop: threading.Event) -> Transcript:
        model = self._loaded()
        audio = decode_audio(str(path), sampling_rate=RATE)
        duration = len(audio) / RATE
        settings = self._settings
        # A pipeline of its own for each file: it remembers where the speech ended.
        segments, info = BatchedInferencePipeline(model).transcribe(
            audio,
            language=settings.language,
            beam_size=settings.beam_size,
            batch_size=settings.batch_size,
            chunk_length=settings.chunk_length,
            condition_on_previous_text=False,
            without_timestamps=False,
            word_timestamps=True,
            vad_filter=settings.vad,
            clip_timestamps=None if settings.vad else windows(duration, settings.chunk_length),
        )
        return Transcript(info.language, duration, tidied(followed(segments, duration, stop), duration))

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                began = time.monotonic()
                self._model = load(self._models.find(self._settings.model), self._settings, self._workers)
                log.info("model loaded", model=self.model, seconds=round(time.monotonic() - began, 2))
            return self._model


def load(folder: str, settings: WhisperSettings, workers: int) -> Any:
    """The model on the device of the settings, by itself on the processor if the graphics card does not work."""
    try:
        if settings.device == "cpu" or (settings.device == "auto" and not ctranslate2.get_cuda_device_count()):
            return _model(folder, "cpu", settings, workers)
        try:
            return _proved(_model(folder, "cuda", settings, workers))
        except RuntimeError as error:
            if settings.device == "cuda":
                raise
            log.warning("the graphics card cannot be used, the processor is", reason=str(error))
            return _model(folder, "cpu", settings, workers)
    except ValueError as error:
        raise WrongCompute(
            f"This machine cannot compute as SPILLWAY_WHISPER_COMPUTE_TYPE={settings.compute_type} asks: {error} "
            "Leave the setting at `default`."
        ) from error
    except RuntimeError as error:
        raise ModelMissing(
            f'The speech model "{settings.label}" cannot be loaded: {error} Put the model in its place again, or set '
            "SPILLWAY_WHISPER_DEVICE=cpu if a graphics card is at fault."
        ) from error


def _model(folder: str, device: str, settings: WhisperSettings, workers: int) -> Any:
    compute_type = "int8" if (device, settings.compute_type) == ("cpu", "default") else settings.compute_type
    return WhisperModel(
        folder,
        device=device,
        compute_type=compute_type,
        cpu_threads=settings.threads_for(workers),
        num_workers=workers,
        local_files_only=True,
    )


def _proved(model: Any) -> Any:
    """The model after one encoding: a graphics card whose libraries are missing fails only then."""
    model.encode(np.zeros((model.model.n_mels, 2 * model.feature_extractor.nb_max_frames // 2), dtype=np.float32))
    return model


def windows(duration: float, length: float) -> list[dict[str, float]]:
    """The whole file in pieces of `length` seconds, for decoding without voice detection."""
    starts = [float(start) for start in np.arange(0.0, duration, length)]
    return [{"start": start, "end": min(start + length, duration)} for start in starts]


def followed(segments: Any, duration: float, stop: threading.Event) -> Iterator[Segment]:
    """faster-whisper's segments as ours, with a line in the log now and then, until there are no more or `stop` is set."""
    due = time.monotonic() + LOG_EVERY
    for segment in segments:
        if stop.is_set():
            return
        if time.monotonic() >= due:
            due = time.monotonic() + LOG_EVERY
            log.info("transcribing", seconds=round(segment.end, 1), of=round(duration, 1))
        yield Segment(
            segment.start,
            segment.end,
            plain(segment.text),
            tuple(Word(word.start, word.end, plain(word.word), word.probability) for word in segment.words or ()),
            segment.avg_logprob,
            segment.no_speech_prob,
        )


def plain(text: str) -> str:
    """Text that Postgres takes: a model may emit any byte, but NUL is no text."""
    return text.replace("\0", "")
