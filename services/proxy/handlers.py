"""What the proxy service does."""

import asyncio
from dataclasses import dataclass

from services.proxy import repository
from services.proxy.renderer import Renderer
from services.proxy.renditions import Rendered, Source, key
from shared import stages
from shared.blobs import Blobs
from shared.contracts import FileIngested, ProxyReady, Stage, StageState
from shared.service import Platform
from shared.workspace import workspace


@dataclass(frozen=True)
class Resources:
    """What the handlers work with."""

    platform: Platform
    renderer: Renderer


async def on_file_ingested(event: FileIngested, resources: Resources) -> None:
    """Make a file's renditions."""
    platform = resources.platform
    async with platform.database.connection() as connection:
        source = await repository.load_source(connection, event.file_id, event.revision, has_audio=event.has_audio)
    with workspace() as folder:
        rendered = await resources.renderer.render(source, folder)
        keys = await store(platform.blobs, source, rendered)
    async with platform.effects.once(event) as effect:
        await repository.save(effect.connection, source, rendered)
        await stages.settle(effect.connection, event.file_id, event.revision, Stage.PROXY, StageState.DONE, rendered.reason)
        await effect.emit(ready(event, keys))


def ready(event: FileIngested, keys: dict[str, str]) -> ProxyReady:
    """The event that says where a file's renditions are."""
    return ProxyReady(
        file_id=event.file_id, revision=event.revision, kind=event.kind, renditions=keys, has_speech_track="audio" in keys
    )


async def store(blobs: Blobs, source: Source, rendered: Rendered) -> dict[str, str]:
    """Put every rendition into the object store; their keys by name."""
    keys = {rendition.name: key(source, rendition) for rendition in rendered.renditions}
    await asyncio.gather(*(blobs.put_file(made.path, keys[made.name], made.content_type) for made in rendered.renditions))
    return keys
