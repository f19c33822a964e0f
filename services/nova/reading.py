"""Everything about a file that has words in it, source by source."""

from collections.abc import Iterator
from typing import NamedTuple

from services.nova.analyst import Material, Segment
from services.nova.names import Name, PathNames, read_path
from services.nova.provenance import Evidence, Source
from services.nova.words import SILENCE, Word, said, written

EXIF_TEXTS = (
    "ImageDescription",
    "XPTitle",
    "XPSubject",
    "XPComment",
    "XPKeywords",
    "UserComment",
    "Title",
    "Description",
    "Keywords",
)
"""The tags that people write into."""
BEFORE, AFTER = 3, 2
"""Words of speech quoted around what was found: enough to recognise the place, short enough to list."""


class Text(NamedTuple):
    """The words of one source; `places` holds each name or EXIF text as written, by the number its words carry."""

    source: Source
    words: tuple[Word, ...]
    places: tuple[str, ...] = ()

    def quote(self, first: int, last: int) -> Evidence:
        """Evidence for the words from `first` to `last` inclusive: the name as written, or what is said around them."""
        start, end = self.words[first], self.words[last]
        if self.source is not Source.TRANSCRIPT:
            return Evidence(source=self.source, phrase=self.places[start.segment])
        around = self.words[max(0, first - BEFORE) : last + 1 + AFTER]
        phrase = " ".join(word.text for word in around if start.sentence <= word.sentence <= end.sentence)
        return Evidence(source=self.source, phrase=phrase, start=start.start, end=max(start.start, end.end))


def spoken(segment: Segment, phrase: str) -> Evidence:
    """Evidence for what is said in one segment."""
    return Evidence(source=Source.TRANSCRIPT, phrase=phrase, start=segment.start, end=max(segment.start, segment.end))


class Reading(NamedTuple):
    """One file as words, beside the file itself for those who care how things are written."""

    material: Material
    names: PathNames
    transcript: Text
    filename: Text
    path: Text
    exif: Text

    @property
    def texts(self) -> tuple[Text, ...]:
        """All of them, the most trustworthy first."""
        return (self.transcript, self.exif, self.filename, self.path)

    @property
    def named(self) -> tuple[tuple[Name, Evidence], ...]:
        """Every name with itself as evidence: the file's own, then the folders' from the innermost."""
        folders = ((Source.PATH, folder) for folder in reversed(self.names.folders))
        every = ((Source.FILENAME, self.names.file), *folders)
        return tuple((name, Evidence(source=source, phrase=name.raw)) for source, name in every)


def read(material: Material) -> Reading:
    """The words of a file by source."""
    names = read_path(material.path)
    return Reading(
        material=material,
        names=names,
        transcript=Text(Source.TRANSCRIPT, said(material.segments)),
        filename=_named(Source.FILENAME, (names.file,)),
        path=_named(Source.PATH, names.folders),
        exif=_noted(tuple(_exif_texts(material))),
    )


def _named(source: Source, names: tuple[Name, ...]) -> Text:
    words = tuple(word for place, name in enumerate(names) for word in written(name.tokens, place))
    return Text(source, words, tuple(name.raw for name in names))


def _noted(texts: tuple[str, ...]) -> Text:
    # Spoken with silence in between, so that no sentence goes on from one text into the next.
    apart = (Segment(start=place * 2 * SILENCE, end=place * 2 * SILENCE, text=text) for place, text in enumerate(texts))
    return Text(Source.EXIF, said(apart), texts)


def _exif_texts(material: Material) -> Iterator[str]:
    for tag in EXIF_TEXTS:
        value = material.exif.get(tag)
        for text in value if isinstance(value, list) else [value]:
            # Cameras write their own name, in capitals, where people would describe the picture.
            if isinstance(text, str) and text.strip() and not text.isupper():
                yield text.strip()
