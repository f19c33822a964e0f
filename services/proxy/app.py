"""The proxy service, put together."""

from functools import partial

from faststream.asgi import AsgiFastStream

from services.proxy.handlers import Resources, on_file_ingested
from services.proxy.image_worker import ImageWorkshop
from services.proxy.renderer import Renderer
from services.proxy.settings import ProxySettings
from shared import topology
from shared.contracts import FileIngested
from shared.messaging import Subscription
from shared.service import Platform, worker
from shared.workspace import sweep


def build(platform: Platform) -> AsgiFastStream:
    """The service on a platform, nothing started."""
    settings = ProxySettings()
    workshop = ImageWorkshop(settings)
    renderer = Renderer(workshop, limits=settings.media_limits, pixels=settings.image_pixels)
    resources = Resources(platform, renderer)
    sweep()
    subscription = Subscription(
        topology.PROXY, {FileIngested: partial(on_file_ingested, resources=resources)}, workers=settings.workers
    )
    return worker(platform, [subscription], [workshop])
