"""Makes links, changes them, and tells of them to people who may make them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.search.http.conditions import require, version
from services.search.http.idempotency import id_named
from services.search.identity.callers import Caller
from services.search.resources import Resources
from services.search.shares import clips, repository
from services.search.shares.clips import Wanted
from services.search.shares.repository import Share
from services.search.shares.schemas import NewShare, ShareChange
from services.search.shares.settings import DAYS, ShareSettings
from services.search.shares.standing import State, standing
from services.search.shares.terms import require_time, span_of
from shared.clips import key_of
from shared.clock import utc_now
from shared.contracts import Kind
from shared.effects import Effect
from shared.errors import Conflict, KeyReused
from shared.identifiers import new_id

REVOKED = "This link was revoked, and stays so; make a new one."


async def make(resources: Resources, wanted: NewShare, caller: Caller, key: str | None) -> Share:
    """A new link; asked again with the same key by the same person, it is the link of the first time."""
    asked = wanted.model_dump(mode="json", exclude_none=True)
    share_id = id_named(caller, "share", key) or new_id()
    async with resources.platform.effects.begin() as effect:
        if not await _added(effect, share_id, wanted, asked, caller):
            share = await repository.find(effect.connection, share_id)
            if share.asked != asked:
                raise KeyReused
            return share
        return await repository.find(effect.connection, share_id)


async def _added(effect: Effect, share_id: UUID, wanted: NewShare, asked: dict[str, Any], caller: Caller) -> bool:
    """Whether the link is a new one."""
    now, settings = utc_now(), ShareSettings()
    expires_at = wanted.expires_at or now + min(timedelta(days=DAYS), settings.longest)
    file = await repository.find_file(effect.connection, wanted.file_id)
    kind = Kind(file.kind)
    span = span_of(kind, file.duration, wanted.starts, wanted.ends)
    clip = Wanted(key_of(file.id, file.fingerprint, kind, *span), file.id, file.revision, *span) if span else None
    is_new = await repository.add(
        effect.connection,
        asked,
        id=share_id,
        file_id=file.id,
        revision=file.revision,
        starts=span and span[0],
        ends=span and span[1],
        clip_key=clip and clip.key,
        label=wanted.label,
        allow_download=wanted.allow_download,
        with_transcript=wanted.with_transcript,
        created_by=caller.name,
        expires_at=expires_at,
    )
    if is_new:
        require_time(expires_at, now, settings.longest)
        if clip:
            await clips.want(effect, clip, asked_by=caller.name)
    return is_new


async def change(resources: Resources, share_id: UUID, wanted: ShareChange, if_match: str | None, caller: Caller) -> Share:
    """Change a link; what was swept since it expired is made again. Raises NotFound, Conflict if it is revoked, or Changed."""
    if wanted.expires_at is not None:
        require_time(wanted.expires_at, utc_now(), ShareSettings().longest)
    async with resources.platform.effects.begin() as effect:
        share = await repository.hold(effect.connection, share_id)
        require(if_match, version_of(share), "share link")
        if share.revoked_at is not None:
            raise Conflict(REVOKED)
        await repository.change(effect.connection, share_id, wanted.label, wanted.expires_at)
        if share.clip_key and share.span and wanted.expires_at is not None and share.revision == share.present:
            clip = Wanted(share.clip_key, share.file_id, share.revision, *share.span)
            await clips.want(effect, clip, asked_by=caller.name)
        return await repository.find(effect.connection, share_id)


def told(share: Share) -> dict[str, Any]:
    """A link as the API tells it, without its secret."""
    state, reason = standing(share.facts, utc_now())
    names = (
        "id", "file_id", "path", "kind", "label", "starts", "ends", "allow_download", "with_transcript", "created_by",
        "created_at", "expires_at", "revoked_at", "uses", "used_at",
    )  # fmt: skip
    return {
        **{name: getattr(share, name) for name in names},
        "state": state,
        "reason": reason,
        "progress": progress_of(share, state),
        "version": version_of(share),
    }


def version_of(share: Share) -> str:
    """The version of what people can change."""
    return version({"label": share.label, "expires_at": share.expires_at.timestamp(), "revoked": share.revoked_at is not None})


def progress_of(share: Share, state: State) -> float | None:
    """How much of a clip is cut, 0 to 1; None where nobody knows."""
    if state is not State.PREPARING or not share.clip_progress or not share.clip_progress.get("total"):
        return None
    return round(min(1.0, float(share.clip_progress["done"]) / float(share.clip_progress["total"])), 3)
