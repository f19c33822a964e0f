"""SQL of share links."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.search.shares.standing import Facts
from shared.database import Connection
from shared.errors import NotFound
from shared.spoken import Segment, word_of
from shared.transcripts import BEST_OF_FILE

FILE = """
    SELECT files.id, files.kind, files.revision, files.fingerprint, coalesce(proxy.duration, files.duration) AS duration
    FROM files LEFT JOIN renditions AS proxy
        ON proxy.file_id = files.id AND proxy.revision = files.revision AND proxy.name = 'proxy'
    WHERE files.id = %(file_id)s
"""

SHARE = """
    SELECT shares.id, shares.file_id, shares.revision, shares.starts, shares.ends, shares.clip_key, shares.label,
           shares.allow_download, shares.with_transcript, shares.asked, shares.created_by, shares.created_at,
           shares.expires_at, shares.revoked_at, shares.uses, shares.used_at, files.path, files.kind,
           files.revision AS present, jobs.state AS clip_state, jobs.error AS clip_error, jobs.progress AS clip_progress,
           main.key AS main, main.content_type, main.width, main.height, thumbnail.key AS thumbnail,
           making.state AS proxy_state, making.reason AS proxy_reason
    FROM shares JOIN files ON files.id = shares.file_id
    LEFT JOIN clips ON clips.key = shares.clip_key LEFT JOIN jobs ON jobs.id = clips.job_id
    LEFT JOIN renditions AS main ON main.file_id = files.id AND main.revision = files.revision
        AND main.name = CASE files.kind WHEN 'image' THEN 'image' ELSE 'proxy' END
    LEFT JOIN renditions AS thumbnail ON thumbnail.file_id = files.id AND thumbnail.revision = files.revision
        AND thumbnail.name = 'thumbnail'
    LEFT JOIN file_stages AS making ON making.file_id = files.id AND making.stage = 'proxy'
"""
ONE = f"{SHARE} WHERE shares.id = %(id)s"
PAGE = f"""
    {SHARE} WHERE (%(file_id)s::uuid IS NULL OR shares.file_id = %(file_id)s)
      AND (%(after)s::uuid IS NULL OR (shares.created_at, shares.id)
           < (SELECT last.created_at, last.id FROM shares AS last WHERE last.id = %(after)s))
    ORDER BY shares.created_at DESC, shares.id DESC LIMIT %(limit)s
"""  # noqa: S608 - built of constants

ADD = """
    INSERT INTO shares (id, file_id, revision, starts, ends, clip_key, label, allow_download, with_transcript, asked,
                        created_by, expires_at)
    VALUES (%(id)s, %(file_id)s, %(revision)s, %(starts)s, %(ends)s, %(clip_key)s, %(label)s, %(allow_download)s,
            %(with_transcript)s, %(asked)s, %(created_by)s, %(expires_at)s)
    ON CONFLICT (id) DO NOTHING
"""

HOLD = "SELECT FROM shares WHERE id = %(id)s FOR NO KEY UPDATE"
CHANGE = """
    UPDATE shares SET label = coalesce(%(label)s, label), expires_at = coalesce(%(expires_at)s, expires_at) WHERE id = %(id)s
"""
REVOKE = "UPDATE shares SET revoked_at = coalesce(revoked_at, now()) WHERE id = %(id)s"
USE = "UPDATE shares SET uses = uses + 1, used_at = %(now)s WHERE id = %(id)s AND revoked_at IS NULL"

SAID = f"""
    SELECT start_s, end_s, text, words FROM transcript_segments
    WHERE transcript_id = (SELECT ({BEST_OF_FILE}) FROM files WHERE files.id = %(file_id)s)
      AND (%(starts)s::float8 IS NULL OR (end_s > %(starts)s AND start_s < %(ends)s))
    ORDER BY position
