"""faster-whisper: one model in memory per process, loaded when the first file comes."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

from services.transcribe.listening import Listening
from services.transcribe.loading import Loader, unload
from services.transcribe.resident import Resident
from services.transcribe.settings import WhisperSettings
from services.transcribe.transcript import AS_SET, Keep, Making, Report, Transcript, Window
from shared.transcription import TranscriptionOptions


class Whisper:
    """The Transcriber by faster-whisper. Any number of files at a time may share it."""

    def __init__(self, settings: WhisperSettings, *, workers: int = 1) -> None:
        self._settings = settings
        self._models = Resident(Loader(settings, workers).load, unload)

    def making(self, options: TranscriptionOptions = AS_SET) -> Making:
        """What a transcript with these options is made with."""
        settings = self._settings.asked(options)
        return Making(settings.label, settings.task, settings.decoding())

    async def transcribe(
        self,
        audio: Path,
        options: TranscriptionOptions = AS_SET,
        *,
        done: Sequence[Window] = (),
        keep: Keep | None = None,
        report: Report | None = None,
    ) -> Transcript:
        """The transcript of an audio file; raises BadMedia, Invalid, ModelMissing or WrongCompute, or as `keep` does.

        Cancelling stops within a batch.
        """
        stop, loop = threading.Event(), asyncio.get_running_loop()

        def keep_in_loop(window: Window) -> None:
            if keep is not None:
                asyncio.run_coroutine_threadsafe(_kept(keep, window), loop).result()

        listening = Listening(self._settings.asked(options), self._models, keep_in_loop, report or _unseen, stop)
        try:
            return await asyncio.to_thread(listening.through, audio, done)
        finally:
            stop.set()


async def _kept(keep: Keep, window: Window) -> None:
    await keep(window)


def _unseen(done: float, total: float | None) -> None:
    """Nobody looks."""
