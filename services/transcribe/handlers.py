"""What the transcription service does."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID

from services.transcribe import repository
from services.transcribe.diarizer import Installed
from services.transcribe.silence import NO_PROXY, why_silent, why_unheard
from services.transcribe.speakers import assigned
from services.transcribe.transcript import AS_SET, Making, Report, Transcriber, Transcript, Window
from shared import stages
from shared.contracts import (
    FileEvent,
    ProxyFailed,
    ProxyReady,
    Stage,
    StageState,
    TranscriptReady,
    TranscriptRequested,
    TranscriptSkipped,
)
from shared.service import Platform
from shared.transcription import TranscriptionOptions, options_of
from shared.working import carried_out
from shared.workspace import workspace


@dataclass(frozen=True)
class Resources:
    """What the handlers work with; without a diarizer nobody tells speakers apart."""

    platform: Platform
    transcriber: Transcriber
    diarizer: Installed | None = None

    def making(self, options: TranscriptionOptions) -> Making:
        """What a transcript with these options is made with."""
        making = self.transcriber.making(options)
        if self.diarizer is None:
            return making
        return replace(making, settings={**making.settings, "diarizer": self.diarizer.name})


async def on_proxy_ready(event: ProxyReady, resources: Resources) -> None:
    """Write down what is said in a file, or say why there is nothing to write down."""
    if not event.has_speech_track:
        await skip(event, why_silent(event.kind), resources)
    else:
        await transcribe(event, event.renditions["audio"], AS_SET, resources)


async def on_proxy_failed(event: ProxyFailed, resources: Resources) -> None:
    """Go on without a transcript."""
    await skip(event, NO_PROXY, resources)


async def on_transcript_requested(event: TranscriptRequested, resources: Resources) -> None:
    """Write down what is said in a file in the way that is asked for, or say why there is nothing to write down."""
    options = options_of(event.options)
    async with resources.platform.database.connection() as connection:
        sound = await repository.sound_of(connection, event)
    if sound.audio is None:
        await skip(event, why_unheard(event.kind, sound.proxy), resources)
    else:
        await transcribe(event, sound.audio, options, resources)


async def transcribe(event: FileEvent, key: str, options: TranscriptionOptions, resources: Resources) -> None:
    """Write down what is said in a file's 16 kHz audio."""
    platform, making = resources.platform, resources.making(options)
    async with platform.database.connection() as connection:
        await stages.require_pending(connection, event, Stage.TRANSCRIBE)
    with workspace() as folder:
        audio = folder / "speech.flac"
        await platform.blobs.get_file(key, audio)
        work = partial(listen, event, audio, options, resources)
        transcript = await carried_out(platform.database, event, Stage.TRANSCRIBE, work)
    async with platform.effects.once(event) as effect:
        transcript_id, segments = await repository.save(effect.connection, event, making, transcript)
        await stages.settle(effect.connection, event, Stage.TRANSCRIBE, StageState.DONE)
        await effect.emit(ready(event, transcript_id, making.model, transcript.language, segments))


async def listen(
    event: FileEvent, audio: Path, options: TranscriptionOptions, resources: Resources, report: Report
) -> Transcript:
    """The transcript of an audio file, each window kept as it is done; goes on where an earlier worker was stopped."""
    database = resources.platform.database
    transcript_id = repository.transcript_id(event, resources.making(options))

    async def keep(window: Window) -> None:
        async with database.connection() as connection:
            await repository.keep_window(connection, event, transcript_id, window)

    async with database.connection() as connection:
        done = await repository.windows_of(connection, transcript_id)
    transcript = await resources.transcriber.transcribe(audio, options, done=done, keep=keep, report=report)
    if resources.diarizer is None:
        return transcript
    turns = await asyncio.to_thread(resources.diarizer.turns, audio)
    return replace(transcript, segments=assigned(transcript.segments, turns))


def ready(event: FileEvent, transcript_id: UUID, model: str, language: str, segments: int) -> TranscriptReady:
    """The event that says what was written down."""
    return TranscriptReady(
        file_id=event.file_id,
        revision=event.revision,
        kind=event.kind,
        run_id=event.run_id,
        transcript_id=transcript_id,
        model=model,
        language=language,
        segments=segments,
    )


async def skip(event: FileEvent, reason: str, resources: Resources) -> None:
    """Settle a file's transcription as skipped, and let the next stage go on."""
    async with resources.platform.effects.once(event) as effect:
        await stages.settle(effect.connection, event, Stage.TRANSCRIBE, StageState.SKIPPED, reason)
        skipped = TranscriptSkipped(
            file_id=event.file_id, revision=event.revision, kind=event.kind, run_id=event.run_id, reason=reason
        )
        await effect.emit(skipped)
