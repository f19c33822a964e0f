"""What the proxy service does for share links: cuts the span that is shared, once, whoever shares it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from services.proxy.clips import repository
from services.proxy.clips.cutter import Cutter
from services.proxy.clips.repository import Clip
from services.proxy.clips.waiting import require_wanted, waited_for
from services.proxy.original import fetched
from shared import jobs, outbox, topology
from shared.blobs import Blobs
from shared.clips import CONTENT_TYPES, EXTENSIONS
from shared.contracts import ClipFailed, ClipReady, ClipRequested, Kind
from shared.database import Connection
from shared.errors import AlreadyApplied, Conflict, NotFound, Superseded
from shared.service import Platform
from shared.working import Report
from shared.workspace import workspace

CHANGED = "The file was changed after the link was made, and the link is of what it was. Make a new link."


@dataclass(frozen=True)
class Resources:
    """What the handlers work with."""

    platform: Platform
    cutter: Cutter


async def on_clip_requested(event: ClipRequested, resources: Resources) -> None:
    """Cut a clip and put it into the object store; one that is there already is taken as it is."""
    platform = resources.platform
    clip = await begin(event, platform)
    with workspace() as folder:
        work = partial(made, clip, folder, resources)
        size = await waited_for(platform.database, clip, work)
    async with platform.effects.once(event) as effect:
        await repository.hold(effect.connection, clip.job_id)
        if not await jobs.finish(effect.connection, clip.job_id, "done"):
            raise Superseded(clip.file_id, clip.revision)
        await repository.save(effect.connection, clip.job_id, size)
        await effect.emit(ClipReady(job_id=clip.job_id, object_key=clip.key))


async def on_buried(connection: Connection, event: ClipRequested, reason: str) -> None:
    """Say that a clip was given up, unless its job has ended."""
    if await jobs.finish(connection, event.job_id, "failed", reason):
        await outbox.enqueue(connection, ClipFailed(job_id=event.job_id, reason=reason), source=topology.CLIPS.durable)


async def begin(event: ClipRequested, platform: Platform) -> Clip:
    """The clip, its job noted as running.

    Raises AlreadyApplied if the job has ended or its clip is forgotten, Superseded if no link shares it, Conflict if the file
    has another content by now, NotFound if there is no such job.
    """
    async with platform.database.connection() as connection:
        job = await jobs.find(connection, event.job_id)
        clip = await repository.find(connection, event.job_id)
        if clip is None or job.state in {"done", "cancelled"}:
            raise AlreadyApplied(event.id)
        await jobs.start(connection, event.job_id)
    await require_wanted(platform.database, clip)
    if clip.present != clip.revision:
        raise Conflict(CHANGED)
    return clip


async def made(clip: Clip, folder: Path, resources: Resources, report: Report) -> int:
    """Have the clip in the object store; its bytes."""
    blobs = resources.platform.blobs
    if (stored := await stored_size(clip.key, blobs)) is not None:
        return stored
    proxy = await proxy_of(clip, folder, resources, report)
    kind = Kind(clip.kind)
    cut = await resources.cutter.cut(proxy, clip.starts, clip.ends, folder / f"clip.{EXTENSIONS[kind]}", report)
    await blobs.put_file(cut, clip.key, CONTENT_TYPES[kind])
    return cut.stat().st_size


async def stored_size(key: str, blobs: Blobs) -> int | None:
    """Bytes of an object; None if it is not there."""
    try:
        return await blobs.size(key)
    except NotFound:
        return None


async def proxy_of(clip: Clip, folder: Path, resources: Resources, report: Report) -> Path:
    """The file's proxy, or what would be one where none is."""
    blobs = resources.platform.blobs
    if clip.proxy_key is None:
        return await resources.cutter.proxy_of(await fetched(clip.original, folder, blobs), folder, report)
    proxy = folder / f"proxy{Path(clip.proxy_key).suffix}"
    await blobs.get_file(clip.proxy_key, proxy)
    return proxy
