"""Uploads on their way into the library: each is fetched, looked at like a file of a folder, and taken or refused in words."""

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from services.ingest import repository
from services.ingest.inspection.pool import Inspects
from services.ingest.library import Existing, added, ingested
from services.ingest.outcome import Candidate, Inspected, Outcome, Rejected
from services.ingest.uploads import repository as uploads
from services.ingest.uploads.repository import Result, Upload
from shared import jobs, outbox, topology
from shared.contracts import UploadCompleted, UploadRejected
from shared.database import Connection
from shared.effects import Effect
from shared.errors import AlreadyApplied, BadMedia, NotFound
from shared.service import Platform
from shared.uploads import PREFIX, UploadState, numbered, split
from shared.workspace import workspace

GONE = "What was sent is no longer in the object store; upload the file again."
WAITING = {UploadState.COMPLETED, UploadState.FAILED}
"""States in which an upload is to be looked at; one that failed was sent again from the dead letters."""


@dataclass(frozen=True)
class Resources:
    """What the handler works with."""

    platform: Platform
    inspectors: Inspects


async def on_upload_completed(event: UploadCompleted, resources: Resources) -> None:
    """Look at an upload, and put it into the library or refuse it; what is not kept is removed from the object store."""
    platform = resources.platform
    upload = await begin(event, platform)
    with workspace() as folder:
        outcome = await look_at(await fetched(upload, folder, platform), resources.inspectors)
    async with platform.effects.once(event) as effect:
        result = await settle(upload, outcome, effect)
    if result.state != UploadState.STORED:
        await platform.blobs.delete([upload.object_key])


async def on_buried(connection: Connection, event: UploadCompleted, reason: str) -> None:
    """Say that an upload was given up; its bytes stay for a day, so that it can be tried again."""
    if await jobs.finish(connection, event.job_id, "failed", reason):
        await uploads.settle(connection, event.job_id, Result(UploadState.FAILED, reason))
        fact = UploadRejected(job_id=event.job_id, reason=reason)
        await outbox.enqueue(connection, fact, source=topology.UPLOADS.durable)


async def begin(event: UploadCompleted, platform: Platform) -> Upload:
    """The upload, its job noted as running; raises AlreadyApplied if it has been looked at, NotFound if there is none."""
    async with platform.database.connection() as connection:
        upload = await uploads.find(connection, event.job_id)
        if upload.state not in WAITING or upload.job_state in {"done", "cancelled"}:
            raise AlreadyApplied(event.id)
        await jobs.start(connection, upload.id)
    return upload


async def fetched(upload: Upload, folder: Path, platform: Platform) -> Path:
    """The upload as a file of its own name in the folder; raises BadMedia if its bytes are gone."""
    path = folder / upload.name
    try:
        await platform.blobs.get_file(upload.object_key, path)
    except NotFound as error:
        raise BadMedia(GONE) from error
    return path


async def look_at(path: Path, inspectors: Inspects) -> Outcome:
    """What the file turns out to be."""

    async def alone() -> AsyncGenerator[list[Candidate], None]:
        yield [Candidate(os.fsencode(path))]

    async with aclosing(alone()) as portions, aclosing(inspectors.inspect(portions)) as batches:
        [[outcome]] = [outcomes async for outcomes in batches]
    return outcome


async def settle(upload: Upload, outcome: Outcome, effect: Effect) -> Result:
    """Note what became of an upload and tell of it, in one transaction."""
    if isinstance(outcome, Rejected):
        result = Result(UploadState.REJECTED, outcome.reason)
        await effect.emit(UploadRejected(job_id=upload.id, reason=outcome.reason))
        await jobs.finish(effect.connection, upload.id, "failed", outcome.reason)
    else:
        await repository.lock_library(effect.connection)
        twin = (await repository.files_of(effect.connection, [outcome.fingerprint])).get(outcome.fingerprint)
        # Of a file that is missing the content is gone: an upload brings it back.
        result = same_as(twin) if twin and not twin.is_missing else await take_in(upload, outcome, effect)
        await jobs.finish(effect.connection, upload.id, "done")
    await uploads.settle(effect.connection, upload.id, result)
    return result


async def take_in(upload: Upload, file: Inspected, effect: Effect) -> Result:
    """Put an upload into the library under a name that is free, and begin its way through the pipeline."""
    path = await free_path(upload.name, effect.connection)
    modified_ns = int(upload.created_at.timestamp() * 1e9) if upload.last_modified is None else upload.last_modified * 1_000_000
    entry = added(replace(file, path_raw=path.encode(), modified_ns=modified_ns), PREFIX.rstrip("/"))
    await repository.write_files(effect.connection, [entry])
    await uploads.note_key(effect.connection, entry.id, upload.object_key)
    await repository.begin_stages(effect.connection, [entry])
    await effect.emit(ingested(entry))
    return Result(UploadState.STORED, file_id=entry.id, path=path, kind=file.description.kind)


async def free_path(name: str, connection: Connection) -> str:
    """The path for a file of this name: of those that are called the same, each but the first has a number."""
    taken = await uploads.paths_from(connection, PREFIX + split(name)[0])
    return next(path for number in count(1) if (path := PREFIX + numbered(name, number)) not in taken)


def same_as(twin: Existing) -> Result:
    """The end of an upload whose content the library has already."""
    note = f"The library has this content already, as {twin.path}; the upload was not kept."
    return Result(UploadState.DUPLICATE, note, twin.id, kind=twin.kind)
