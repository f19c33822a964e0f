"""The transcription service, put together."""

from functools import partial

from faststream.asgi import AsgiFastStream

from services.transcribe import diarizer
from services.transcribe.handlers import Resources, on_proxy_failed, on_proxy_ready, on_transcript_requested
from services.transcribe.settings import TranscribeSettings, WhisperSettings
from services.transcribe.whisper import Whisper
from shared.contracts import ProxyFailed, ProxyReady, TranscriptRequested
from shared.messaging import Subscription
from shared.service import Platform, worker
from shared.topology import TRANSCRIBE, TRANSCRIBE_EXPRESS
from shared.workspace import sweep

EXPRESS = 1
"""Workers for what somebody waits for: it is heard beside what the others are at, by the same model."""


def build(platform: Platform) -> AsgiFastStream:
    """The service on a platform, nothing started and no model loaded; raises Invalid for a diarizer that is not there."""
    settings = TranscribeSettings()
    whisper = Whisper(WhisperSettings(), workers=settings.workers + EXPRESS)
    resources = Resources(platform, whisper, diarizer.load(settings.diarizer))
    sweep()
    return worker(platform, subscriptions(resources, settings.workers))


def subscriptions(resources: Resources, workers: int) -> tuple[Subscription, ...]:
    """The reaction map of the service."""
    requested = partial(on_transcript_requested, resources=resources)
    return (
        Subscription(
            TRANSCRIBE,
            {
                ProxyReady: partial(on_proxy_ready, resources=resources),
                ProxyFailed: partial(on_proxy_failed, resources=resources),
                TranscriptRequested: requested,
            },
            workers=workers,
        ),
        Subscription(TRANSCRIBE_EXPRESS, {TranscriptRequested: requested}, workers=EXPRESS),
    )
