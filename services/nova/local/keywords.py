"""Keywords: what a person would type to find the file again."""

from collections import Counter
from collections.abc import Iterator, Sequence

from services.nova.lexicon import everyday, name_words
from services.nova.local.negation import denied
from services.nova.reading import Reading
from services.nova.words import Word

MOST = 20
TELLING = 12
"""Words of speech among them, so that names keep a place."""
LONGEST = 40
"""Characters; longer is a serial number or a sentence, not a word."""


def keywords(reading: Reading, tags: Sequence[str]) -> tuple[str, ...]:
    """At most twenty, lower case, each once: tags of the trade, words of the names, the words said most often.

    There are only as many as there is evidence for.
    """
    words = (word.lower() for word in (*tags, *_of_names(reading), *_said(reading)))
    return tuple(dict.fromkeys(word for word in words if 1 < len(word) <= LONGEST))[:MOST]


def _of_names(reading: Reading) -> Iterator[str]:
    for text in (reading.filename, reading.path):
        for at, word in enumerate(text.words):
            if _telling(word) and word.text.casefold() not in name_words().never_names and not denied(text.words, at, at):
                yield word.text


def _said(reading: Reading) -> list[str]:
    """The words said most often, as written first; of equals the one said first."""
    telling = [word for word in reading.transcript.words if _telling(word) and len(word.text) > 2]
    written = {word.stem: word.text for word in reversed(telling)}
    return [written[stem] for stem, _ in Counter(word.stem for word in telling).most_common(TELLING)]


def _telling(word: Word) -> bool:
    return not (word.text[0].isdigit() or word.stem in everyday())
