"""Conditional requests: whether the client has an answer already, and whether what it changes is still what it has seen."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from shared.errors import Permanent

STRONG_OR_WEAK = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


class Changed(Permanent):
    """What is to be changed is not any more what the client has seen."""

    def __init__(self, thing: str) -> None:
        super().__init__(f"The {thing} was changed since you read it. Read it again, and send its new `version` as If-Match.")


def tag(body: bytes) -> str:
    """The strong tag of an answer: equal for equal bytes."""
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def names(header: str | None, tag_now: str) -> bool:
    """Whether If-None-Match names the tag: `*` names every one, and weak tags count as they are compared weakly there."""
    if header is None:
        return False
    return header.strip() == "*" or any(found[2] == tag_now for found in STRONG_OR_WEAK.finditer(header))


def version(settings: Mapping[str, Any]) -> str:
    """What people have set of a thing, in short: equal for equal settings."""
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def require(header: str | None, version_now: str, thing: str) -> None:
    """Raise Changed if If-Match names other versions only; `*` names every one, and weak tags name none."""
    if header is None or header.strip() == "*":
        return
    named = [found[2] for found in STRONG_OR_WEAK.finditer(header) if not found[1]]
    if f'"{version_now}"' not in named:
        raise Changed(thing)
