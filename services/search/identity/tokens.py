"""Secrets by which callers show who they are: made here, shown once, and kept only as hashes."""

import base64
import hashlib
import hmac
import re
import secrets
import string

KEY = re.compile(r"spw_([A-Za-z0-9]{8})_[A-Za-z0-9_-]{43}")
"""An API key; the first group is its public part."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""What a session is known by: 256 random bits."""
_LETTERS = string.ascii_letters + string.digits


def new_token() -> str:
    """The secret of a session."""
    return secrets.token_urlsafe(32)


def new_key() -> str:
    """An API key."""
    return f"spw_{''.join(secrets.choice(_LETTERS) for _ in range(8))}_{secrets.token_urlsafe(32)}"


def new_password() -> str:
    """A password for somebody who is to change it, or to keep it in a file: 120 random bits in five groups."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none of them is mistaken for another
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(5))


def prefix_of(key: str) -> str:
    """The public part of a key."""
    found = KEY.fullmatch(key)
    assert found is not None
    return found[1]


def digest(secret: str) -> bytes:
    """What is kept of a secret: SHA-256, since nobody guesses 256 random bits however fast he tries."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_token(token: str) -> str:
    """What a page shows besides the cookie: derived from the session's secret, which other sites' pages cannot read."""
    made = hmac.digest(token.encode(), b"spillway csrf", "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def is_csrf_token(given: str | None, token: str) -> bool:
    """Whether it is the one of the session."""
    return given is not None and hmac.compare_digest(given.encode(), csrf_token(token).encode())
