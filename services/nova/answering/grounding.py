"""Holding quotes against the file that they are said to come from."""

import re
from collections.abc import Iterable, Iterator

from services.nova.analyst import Material, Span
from services.nova.answering.clock import Clip, clip_of
from services.nova.answering.haystack import Haystack
from services.nova.answering.losses import Loss, Losses
from services.nova.answering.told import Quote
from services.nova.names import pure_path, tokens
from services.nova.prompting.context import spoken_in
from services.nova.prompting.data import line
from services.nova.prompting.recorded import recorded
from services.nova.provenance import Evidence, Source
from shared.contracts import Kind

QUOTES = 6
"""Pieces of evidence kept per value."""
NEAR = 30.0
"""Seconds around the time that a model tells within which the words must be said: models are off by a line or two."""
LONGEST = 300
"""Characters of one description of what is to be seen."""
ELLIPSIS = re.compile(r" ?(?:\.{3,}|\u2026) ?")
NAMES = (Source.FILENAME, Source.PATH)
RECORDED = " (recorded, EXIF):"
"""Between a field's label and its text, as the context shows them."""


class Ground:
    """What is known of one file, or of the part of it that was looked at, ready to be searched."""

    def __init__(self, material: Material, span: Span | None, losses: Losses) -> None:
        self.material = material
        self.losses = losses
        self.clip: Clip | None = clip_of(material, span)
        spoken = _spoken(material, self.clip)
        self._said_at = [(start, end) for start, end, _ in spoken]
        self._speech = Haystack(word for _, _, word in spoken)
        pure = pure_path(material.path)
        folders = [part for part in pure.parts[:-1] if part != pure.anchor]
        self._parts = [*folders, pure.stem]
        self._part_of = [number for number, part in enumerate([*folders, pure.name]) for _ in tokens(part)]
        self._path = Haystack(word for part in [*folders, pure.name] for word in tokens(part))
        self._fields = [
            (f"{label}: {text}", Haystack(tokens(f"{label}{between} {text}")))
            for label, text in recorded(material)
            for between in ("", RECORDED)
        ]

    def evidence(self, quotes: Iterable[Quote], *, without: Iterable[Source] = ()) -> tuple[Evidence, ...]:
        """The quotes that are found, each once, with the times at which they are said; those of sources `without` are lost."""
        barred = {source.value for source in without}
        found: dict[Evidence, None] = {}
        for quote in quotes:
            pieces = [] if quote.source in barred else [*self._found(quote)]
            self.losses.note(Loss.QUOTE, not pieces)
            found |= dict.fromkeys(pieces)
        return tuple(found)[:QUOTES]

    def _found(self, quote: Quote) -> Iterator[Evidence]:
        source = Source(quote.source)
        if source is Source.VISUAL:
            yield from self._seen(quote)
            return
        for phrase in ELLIPSIS.split(line(quote.phrase)):
            if source is Source.TRANSCRIPT:
                yield from self._said(phrase, quote)
            elif source in NAMES:
                yield from self._named(phrase, source)
            else:
                yield from self._recorded(phrase)

    def _seen(self, quote: Quote) -> Iterator[Evidence]:
        phrase = line(quote.phrase, LONGEST)
        if not phrase or self.material.kind is Kind.AUDIO:
            return
        if self.clip is None or quote.start is None:
            yield Evidence(source=Source.VISUAL, phrase=phrase)
            return
        start, end = sorted((self.clip.time(quote.start), self.clip.time(quote.start if quote.end is None else quote.end)))
        yield Evidence(source=Source.VISUAL, phrase=phrase, start=start, end=end)

    def _said(self, phrase: str, quote: Quote) -> Iterator[Evidence]:
        """Where the words are said, nearest to the time that was told; if they are only said elsewhere, nothing."""
        places = [*self._speech.found(phrase)]
        if not places or self.clip is None:
            return
        told = None if quote.start is None else self.clip.time(quote.start)
        first, last = places[0] if told is None else min(places, key=lambda place: self._away(place, told))
        if told is not None and self._away((first, last), told) > NEAR:
            return
        start = self._said_at[first][0]
        yield Evidence(source=Source.TRANSCRIPT, phrase=phrase, start=start, end=max(start, self._said_at[last][1]))

    def _away(self, place: tuple[int, int], told: float) -> float:
        start, end = self._said_at[place[0]][0], self._said_at[place[1]][1]
        return max(start - told, told - end, 0.0)

    def _named(self, phrase: str, source: Source) -> Iterator[Evidence]:
        """The name that has the words; whether it is the file's or a folder's is told by where they stand."""
        file = len(self._parts) - 1
        places = [(self._part_of[first], self._part_of[last]) for first, last in self._path.found(phrase)]
        places.sort(key=lambda place: ((place[0] == file) is not (source is Source.FILENAME), -place[0]))
        for first, last in places[:1]:
            actual = Source.FILENAME if first == file else Source.PATH
            yield Evidence(source=actual, phrase="/".join(self._parts[first : last + 1]))

    def _recorded(self, phrase: str) -> Iterator[Evidence]:
        field = next((field for field, words in self._fields if any(words.found(phrase))), None)
        if field is not None:
            yield Evidence(source=Source.EXIF, phrase=field)


def _spoken(material: Material, clip: Clip | None) -> list[tuple[float, float, str]]:
    """The words of speech, each with the times of its segment."""
    if clip is None:
        return []
    segments = spoken_in(material, Span(start=clip.start, end=clip.end))
    return [(one.start, max(one.start, one.end), word) for one in segments for word in tokens(one.text)]
