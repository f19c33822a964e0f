"""Names that people give to tags, collections and searches; those that differ only in case are the same. Pure."""

import re
import unicodedata
from uuid import UUID

from shared.errors import Invalid

LONGEST = 100
"""Characters of a name."""
UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Kinds of characters that no name has: control characters, halves of characters, and the ends of lines."""
SPACES = re.compile(r" +")


def label(text: str) -> str:
    """A name as it is kept: without spaces around it, and with single ones in it; raises Invalid."""
    name = SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if any(unicodedata.category(character) in UNPRINTABLE for character in name):
        raise Invalid("A name is one line without control characters; write it anew.")
    if not name:
        raise Invalid("Give it a name.")
    if len(name) > LONGEST:
        raise Invalid(f"A name has at most {LONGEST} characters, and this one has {len(name)}; shorten it.")
    return name


def label_key(text: str) -> str:
    """What is equal for names that are the same, however they are written."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def id_of(text: str) -> UUID | None:
    """The id that a text is, where things can be meant by name or by id."""
    try:
        return UUID(text)
    except ValueError:
        return None
