"""People by what they do: a role is told, a name is not."""

from collections.abc import Container
from functools import cache

from services.nova.lexicon import everyday, name_words, role_words, things
from services.nova.words import stem

LONGEST_ACRONYM = 5


def role(told: str, names: Container[str]) -> str | None:
    """The role in lower case; null if it is, or holds, somebody's name. `names` are words of names of this file, in lower case.

    Roles are asked for in lower case, so that a capital begins a name unless the word is known for something else.
    """
    words = told.split()
    if not words or any(_title(word) or word.casefold() in names for word in words):
        return None
    unknown = [word for word in words if word[:1].isupper() and not _common(word)]
    if any(not _acronym(word) for word in unknown) or (unknown and role_words().isdisjoint(map(_plain, words))):
        return None
    return told.lower()


def _acronym(word: str) -> bool:
    """Whether a word beside others may be that of a trade, as in HVAC technician."""
    return word.isupper() and 1 < len(word) <= LONGEST_ACRONYM


def _title(word: str) -> bool:
    return word.rstrip(".").casefold() in name_words().titles


def _common(word: str) -> bool:
    plain = _plain(word)
    return plain in role_words() or plain in everyday() or plain in _words_of_things()


def _plain(word: str) -> str:
    return stem(word.strip(".,()'\""))


@cache
def _words_of_things() -> frozenset[str]:
    return frozenset(
        stem(word)
        for terms in things().elements.values()
        for phrases in terms.values()
        for phrase in phrases
        for word in phrase.split()
    )
