"""The proxy service, put together."""

from functools import partial

from faststream.asgi import AsgiFastStream

from services.proxy.clips import handlers as clips
from services.proxy.clips.cleaning import Cleaner
from services.proxy.clips.cutter import Cutter
from services.proxy.handlers import Resources, on_renditions_wanted
from services.proxy.image_worker import ImageWorkshop
from services.proxy.reconcile import handlers as reconcile
from services.proxy.renderer import Renderer
from services.proxy.settings import ProxySettings
from shared import topology
from shared.contracts import ClipRequested, FileIngested, ProxyRequested, ReconcileApproved, ReconcileRequested
from shared.media_nvenc import MachineEncoder
from shared.messaging import Subscription
from shared.service import Platform, worker
from shared.workspace import sweep

CLIPS_AT_ONCE = 2
"""Cut at a time: somebody waits for each, and most take seconds."""


def build(platform: Platform) -> AsgiFastStream:
    """The service on a platform, nothing started."""
    settings = ProxySettings()
    workshop = ImageWorkshop(settings)
    encoder = MachineEncoder(settings.encoder)
    renderer = Renderer(workshop, limits=settings.media_limits, pixels=settings.image_pixels, choice=encoder.choice)
    resources = Resources(platform, renderer)
    cutting = clips.Resources(platform, Cutter(settings.media_limits, encoder.choice))
    cleaner = Cleaner(platform.database, platform.blobs, interval=settings.clip_cleaning_interval)
    sweep()
    make = partial(on_renditions_wanted, resources=resources)
    subscriptions = [
        Subscription(topology.PROXY, {FileIngested: make, ProxyRequested: make}, workers=settings.workers),
        Subscription(topology.PROXY_EXPRESS, {ProxyRequested: make}),
        Subscription(
            topology.RECONCILE,
            {
                ReconcileRequested: partial(reconcile.on_reconcile_requested, platform=platform),
                ReconcileApproved: partial(reconcile.on_reconcile_approved, platform=platform),
            },
            on_buried=reconcile.on_buried,
        ),
        Subscription(
            topology.CLIPS,
            {ClipRequested: partial(clips.on_clip_requested, resources=cutting)},
            workers=CLIPS_AT_ONCE,
            on_buried=clips.on_buried,
        ),
    ]
    return worker(platform, subscriptions, [workshop, encoder, cleaner.running()])
