"""Uploads from their beginning to the moment when all bytes are there: what the object store and the rows have to agree on.

The object store is asked first and the row is written last, so that whatever is cut short can be done again.
"""

from collections.abc import Sequence
from uuid import UUID

from services.search.resources import Resources
from services.search.uploads import repository
from services.search.uploads.checks import Named, chosen
from services.search.uploads.repository import Beginning, Upload
from shared.blobs import Blobs
from shared.contracts import UploadCompleted
from shared.errors import Conflict, NotFound
from shared.identifiers import new_id
from shared.parts import Part
from shared.uploads import UploadRequest, UploadState, object_key

CONTENT_TYPE = "application/octet-stream"
"""Of every upload: what a sender says of a file is not to be believed by whoever opens it."""
CALLED_OFF = "The upload was called off."
LOST = "The object store no longer has what was sent; call this upload off and begin it again."
TOO_LATE = "All of this upload has come, and it is being looked at or has been; it can no longer be called off."
JOINED = "joined"
"""The etag of every part of an object that is joined but not noted: nobody has to name them any more."""


async def begin(resources: Resources, request: UploadRequest, part_size: int, asked_by: str) -> tuple[Upload, bool]:
    """The upload of this file, and whether it was begun before: one that was broken off is found by name, size and time."""
    if same := await find_same(resources, request, part_size):
        return same, True
    beginning = await _begun(resources.platform.blobs, request.name, part_size)
    async with resources.platform.database.transaction() as connection:
        lifetime = resources.uploads.lifetime
        added = await repository.add(connection, beginning, request, lifetime=lifetime, asked_by=asked_by)
    if added:
        return await find(resources, beginning.id), False
    await resources.platform.blobs.drop_parts(beginning.key, beginning.multipart_id)
    return await begin(resources, request, part_size, asked_by)


async def find_same(resources: Resources, request: UploadRequest, part_size: int) -> Upload | None:
    """The upload of the same file that can go on; one that the object store has lost is called off."""
    async with resources.platform.database.connection() as connection:
        same = await repository.find_same(connection, request, part_size, lifetime=resources.uploads.lifetime)
    if same is None:
        return None
    try:
        await held(resources.platform.blobs, same)
    except Conflict:
        await call_off(resources, same.id)
        return None
    return same


async def find(resources: Resources, upload_id: UUID) -> Upload:
    """An upload; raises NotFound."""
    async with resources.platform.database.connection() as connection:
        return await repository.find(connection, upload_id)


async def renewed(resources: Resources, upload_id: UUID) -> Upload:
    """An upload that waits for its parts, given more time; raises NotFound, or Conflict if it waits no more."""
    async with resources.platform.database.connection() as connection:
        upload = await repository.renew(connection, upload_id, lifetime=resources.uploads.lifetime)
    return upload or require_open(await find(resources, upload_id))


def require_open(upload: Upload) -> Upload:
    """The upload, if it waits for its parts; raises Conflict."""
    if upload.state == UploadState.OPEN:
        return upload
    if upload.state in {UploadState.ABORTED, UploadState.EXPIRED}:
        raise Conflict(f"{upload.note or CALLED_OFF} Begin it again.")
    raise Conflict("All of this upload has come; it takes no more parts.")


async def held(blobs: Blobs, upload: Upload) -> list[Part]:
    """The parts that are there and whole; raises Conflict if the object store has lost the upload."""
    if upload.size is None:
        return await blobs.parts(upload.object_key, upload.multipart_id)
    try:
        return upload.cut.usable(await blobs.parts(upload.object_key, upload.multipart_id))
    except NotFound:
        await require_joined(blobs, upload)
    return [Part(number, upload.cut.size_of(number), JOINED) for number in range(1, upload.cut.count + 1)]


async def require_joined(blobs: Blobs, upload: Upload) -> None:
    """Raise Conflict unless the object is there with all its bytes."""
    try:
        size = await blobs.size(upload.object_key)
    except NotFound as error:
        raise Conflict(LOST) from error
    if size != upload.size:
        raise Conflict(LOST)


async def complete(resources: Resources, upload_id: UUID, named: Sequence[Named]) -> None:
    """Join the parts that are named, and have the upload looked at; a second time changes nothing.

    Raises NotFound, or Conflict if the parts are not what was announced, or the upload was called off.
    """
    upload = await find(resources, upload_id)
    if upload.state in {UploadState.OPEN, UploadState.ABORTED, UploadState.EXPIRED}:
        await join(resources.platform.blobs, require_open(upload), named)
        await note_complete(resources, upload)


async def join(blobs: Blobs, upload: Upload, named: Sequence[Named]) -> None:
    """Make the object of its parts; nothing if that has been done, by a call that did not come to its end."""
    try:
        stored = await blobs.parts(upload.object_key, upload.multipart_id)
        await blobs.join_parts(upload.object_key, upload.multipart_id, chosen(named, stored, upload.cut))
    except NotFound:
        pass  # joined already, or lost, which is told apart by the object
    await require_joined(blobs, upload)


async def note_complete(resources: Resources, upload: Upload) -> None:
    """Note that all bytes are there, and tell of it; raises Conflict if the upload was called off meanwhile."""
    assert upload.size is not None
    async with resources.platform.effects.begin() as effect:
        if await repository.complete(effect.connection, upload.id, upload.size):
            await effect.emit(UploadCompleted(job_id=upload.id))
            return
    now = await find(resources, upload.id)
    if now.state in {UploadState.ABORTED, UploadState.EXPIRED}:
        await resources.platform.blobs.delete([upload.object_key])
        require_open(now)


async def call_off(resources: Resources, upload_id: UUID, note: str = CALLED_OFF) -> None:
    """Forget an upload that waits for its parts; a second time changes nothing. Raises NotFound, or Conflict if it has come."""
    async with resources.platform.database.transaction() as connection:
        await repository.abort(connection, upload_id, note)
        upload = await repository.find(connection, upload_id)
    if upload.state not in {UploadState.ABORTED, UploadState.EXPIRED}:
        raise Conflict(TOO_LATE)
    await resources.platform.blobs.drop_parts(upload.object_key, upload.multipart_id)
    await resources.platform.blobs.delete([upload.object_key])


async def _begun(blobs: Blobs, name: str, part_size: int) -> Beginning:
    upload_id = new_id()
    key = object_key(upload_id, name)
    return Beginning(upload_id, key, await blobs.begin_parts(key, CONTENT_TYPE), part_size)
