"""Words for an answer: quoted from what is known of the file, or told as seen in the picture."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.support.bedrock.prompts import WORD, Brief, Line

T = TypeVar("T")

SPOKEN_OFTEN = """
about after again also another because been before behind being below between both come could does doing down each
first from going good have here into just know like little look made make more most much need next okay only other
over really right same should some still take than that their them then there these they thing things think this those
through today under until very want water well were what when where which while will with would your
"""
EVERYDAY = frozenset(SPOKEN_OFTEN.split())
"""Words of speech that say nothing of its matter."""
SIGHTS = ("rock wall", "pond edge", "stone slide", "garden path", "work site", "pump box", "wooden deck", "tree line")
"""What a picture shows where nobody says what it does."""
LONGEST_QUOTE = 8
"""Words."""
MOST_SPOKEN = 5
MOST_TOPICS = 8


@dataclass(frozen=True)
class Quote:
    """Words as they stand in their source, with the line of speech that has them."""

    source: str
    phrase: str
    line: Line | None = None


class Words:
    """What can be said of one file; everything is chosen by `digest`, so that the same file gets the same words."""

    def __init__(self, brief: Brief, digest: str) -> None:
        self.brief, self._digest = brief, digest

    def number(self, *of: object) -> int:
        """A number that depends on the file and on what it is for, and on nothing else."""
        told = "\n".join((self._digest, *map(str, of)))
        return int.from_bytes(hashlib.sha256(told.encode()).digest()[:6])

    def choice(self, among: Sequence[T], *of: object) -> T:
        """One of several."""
        return among[self.number(*of) % len(among)]

    def sights(self, count: int) -> list[str]:
        """So many things that are to be seen."""
        first = self.number("sights")
        return [SIGHTS[(first + number) % len(SIGHTS)] for number in range(count)]

    def topics(self, start: float = 0.0, end: float = float("inf")) -> list[str]:
        """What is spoken of most between two times, a few things that are to be seen, and the words of names."""
        lines = [line for line in self.brief.lines if line.start < end and line.end > start]
        spoken = Counter(word for line in lines for word in _content(line.text))
        names = [word.lower() for word in (*self.brief.file_words, *self.brief.folder_words) if WORD.fullmatch(word)]
        seen = self.sights(2) if self.brief.is_shown else []
        found = list(dict.fromkeys([*(word for word, _ in spoken.most_common(MOST_SPOKEN)), *seen, *names]))
        return found[:MOST_TOPICS] or ["recording"]

    def quote(self, word: str, allowed: Sequence[str]) -> Quote | None:
        """Evidence for a word, from a source that is allowed: speech first, then names; else what is seen, or just said."""
        seen = [Quote("visual", word if word in SIGHTS else self.sights(1)[0])] if self.brief.is_shown else []
        said = [Quote("transcript", " ".join(line.text.split()[:LONGEST_QUOTE]), line) for line in self.brief.lines[:1]]
        found = (*self._said(word), *self._named(word), *seen, *said)
        return next((one for one in found if one.source in allowed), None)

    def prose(self, word: str) -> str:
        """A sentence or two about the file."""
        said = [line.text for line in self.brief.lines if word in line.text.lower()][:1]
        about = ", ".join(dict.fromkeys([word, *self.topics()[:3]]))
        shown = f"shows a {self.sights(1)[0]} and " if self.brief.is_shown else ""
        return " ".join([f"The file {shown}is about {about}.", *said])

    def _said(self, word: str) -> list[Quote]:
        """The lines that have a word, each with the words around it."""
        found = []
        for line in self.brief.lines:
            words = line.text.split()
            at = next((number for number, one in enumerate(words) if word in one.lower()), None)
            if at is not None:
                start = max(0, min(at - 2, len(words) - LONGEST_QUOTE))
                found.append(Quote("transcript", " ".join(words[start : start + LONGEST_QUOTE]), line))
        return found

    def _named(self, word: str) -> list[Quote]:
        names = (("filename", self.brief.file_words), ("path", self.brief.folder_words))
        return [Quote(source, name) for source, words in names for name in words if name.lower() == word]


def _content(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text) if len(word) > 3 and word.lower() not in EVERYDAY]
