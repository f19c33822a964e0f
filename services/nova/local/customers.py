"""Whose job it is: names before words such as residence, in names and in speech."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from services.nova.lexicon import everyday, name_words, things
from services.nova.local.evidenced import Candidate
from services.nova.names import below, capital, read_name
from services.nova.provenance import Evidence, Source
from services.nova.reading import Reading, spoken
from services.nova.taxonomy import load
from services.nova.words import WORD, stem

LONGEST = 3
"""Words of a customer's name."""
NO_PLACE = frozenset({"", "family", "job"})


class Mention(NamedTuple):
    """A name, and the word that makes it a customer's, where there is one: Smith, residence."""

    name: str
    home: str
    evidence: Evidence


def customers(reading: Reading) -> list[Candidate]:
    """Everybody who may be the customer, with the words that say so."""
    return [Candidate(mention.name, mention.evidence) for mention in _mentions(reading)]


def homes(reading: Reading) -> list[Candidate]:
    """What the customers' projects are called after the place that is built at: Smith Residence."""
    named = (mention for mention in _mentions(reading) if mention.home not in NO_PLACE)
    return [Candidate(f"{mention.name} {mention.home.capitalize()}", mention.evidence) for mention in named]


def _mentions(reading: Reading) -> list[Mention]:
    written = [*_in_names(reading)]
    return [*written, *_in_speech(reading, {mention.name.casefold() for mention in written})]


def _in_names(reading: Reading) -> Iterator[Mention]:
    for name, evidence in reading.named:
        for at, token in enumerate(name.tokens):
            if token.casefold() in name_words().home_words and (customer := _surname(name.tokens[:at])):
                yield Mention(customer, token.casefold(), evidence)
    for folder in below(reading.material.path, name_words().folders_of_customers):
        found = read_name(folder).tokens
        if customer := _surname(found) or _surname(found[:-1]):
            yield Mention(customer, "", Evidence(source=Source.PATH, phrase=folder))


def _in_speech(reading: Reading, written: set[str]) -> Iterator[Mention]:
    """Names as speech gives them; where it is written without capitals, only those that a file or folder has too."""
    for segment in reading.material.segments:
        for match in _spoken_pattern().finditer(segment.text):
            words = (match["before"] or match["after"]).split()
            customer = _surname(words)
            if customer and (customer.casefold() in written or all(word[0].isupper() for word in words)):
                yield Mention(customer, (match["home"] or "").casefold(), spoken(segment, match[0]))


@cache
def _spoken_pattern() -> re.Pattern[str]:
    homes, titles = "|".join(sorted(name_words().home_words)), "|".join(sorted(name_words().titles))
    home = rf"the (?P<before>[^\W\d_]+(?: [^\W\d_]+)?)(?:['\u2019]s)? (?P<home>{homes})"
    return re.compile(rf"\b(?:{home}|(?:{titles})\.? (?P<after>[^\W\d_]+))\b", re.IGNORECASE)


def _surname(before: Sequence[str]) -> str:
    """The last words that can be somebody's name; empty if there are none."""
    taken: list[str] = []
    for token in reversed(before):
        if len(taken) == LONGEST or not _can_be_name(token):
            break
        taken.insert(0, token)
    return " ".join(map(capital, taken))


def _can_be_name(token: str) -> bool:
    words = name_words()
    folded = token.casefold()
    common = folded in words.never_names or folded in words.home_words
    return token[0].isalpha() and len(token) > 1 and not common and stem(token) not in everyday() | _trade_words()


@cache
def _trade_words() -> frozenset[str]:
    """Stems that name a thing of the trade, so that nobody is called Grotto."""
    cues = (phrase for cue in load().facts.values() for phrase in (*cue.phrases, *cue.names))
    elements = (phrase for terms in things().elements.values() for phrases in terms.values() for phrase in phrases)
    return frozenset(stem(word) for phrase in (*cues, *elements) for word in WORD.findall(phrase))
