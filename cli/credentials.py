"""The API key that the command line shows: the one that is named, or that of the installation on this machine."""

import json
import os
import re
import stat
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from cli.local.home import Home
from cli.local.settings import LocalSettings
from shared.errors import Invalid

KEY = "SPILLWAY_API_KEY"
URL = "SPILLWAY_URL"
SENDABLE = re.compile(r"[!-~]+")
"""What a header takes: anything else would fail in words that show the key."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Key:
    """An API key and where it is from; without a text there is none, and `source` is where it would have been."""

    source: str
    text: str | None = field(default=None, repr=False)

    @cached_property
    def headers(self) -> dict[str, str]:
        """What a request shows it by."""
        return {"Authorization": f"Bearer {self.text}"} if self.text else {}


NO_KEY = Key(KEY)


def key_elsewhere() -> Key:
    """The key for the gateway that SPILLWAY_URL names; raises Invalid if it cannot be one."""
    text = os.environ.get(KEY, "").strip()
    if not text:
        return NO_KEY
    if not SENDABLE.fullmatch(text):
        raise Invalid(f"{KEY} is no API key: there are signs or spaces in it that no key has; copy the key again.")
    return Key(KEY, text)


def key_here(settings: LocalSettings, address: str) -> Key:
    """The key for this machine's own gateway: the one that is named, unless it is named for another, or the file's.

    Raises Invalid if there is one that cannot be used.
    """
    named = os.environ.get(URL)
    if os.environ.get(KEY) and (not named or is_same_place(named, address)):
        return key_elsewhere()
    return key_in(Home(settings.data).credentials)


def key_in(path: Path) -> Key:
    """The key in the file that the gateway wrote at its first start, none if there is no file; raises Invalid."""
    text = read(path).get("api_key")
    if text is None:
        return Key(str(path))
    if not isinstance(text, str) or not SENDABLE.fullmatch(text):
        raise Invalid(damaged(path))
    return Key(str(path), text)


def read(path: Path) -> dict[str, object]:
    """What the gateway wrote at its first start, nothing if there is no file; raises Invalid."""
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = error.strerror or str(error)
        raise Invalid(f"{path}, which has the API key, cannot be read ({reason}); run this as the user whose it is.") from error
    except ValueError as error:
        raise Invalid(damaged(path)) from error
    if not isinstance(document, dict):
        raise Invalid(damaged(path))
    return document


def damaged(path: Path) -> str:
    """What to do about a file that cannot be understood."""
    return f"{path}, which has the API key, is damaged; `./spillway people recover admin` writes it anew."


def is_open_to_others(path: Path) -> bool:
    """Whether other users of this machine may read or change the file."""
    return os.name == "posix" and path.exists() and bool(path.stat().st_mode & OTHERS)


def warning(key: Key, address: str) -> str | None:
    """What to say about the way in which the key is kept or sent, if anything is wrong with it."""
    if not key.text:
        return None
    if key.source != KEY and is_open_to_others(Path(key.source)):
        return f"others can read {key.source}, which has a password and a key; run: chmod 600 {key.source}"
    if is_overheard(address):
        return f"the key goes to {address} unencrypted, and who listens on the way has it; use https"
    return None


def is_overheard(address: str) -> bool:
    """Whether others between here and there can read along."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


def is_same_place(one: str, other: str) -> bool:
    """Whether two addresses are of one gateway; all names of this machine mean the same."""
    return _place(one) == _place(other)


def _place(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    name = "localhost" if parts.hostname in LOOPBACK else parts.hostname
    return parts.scheme, name, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
