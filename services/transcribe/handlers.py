"""What the transcription service does."""

from dataclasses import dataclass
from uuid import UUID

from services.transcribe import repository
from services.transcribe.silence import NO_PROXY, why_silent
from services.transcribe.transcript import Transcriber, Transcript
from shared import stages
from shared.contracts import FileEvent, ProxyFailed, ProxyReady, Stage, StageState, TranscriptReady, TranscriptSkipped
from shared.service import Platform
from shared.workspace import workspace


@dataclass(frozen=True)
class Resources:
    """What the handlers work with."""

    platform: Platform
    transcriber: Transcriber


async def on_proxy_ready(event: ProxyReady, resources: Resources) -> None:
    """Write down what is said in a file, or say why there is nothing to write down."""
    if not event.has_speech_track:
        await skip(event, why_silent(event.kind), resources)
    else:
        await transcribe(event, resources)


async def on_proxy_failed(event: ProxyFailed, resources: Resources) -> None:
    """Go on without a transcript."""
    await skip(event, NO_PROXY, resources)


async def transcribe(event: ProxyReady, resources: Resources) -> None:
    """Write down what is said in a file's 16 kHz audio."""
    platform, transcriber = resources.platform, resources.transcriber
    async with platform.database.connection() as connection:
        await repository.require_pending(connection, event.file_id, event.revision)
    with workspace() as folder:
        audio = folder / "speech.flac"
        await platform.blobs.get_file(event.renditions["audio"], audio)
        transcript = await transcriber.transcribe(audio)
    async with platform.effects.once(event) as effect:
        transcript_id = await repository.save(effect.connection, event, transcript, transcriber.model, transcriber.decoding)
        await stages.settle(effect.connection, event.file_id, event.revision, Stage.TRANSCRIBE, StageState.DONE)
        await effect.emit(ready(event, transcript_id, transcriber.model, transcript))


def ready(event: ProxyReady, transcript_id: UUID, model: str, transcript: Transcript) -> TranscriptReady:
    """The event that says what was written down."""
    return TranscriptReady(
        file_id=event.file_id,
        revision=event.revision,
        kind=event.kind,
        transcript_id=transcript_id,
        model=model,
        language=transcript.language,
        segments=len(transcript.segments),
    )


async def skip(event: FileEvent, reason: str, resources: Resources) -> None:
    """Settle a file's transcription as skipped, and let the next stage go on."""
    async with resources.platform.effects.once(event) as effect:
        await stages.settle(effect.connection, event.file_id, event.revision, Stage.TRANSCRIBE, StageState.SKIPPED, reason)
        await effect.emit(TranscriptSkipped(file_id=event.file_id, revision=event.revision, kind=event.kind, reason=reason))