"""  # noqa: S608 - built of constants


@dataclass(frozen=True)
class SharedFile:
    """What there is to share of a file."""

    id: UUID
    kind: str
    revision: int
    fingerprint: bytes
    duration: float | None


@dataclass(frozen=True)
class Share:
    """A link, its file, and what is made for it."""

    id: UUID
    file_id: UUID
    revision: int
    starts: float | None
    ends: float | None
    clip_key: str | None
    label: str
    allow_download: bool
    with_transcript: bool
    asked: dict[str, Any]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    uses: int
    used_at: datetime | None
    path: str
    kind: str
    present: int
    clip_state: str | None
    clip_error: str | None
    clip_progress: dict[str, Any] | None
    main: str | None
    content_type: str | None
    width: int | None
    height: int | None
    thumbnail: str | None
    proxy_state: str | None
    proxy_reason: str | None

    @property
    def span(self) -> tuple[float, float] | None:
        """From when to when, in seconds; None for the whole file."""
        return None if self.starts is None or self.ends is None else (self.starts, self.ends)

    @property
    def facts(self) -> Facts:
        """What decides how the link stands."""
        return Facts(
            expires_at=self.expires_at,
            revoked_at=self.revoked_at,
            revision=self.revision,
            present=self.present,
            is_span=self.span is not None,
            clip_state=self.clip_state,
            clip_error=self.clip_error,
            main=self.main,
            proxy_state=self.proxy_state,
            proxy_reason=self.proxy_reason,
        )


async def find_file(connection: Connection, file_id: UUID) -> SharedFile:
    """The file; raises NotFound."""
    async with connection.cursor(row_factory=class_row(SharedFile)) as cursor:
        await cursor.execute(FILE, {"file_id": file_id})
        file = await cursor.fetchone()
    if file is None:
        raise NotFound("file", file_id)
    return file


async def find(connection: Connection, share_id: UUID) -> Share:
    """The link; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Share)) as cursor:
        await cursor.execute(ONE, {"id": share_id})
        share = await cursor.fetchone()
    if share is None:
        raise NotFound("share link", share_id)
    return share


async def page(connection: Connection, file_id: UUID | None, *, after: UUID | None, limit: int) -> list[Share]:
    """Links, of a file if one is named, the latest first."""
    async with connection.cursor(row_factory=class_row(Share)) as cursor:
        await cursor.execute(PAGE.encode(), {"file_id": file_id, "after": after, "limit": limit})
        return await cursor.fetchall()


async def add(connection: Connection, asked: dict[str, Any], **values: Any) -> bool:
    """A new link; False if there is one under this id."""
    cursor = await connection.execute(ADD, {**values, "asked": Jsonb(asked)})
    return cursor.rowcount == 1


async def hold(connection: Connection, share_id: UUID) -> Share:
    """The link, which nobody else changes until the transaction ends; raises NotFound."""
    await connection.execute(HOLD, {"id": share_id})
    return await find(connection, share_id)


async def change(connection: Connection, share_id: UUID, label: str | None, expires_at: datetime | None) -> None:
    """Set what is not None."""
    await connection.execute(CHANGE, {"id": share_id, "label": label, "expires_at": expires_at})


async def revoke(connection: Connection, share_id: UUID) -> None:
    """Let the link open nothing any more; raises NotFound."""
    cursor = await connection.execute(REVOKE, {"id": share_id})
    if cursor.rowcount == 0:
        raise NotFound("share link", share_id)


async def use(connection: Connection, share_id: UUID, now: datetime) -> bool:
    """Count a use; False if the link was revoked meanwhile."""
    cursor = await connection.execute(USE, {"id": share_id, "now": now})
    return cursor.rowcount == 1


async def said(connection: Connection, share: Share) -> list[Segment]:
    """The segments of the file's best transcript that touch what is shared."""
    values = {"file_id": share.file_id, "starts": share.starts, "ends": share.ends}
    cursor = await connection.execute(SAID.encode(), values)
    return [
        Segment(start=start, end=end, text=text, words=tuple(map(word_of, words)))
        for start, end, text, words in await cursor.fetchall()
    ]
