"""Routes of uploads: in parts that go straight to the object store by links, or in one request through the gateway."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from services.search.audit.notes import Noting
from services.search.identity.asking import Asking
from services.search.resources import Provided
from services.search.uploads import repository, taking
from services.search.uploads.checks import cut_of, hint_for, name_of
from services.search.uploads.limits import UploadLimits
from services.search.uploads.schemas import (
    PartLink,
    Upload,
    UploadAccepted,
    UploadBegun,
    UploadCompletion,
    UploadPart,
    UploadParts,
    UploadProgress,
    Uploads,
    UploadWanted,
)
from services.search.uploads.stream import hear_out, require_size, take
from shared.errors import Invalid, SpillwayError
from shared.parts import MOST_PARTS
from shared.uploads import UploadRequest, UploadState

MOST_LISTED = 500

router = APIRouter(prefix="/api/uploads", tags=["uploads"])


@router.post("", status_code=201)
async def begin_upload(resources: Provided, asking: Asking, notes: Noting, wanted: UploadWanted) -> UploadBegun:
    """Begin an upload in parts, or go on with one that was broken off."""
    name, cut, limits = name_of(wanted.name), cut_of(wanted.size, wanted.part_size), UploadLimits()
    require_size(wanted.size, limits.largest)
    request = UploadRequest(
        path=name, name=name, size=wanted.size, content_type=wanted.content_type, last_modified=wanted.last_modified
    )
    upload, resumed = await taking.begin(resources, request, cut.part_size, asking.name)
    notes.add(job_id=upload.id, resumed=resumed)
    return UploadBegun(
        upload_id=upload.id,
        job_id=upload.id,
        key=upload.object_key,
        name=name,
        size=cut.size,
        part_size=cut.part_size,
        part_count=cut.count,
        resumed=resumed,
        expires_at=upload.expires_at,
        hint=hint_for(name, cut.size, limits.by_kind),
    )


@router.get("")
async def list_uploads(resources: Provided) -> Uploads:
    """Uploads that wait for their parts."""
    async with resources.platform.database.connection() as connection:
        found = await repository.find_open(connection, MOST_LISTED)
    return Uploads(uploads=[Upload.model_validate(told(upload)) for upload in found])


@router.get("/{upload_id}")
async def get_upload(resources: Provided, upload_id: UUID) -> UploadProgress:
    """How far an upload is; once it is complete, its job tells more."""
    upload = await taking.find(resources, upload_id)
    parts = await taking.held(resources.platform.blobs, upload) if upload.state == UploadState.OPEN else []
    whole = upload.size or 0 if upload.state not in {UploadState.OPEN, UploadState.ABORTED, UploadState.EXPIRED} else 0
    return UploadProgress.model_validate(
        {**told(upload), "bytes": whole or sum(part.size for part in parts), "parts": len(parts)}
    )


@router.get("/{upload_id}/parts")
async def list_upload_parts(resources: Provided, upload_id: UUID) -> UploadParts:
    """The parts that need not be sent again."""
    upload = taking.require_open(await taking.find(resources, upload_id))
    parts = await taking.held(resources.platform.blobs, upload)
    return UploadParts(parts=[UploadPart(number=part.number, size=part.size, etag=part.etag) for part in parts])


@router.post("/{upload_id}/parts/{number}/link")
async def link_upload_part(resources: Provided, upload_id: UUID, number: Annotated[int, Path(ge=1, le=MOST_PARTS)]) -> PartLink:
    """Where to PUT a part; the object store's answer has its `ETag`, which completing the upload takes."""
    upload = await taking.renewed(resources, upload_id)
    if upload.size is None:
        raise Invalid("This upload comes by PUT in one request; it takes no parts.")
    if number > upload.cut.count:
        raise Invalid(f"This upload has the parts 1 to {upload.cut.count}, and none with the number {number}.")
    size, lifetime = upload.cut.size_of(number), resources.uploads.link_lifetime
    url = await asyncio.to_thread(
        lambda: resources.platform.blobs.part_link(upload.object_key, upload.multipart_id, number, size, lifetime=lifetime)
    )
    return PartLink(url=url, number=number, size=size, expires_in=lifetime)


@router.post("/{upload_id}/complete", status_code=202)
async def complete_upload(resources: Provided, upload_id: UUID, completion: UploadCompletion) -> UploadAccepted:
    """Say that every part is there: the file is then looked at, and comes into the library or is refused in words."""
    await taking.complete(resources, upload_id, completion.parts)
    return UploadAccepted(upload_id=upload_id, job_id=upload_id)


@router.delete("/{upload_id}", status_code=204)
async def call_upload_off(resources: Provided, upload_id: UUID) -> Response:
    """Forget an upload that waits for its parts, and what has come of it."""
    await taking.call_off(resources, upload_id)
    return Response(status_code=204)


@router.put(
    "/{upload_id}",  # the same as above, since a description knows paths by their places and not by what is in them
    status_code=202,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
async def put_upload(
    resources: Provided,
    asking: Asking,
    notes: Noting,
    name: Annotated[str, Path(alias="upload_id", description="The file's name.")],
    request: Request,
) -> UploadAccepted:
    """Send a whole file as the body, with or without its length; what breaks off leaves nothing."""
    length = request.headers.get("content-length", "")
    safe = name_of(name)
    wanted = UploadRequest(
        path=safe,
        name=safe,
        size=cut_of(int(length), None).size if length.isdecimal() else None,
        content_type=request.headers.get("content-type"),
    )
    chunks = request.stream()
    try:
        upload = await take(resources, wanted, chunks, UploadLimits().largest, asking.name)
    except (HTTPException, SpillwayError):
        if "expect" not in request.headers:  # who asks before sending has not begun to
            await hear_out(chunks)
        raise
    notes.add(job_id=upload.id, bytes=upload.size)
    return UploadAccepted(upload_id=upload.id, job_id=upload.id)


def told(upload: repository.Upload) -> dict[str, object]:
    """An upload as the API tells it."""
    return {
        "upload_id": upload.id,
        "job_id": upload.id,
        "key": upload.object_key,
        "name": upload.name,
        "size": upload.size,
        "part_size": upload.part_size,
        "state": upload.state,
        "note": upload.note,
        "file_id": upload.file_id,
        "created_at": upload.created_at,
        "expires_at": upload.expires_at,
    }
