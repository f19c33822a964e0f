"""What the proxy service does."""

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from services.proxy import repository
from services.proxy.original import fetched
from services.proxy.renderer import Renderer
from services.proxy.renditions import Rendered, Source, key
from shared import stages
from shared.blobs import Blobs
from shared.contracts import FileIngested, ProxyReady, ProxyRequested, Stage, StageState
from shared.service import Platform
from shared.working import Report, carried_out
from shared.workspace import workspace


@dataclass(frozen=True)
class Resources:
    """What the handlers work with."""

    platform: Platform
    renderer: Renderer


async def on_renditions_wanted(event: FileIngested | ProxyRequested, resources: Resources) -> None:
    """Make a file's renditions: it has come into the library, or somebody asks for them."""
    platform = resources.platform
    async with platform.database.connection() as connection:
        source = await repository.load_source(connection, event)
    with workspace() as folder:
        work = partial(make, source, folder, resources)
        rendered, keys = await carried_out(platform.database, event, Stage.PROXY, work)
    async with platform.effects.once(event) as effect:
        await repository.save(effect.connection, source, rendered)
        await stages.settle(effect.connection, event, Stage.PROXY, StageState.DONE, rendered.reason)
        await effect.emit(ready(event, keys))


async def make(source: Source, folder: Path, resources: Resources, report: Report) -> tuple[Rendered, dict[str, str]]:
    """Make the renditions in the folder and put them into the object store; what was made, and its keys by name."""
    blobs = resources.platform.blobs
    rendered = await resources.renderer.render(await fetched(source, folder, blobs), folder, report)
    return rendered, await store(blobs, source, rendered)


def ready(event: FileIngested | ProxyRequested, keys: dict[str, str]) -> ProxyReady:
    """The event that says where a file's renditions are."""
    return ProxyReady(
        file_id=event.file_id,
        revision=event.revision,
        kind=event.kind,
        run_id=event.run_id,
        renditions=keys,
        has_speech_track="audio" in keys,
    )


async def store(blobs: Blobs, source: Source, rendered: Rendered) -> dict[str, str]:
    """Put every rendition into the object store; their keys by name."""
    keys = {rendition.name: key(source, rendition) for rendition in rendered.renditions}
    await asyncio.gather(*(blobs.put_file(made.path, keys[made.name], made.content_type) for made in rendered.renditions))
    return keys
