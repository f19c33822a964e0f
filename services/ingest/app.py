"""The ingest service: its resources, and what it reacts to."""

from functools import partial

from faststream.asgi import AsgiFastStream

from services.ingest.handlers import Resources, on_buried, on_import_requested
from services.ingest.pool import Pool
from services.ingest.settings import IngestSettings
from shared import topology
from shared.contracts import ImportRequested
from shared.messaging import Subscription
from shared.service import Platform, worker


def build(platform: Platform) -> AsgiFastStream:
    """Everything put together, nothing connected."""
    settings = IngestSettings()
    pool = Pool(settings.limits, processes=settings.inspectors, patience=settings.patience)
    resources = Resources(platform, pool)
    imports = Subscription(
        topology.INGEST,
        {ImportRequested: partial(on_import_requested, resources=resources)},
        workers=settings.imports,
        on_buried=on_buried,
    )
    return worker(platform, [imports], [pool])
