"""The ingest service: its resources, and what it reacts to."""

from functools import partial

from faststream.asgi import AsgiFastStream

from services.ingest.batches import handlers as dispatch
from services.ingest.handlers import Resources, on_buried, on_import_approved, on_import_requested
from services.ingest.inspection.pool import Pool
from services.ingest.settings import IngestSettings
from services.ingest.uploads import handlers as uploads
from services.ingest.uploads.cleaning import Cleaner
from services.ingest.watching.watching import Watching
from shared import topology
from shared.contracts import BatchRequested, ImportApproved, ImportRequested, UploadCompleted
from shared.messaging import Subscription
from shared.service import Platform, worker
from shared.uploads import UploadSettings


def build(platform: Platform) -> AsgiFastStream:
    """Everything put together, nothing connected."""
    settings = IngestSettings()
    pool = Pool(settings.limits, processes=settings.inspectors, patience=settings.patience)
    resources = Resources(platform, pool)
    imports = Subscription(
        topology.INGEST,
        {
            ImportRequested: partial(on_import_requested, resources=resources),
            ImportApproved: partial(on_import_approved, resources=resources),
        },
        workers=settings.imports,
        on_buried=on_buried,
    )
    batches = Subscription(
        topology.BATCH,
        {BatchRequested: partial(dispatch.on_batch_requested, platform=platform)},
        workers=settings.batches,
        on_buried=dispatch.on_buried,
    )
    uploaded = Subscription(
        topology.UPLOADS,
        {UploadCompleted: partial(uploads.on_upload_completed, resources=uploads.Resources(platform, pool))},
        workers=settings.uploads,
        on_buried=uploads.on_buried,
    )
    cleaner = Cleaner(platform.database, platform.blobs, UploadSettings())
    watching = Watching(platform.database, platform.effects)
    return worker(platform, [imports, batches, uploaded], [pool, cleaner.running(), watching])
