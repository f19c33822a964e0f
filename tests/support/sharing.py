"""Share links and their clips, as the gateway makes them, without the gateway."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.search.shares import clips, repository
from services.search.shares.clips import Wanted
from shared.blobs import Blobs
from shared.clips import key_of
from shared.clock import utc_now
from shared.contracts import ClipRequested, Kind
from shared.database import Connection, Database
from shared.effects import Effect
from shared.identifiers import new_id
from shared.service import Platform
from tests.support.asking import file_at

RENDITION = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes, width, height, duration)
    VALUES (%s, %s, 1, %s, %s, %s, 640, 360, %s)
"""
MADE = {
    Kind.VIDEO: (("proxy", "720p15.mp4", "video/mp4"), ("thumbnail", "thumbnail.jpg", "image/jpeg")),
    Kind.AUDIO: (("proxy", "listening.m4a", "audio/mp4"),),
    Kind.IMAGE: (("image", "nova.jpg", "image/jpeg"), ("thumbnail", "thumbnail.jpg", "image/jpeg")),
}


@dataclass(frozen=True)
class Link:
    """A link to a span and the event that asks for its clip; none if that was asked for before."""

    id: UUID
    key: str
    event: ClipRequested | None

    @property
    def asked(self) -> ClipRequested:
        """The event, which there is."""
        assert self.event is not None
        return self.event


async def filed(
    database: Database,
    blobs: Blobs,
    path: str = "/films/Smith/Grotto é.mp4",
    kind: Kind = Kind.VIDEO,
    duration: float | None = 60.0,
    proxy: str = "done",
) -> UUID:
    """A file of the library; its renditions are stored, and say their names, unless its proxy is not `done`."""
    async with database.transaction() as connection:
        file_id = await file_at(connection, path, kind, duration=duration, proxy=proxy)
        for name, ending, content_type in MADE[kind] if proxy == "done" else ():
            key, body = f"proxy/{file_id}/r1/{ending}", f"{name} of {path}".encode()
            await connection.execute(RENDITION, (file_id, name, key, content_type, len(body), duration))
            await blobs.put(key, body, content_type)
    return file_id


async def linked(platform: Platform, file_id: UUID, starts: float, ends: float, *, expires_at: datetime | None = None) -> Link:
    """A link to a span of a file, for a day unless said otherwise."""
    async with platform.effects.begin() as effect:
        return await share(effect, file_id, starts, ends, expires_at=expires_at)


async def share(effect: Effect, file_id: UUID, starts: float, ends: float, *, expires_at: datetime | None = None) -> Link:
    """The same, in a transaction that goes on."""
    file = await repository.find_file(effect.connection, file_id)
    key = key_of(file.id, file.fingerprint, Kind(file.kind), starts, ends)
    link = new_id()
    await repository.add(
        effect.connection,
        {},
        id=link,
        file_id=file.id,
        revision=file.revision,
        starts=starts,
        ends=ends,
        clip_key=key,
        label="",
        allow_download=False,
        with_transcript=False,
        created_by="anna",
        expires_at=expires_at or utc_now() + timedelta(days=1),
    )
    before = await asked_clips(effect.connection)
    await clips.want(effect, Wanted(key, file.id, file.revision, starts, ends), asked_by="anna")
    new = [event for event in await asked_clips(effect.connection) if event not in before]
    return Link(link, key, next(iter(new), None))


async def asked_clips(connection: Connection) -> list[ClipRequested]:
    """Every clip that was asked for, in the order in which that was."""
    cursor = await connection.execute("SELECT body FROM outbox WHERE subject = 'clip.requested' ORDER BY position")
    return [ClipRequested.model_validate(row[0]) for row in await cursor.fetchall()]


async def revoke(database: Database, share_id: UUID) -> None:
    """Let a link open nothing any more."""
    async with database.connection() as connection:
        await repository.revoke(connection, share_id)
