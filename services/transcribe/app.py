"""The transcription service, put together."""

from functools import partial

from faststream.asgi import AsgiFastStream

from services.transcribe.handlers import Resources, on_proxy_failed, on_proxy_ready
from services.transcribe.settings import TranscribeSettings, WhisperSettings
from services.transcribe.whisper import Whisper
from shared import topology
from shared.contracts import Event, ProxyFailed, ProxyReady
from shared.messaging import Handler, Subscription
from shared.service import Platform, worker
from shared.workspace import sweep


def build(platform: Platform) -> AsgiFastStream:
    """The service on a platform, nothing started and no model loaded."""
    workers = TranscribeSettings().workers
    resources = Resources(platform, Whisper(WhisperSettings(), workers=workers))
    sweep()
    reactions: dict[type[Event], Handler] = {
        ProxyReady: partial(on_proxy_ready, resources=resources),
        ProxyFailed: partial(on_proxy_failed, resources=resources),
    }
    return worker(platform, [Subscription(topology.TRANSCRIBE, reactions, workers=workers)])
