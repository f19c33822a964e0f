"""What a guest is given of a link: addresses that work for some minutes, and the words that belong to it."""

import asyncio
import math
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from services.search.resources import Resources
from services.search.shares import repository
from services.search.shares.lines import lines_of
from services.search.shares.making import progress_of
from services.search.shares.repository import Share
from services.search.shares.settings import ShareSettings
from services.search.shares.standing import GUESTS, State
from shared.clips import CONTENT_TYPES
from shared.contracts import Kind
from shared.database import Connection
from shared.subtitles import attachment

ASK_AGAIN = 2.0
"""Seconds between two looks of a guest for whom something is prepared."""


async def words_of(connection: Connection, share: Share) -> list[dict[str, Any]] | None:
    """What is said in what is shared; None if that is not for guests."""
    if not share.with_transcript:
        return None
    return [line._asdict() for line in lines_of(await repository.said(connection, share), share.span)]


def told(share: Share, state: State) -> dict[str, Any]:
    """What every guest is told, whatever there is to show."""
    is_awaited = state is State.PREPARING
    return {
        "label": share.label,
        "name": name_of(share.path),
        "kind": share.kind,
        "starts": share.starts,
        "ends": share.ends,
        "expires_at": share.expires_at,
        "state": state,
        "sentence": GUESTS.get(state),
        "progress": progress_of(share, state),
        "retry_after": ASK_AGAIN if is_awaited else None,
        "medium": None,
        "poster": None,
        "download": None,
        "links_until": None,
        "lines": None,
    }


async def given(resources: Resources, share: Share, now: datetime) -> dict[str, Any]:
    """The addresses of what is shared; none of them works for longer than the link."""
    lifetime = lifetime_of(share.expires_at, now, ShareSettings().link_lifetime)
    key = share.clip_key or share.main
    assert key is not None
    blobs, name = resources.platform.blobs, file_name(share, key)

    def links() -> tuple[str, str | None, str | None]:
        return (
            blobs.link(key, lifetime=lifetime),
            blobs.link(share.thumbnail, lifetime=lifetime) if share.thumbnail and has_poster(share) else None,
            blobs.link(key, lifetime=lifetime, disposition=attachment(name)) if share.allow_download else None,
        )

    url, poster, download = await asyncio.to_thread(links)
    content_type = CONTENT_TYPES[Kind(share.kind)] if share.clip_key else share.content_type
    medium = {"url": url, "content_type": content_type, "width": share.width, "height": share.height}
    return {"medium": medium, "poster": poster, "download": download, "links_until": now + timedelta(seconds=lifetime)}


def has_poster(share: Share) -> bool:
    """Whether a picture of the file may be shown before it plays: of a span it could show what lies outside."""
    return share.span is None and share.kind == Kind.VIDEO


def lifetime_of(expires_at: datetime, now: datetime, longest: int) -> int:
    """Whole seconds for which an address works: no longer than the link does."""
    return max(1, min(longest, math.floor((expires_at - now).total_seconds())))


def name_of(path: str) -> str:
    """A file's name, whichever system it comes from."""
    return path.replace("\\", "/").rpartition("/")[2]


def file_name(share: Share, key: str) -> str:
    """What a guest's copy is called: as the file, and not as one of its originals."""
    return f"{PurePosixPath(name_of(share.path)).stem}{PurePosixPath(key).suffix}"
