"""How a link stands, for who made it and for guests. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.contracts import StageState


class State(StrEnum):
    """What can be done with a link now."""

    READY = "ready"
    PREPARING = "preparing"
    FAILED = "failed"
    CHANGED = "changed"
    EXPIRED = "expired"
    REVOKED = "revoked"


OPEN = frozenset({State.READY, State.PREPARING, State.FAILED})
"""States in which a guest is told what is shared."""

CHANGED = "The file has another content than when the link was made; make a new link."
NO_CLIP = "The clip is no longer there; make a new link."
NO_PROXY = "There is nothing of this file that could be shown; have its proxy made (./spillway batch proxy)."

GUESTS = {
    State.PREPARING: "This is being prepared and will be here in a moment.",
    State.FAILED: "This could not be prepared. Ask whoever sent you the link; they can see why.",
    State.CHANGED: "What this link showed is no longer there. Ask whoever sent it to you for a new one.",
    State.EXPIRED: "This link has expired. Ask whoever sent it to you for a new one.",
    State.REVOKED: "This link was withdrawn by whoever made it.",
}
"""What guests are told: nothing of why, since that is not theirs to know."""
UNKNOWN = "This link is not complete, or was changed on its way. Open it just as it was sent to you."
GONE = "What this link showed is no longer there."


@dataclass(frozen=True)
class Facts:
    """What is known of a link, its file and what is made for it; `main` is the key of what guests are shown."""

    expires_at: datetime
    revoked_at: datetime | None
    revision: int
    present: int
    is_span: bool
    clip_state: str | None
    clip_error: str | None
    main: str | None
    proxy_state: str | None
    proxy_reason: str | None


def standing(facts: Facts, now: datetime) -> tuple[State, str | None]:
    """The state of a link, and why, as a sentence for who made it."""
    if facts.revoked_at is not None:
        return State.REVOKED, None
    if facts.expires_at <= now:
        return State.EXPIRED, None
    if facts.revision != facts.present:
        return State.CHANGED, CHANGED
    return _clip(facts) if facts.is_span else _whole(facts)


def _clip(facts: Facts) -> tuple[State, str | None]:
    if facts.clip_state == "done":
        return State.READY, None
    if facts.clip_state in {"pending", "running"}:
        return State.PREPARING, None
    return State.FAILED, facts.clip_error or NO_CLIP


def _whole(facts: Facts) -> tuple[State, str | None]:
    if facts.main is not None:
        return State.READY, None
    if facts.proxy_state == StageState.PENDING:
        return State.PREPARING, None
    return State.FAILED, facts.proxy_reason or NO_PROXY
