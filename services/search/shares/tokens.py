"""What a guest shows: a link's id and the proof that this installation made it. Pure.

The token says nothing of when it expires: that is the row's to say, so that a link whose time is changed stays the same link.
It can be derived again by who has the signing key, and nobody needs to keep it.
"""

import base64
import hmac
import re
from uuid import UUID

TOKEN = re.compile(r"[A-Za-z0-9_-]{64}")
"""48 bytes, so that every sign counts: with a length that is no multiple of three, several texts would mean the same."""
PURPOSE = b"spillway share\x00"
ID_BYTES = 16
SCHEME = "share "


def token_of(share_id: UUID, secret: bytes) -> str:
    """The token of a link."""
    return base64.urlsafe_b64encode(share_id.bytes + _proof(share_id, secret)).decode()


def share_of(token: str, secret: bytes) -> UUID | None:
    """The link whose token it is; None if it was not made with this secret. Takes as long for wrong ones as for right ones."""
    if not TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    share_id = UUID(bytes=raw[:ID_BYTES])
    return share_id if hmac.compare_digest(raw[ID_BYTES:], _proof(share_id, secret)) else None


def shown(authorization: str | None) -> str | None:
    """The token in the header of a request; None if it has none."""
    if authorization is None or authorization[: len(SCHEME)].lower() != SCHEME:
        return None
    return authorization[len(SCHEME) :].strip()


def _proof(share_id: UUID, secret: bytes) -> bytes:
    return hmac.digest(secret, PURPOSE + share_id.bytes, "sha256")
