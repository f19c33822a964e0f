"""An upload in one request: the body goes into the object store part by part, at constant memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.search.resources import Resources
from services.search.uploads.checks import EMPTY, too_large
from services.search.uploads.repository import Upload
from services.search.uploads.taking import begin, call_off, note_complete
from shared.blobs import Blobs
from shared.errors import Invalid, SpillwayError
from shared.parts import Part, part_size_for
from shared.uploads import UploadRequest

BROKEN_OFF = "The connection ended before all bytes had come."
UNFINISHED = "The upload by PUT did not come to its end."
LINGER = 10.0
"""Seconds for which the rest of a body that is refused is read and dropped: few senders read an answer before they have sent
all, and a connection that is closed before takes the answer with it."""

log = structlog.get_logger()


async def take(
    resources: Resources, request: UploadRequest, chunks: AsyncIterator[bytes], largest: int, asked_by: str
) -> Upload:
    """Store a body as an upload and have it looked at; nothing of it stays if it is broken off, empty or too large."""
    require_size(request.size or 0, largest)
    async with resources.streams:
        upload, _ = await begin(resources, request, part_size_for(request.size or largest), asked_by)
        try:
            size = await store(resources.platform.blobs, upload, prompt(chunks, resources.uploads.patience), largest)
            complete = replace(upload, size=size)
            await note_complete(resources, complete)
        except BaseException:
            await asyncio.shield(forget(resources, upload.id))
            raise
    return complete


async def hear_out(chunks: AsyncIterator[bytes]) -> None:
    """Read what is left of a body, for a while, so that its sender gets to read why it is refused."""
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(LINGER):
            async for _ in chunks:
                pass


async def forget(resources: Resources, upload_id: UUID) -> None:
    """Call an upload off that did not come to its end; what cannot be removed now is removed when its time is over."""
    try:
        await call_off(resources, upload_id, UNFINISHED)
    except SpillwayError as error:
        log.warning("an unfinished upload stays for now", upload=str(upload_id), reason=str(error))


async def store(blobs: Blobs, upload: Upload, chunks: AsyncIterator[bytes], largest: int) -> int:
    """Put the body into the object store; answers with its bytes, which must be as many as were announced."""
    sender = Sender(blobs, upload)
    try:
        async for body in pieces(chunks, upload.part_size, largest):
            await sender.send(body)
    except ClientDisconnect as error:
        raise Invalid(BROKEN_OFF) from error
    finally:
        await sender.rest()
    if not sender.sent:
        raise Invalid(EMPTY)
    if upload.size not in {None, sender.sent}:
        raise Invalid(f"The request announced {upload.size} bytes and brought {sender.sent}; send the file again.")
    await blobs.join_parts(upload.object_key, upload.multipart_id, sender.parts)
    return sender.sent


class Sender:
    """Stores pieces as parts: one is on its way while the next is being received."""

    def __init__(self, blobs: Blobs, upload: Upload) -> None:
        self._blobs = blobs
        self._upload = upload
        self._sending: asyncio.Task[Part] | None = None
        self.parts: list[Part] = []
        self.sent = 0

    async def send(self, body: bytes) -> None:
        """Take the next piece, once the one before is stored."""
        await self._stored()
        key, multipart_id = self._upload.object_key, self._upload.multipart_id
        self._sending = asyncio.create_task(self._blobs.put_part(key, multipart_id, len(self.parts) + 1, body))
        self.sent += len(body)

    async def rest(self) -> None:
        """Wait for the piece that is on its way; a part that comes after its upload is forgotten would stay for ever."""
        if self._sending is not None:
            await asyncio.wait({self._sending})
            await self._stored()

    async def _stored(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            self.parts.append(await sending)


async def prompt(chunks: AsyncIterator[bytes], patience: float) -> AsyncIterator[bytes]:
    """The body as it comes; raises Invalid if nothing comes for so many seconds, as somebody else may be waiting."""
    while True:
        try:
            async with asyncio.timeout(patience):
                chunk = await anext(chunks, None)
        except TimeoutError as error:
            raise Invalid(f"Nothing came for {patience:.0f} s, so the upload was given up; send the file again.") from error
        if chunk is None:
            return
        yield chunk


async def pieces(chunks: AsyncIterator[bytes], size: int, largest: int) -> AsyncIterator[bytes]:
    """The body in pieces of this size, the last as long as what is left; refuses what is too large as soon as it is."""
    waiting: list[bytes] = []
    gathered = total = 0
    async for chunk in chunks:
        total += len(chunk)
        require_size(total, largest)
        rest = chunk
        while gathered + len(rest) >= size:
            first, rest = rest[: size - gathered], rest[size - gathered :]
            yield b"".join((*waiting, first))
            waiting, gathered = [], 0
        if rest:
            waiting.append(rest)
            gathered += len(rest)
    if gathered:
        yield b"".join(waiting)


def require_size(size: int, largest: int) -> None:
    """Refuse what is larger than any file may be."""
    if size > largest:
        raise HTTPException(413, too_large(size, largest))
