"""What of a request is kept, and what never is: passwords, keys and tokens are told by their names and by their looks."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

TAKEN_OUT = "(taken out)"
"""What is kept in place of a secret."""
TOO_DEEP = "(too deep)"
DEEPEST = 30
"""Levels of a document; no request of ours has more than five."""
MOST_BYTES = 4096
"""Of a document that is kept whole."""
LONGEST_VALUE = 500
"""Characters of a parameter; of longer ones the beginning is kept."""
MOST_IDS = 100
"""Ids by which an entry is found."""

WHOLE = frozenset({"current", "new", "old", "code", "pin", "state", "nonce"})
"""Names of fields that are secret if that is the whole name."""
WORDS = frozenset({"key", "keys", "pass", "passwd", "pwd", "auth", "bearer", "jwt", "otp", "csrf", "cookie", "cookies"})
"""Words of which one in a name makes the field secret."""
PARTS = re.compile(
    r"password|passphrase|passwd|secret|token|credential|authori[sz]ation|apikey|accesskey|privatekey|assertion|verifier"
)
"""The same, however they are joined to others."""
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

LOOKS = re.compile(r"spw_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{20,}|\bBearer\s+\S+|(?<=://)[^/@\s]+:[^/@\s]+(?=@)", re.IGNORECASE)
"""Keys of this API, what stands in an Authorization header, and name and password in an address."""
IDS = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)


@dataclass(frozen=True)
class KeptBody:
    """A body as JSON text without its secrets; of a larger one its bytes and, where nothing in it was secret, its SHA-256."""

    text: str | None = None
    bytes: int | None = None
    sha256: str | None = None


def kept_body(raw: bytes) -> KeptBody:
    """What is kept of a body that says it is JSON; of one that is none, the size alone, since nobody knows what is in it."""
    try:
        document = json.loads(raw, parse_float=_number, parse_constant=str)
        kept = without_secrets(document)
        text = json.dumps(kept, ensure_ascii=False)
    except (ValueError, RecursionError):
        return KeptBody(bytes=len(raw))
    if len(text.encode()) <= MOST_BYTES:
        return KeptBody(text, len(raw))
    return KeptBody(bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest() if kept == document else None)


def kept_parameters(parameters: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Parameters of a path or a query; what is given several times is a list."""
    kept: dict[str, Any] = {}
    for written, value in parameters:
        told, name = TAKEN_OUT if is_secret(written) else shortened(str(value)), shortened(written)
        if name not in kept:
            kept[name] = told
        elif isinstance(kept[name], list):
            kept[name].append(told)
        else:
            kept[name] = [kept[name], told]
    return kept if len(json.dumps(kept, ensure_ascii=False).encode()) <= MOST_BYTES else {"": "(too large)"}


def without_secrets(value: Any, depth: int = 0) -> Any:
    """A document without its secrets, in texts that Postgres can hold."""
    if depth > DEEPEST:
        return TOO_DEEP
    if isinstance(value, Mapping):
        return {
            clean(name): TAKEN_OUT if is_secret(name) and one is not None else without_secrets(one, depth + 1)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(one, depth + 1) for one in value]
    return clean(value) if isinstance(value, str) else value


def is_secret(name: str) -> bool:
    """Whether what stands under a name is nobody's business."""
    plain = unicodedata.normalize("NFKC", name)
    words = [word.casefold() for word in WORD.findall(plain)]
    joined = "".join(character for character in plain.casefold() if character.isalnum())
    return joined in WHOLE or not WORDS.isdisjoint([*words, joined]) or PARTS.search(joined) is not None


def clean(text: str) -> str:
    """A text without what looks like a secret, a zero byte or half a character."""
    return LOOKS.sub(TAKEN_OUT, text).replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def shortened(text: str) -> str:
    """A text of bounded length, clean."""
    cleaned = clean(text)
    return cleaned if len(cleaned) <= LONGEST_VALUE else f"{cleaned[:LONGEST_VALUE]}…"


def ids_in(*texts: str | None) -> list[UUID]:
    """The ids that stand in texts, each once, in their order."""
    found = dict.fromkeys(UUID(one) for text in texts if text for one in IDS.findall(text))
    return list(found)[:MOST_IDS]


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text
