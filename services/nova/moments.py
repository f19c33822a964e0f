"""What a file can be found by: its texts, each with the stretch of time that it is about where it has one."""

from collections.abc import Iterator
from typing import NamedTuple

from services.nova.analyst import Analysis, Material, Passage
from services.nova.names import pure_path, tokens
from services.nova.provenance import Source
from services.nova.reading import read

LONGEST = 20_000
"""Characters kept of one text: Postgres refuses to index a text of a megabyte, and nobody reads one as an answer."""
TOLD_ELSEWHERE = frozenset({Source.FILENAME, Source.PATH, Source.EXIF})
"""Sources that are moments themselves: a passage that rests on these alone would only repeat them."""


class Moment(NamedTuple):
    """One text of a file; times in seconds, None where it is about the whole file."""

    field: str
    text: str
    start: float | None = None
    end: float | None = None


def moments(material: Material, analysis: Analysis | None) -> list[Moment]:
    """Everything the file can be found by; without an analysis, what is known without one."""
    found = [*_spoken(material), *(_analysed(analysis) if analysis else ()), *_named(material), *_captured(material)]
    fit = (moment._replace(text=moment.text.strip()[:LONGEST]) for moment in found)
    return list(dict.fromkeys(moment for moment in fit if moment.text))


def _spoken(material: Material) -> Iterator[Moment]:
    for segment in material.segments:
        yield Moment("transcript", segment.text, segment.start, segment.end)


def _analysed(analysis: Analysis) -> Iterator[Moment]:
    for chapter in analysis.chapters:
        yield Moment("chapter", f"{chapter.title}. {chapter.summary}", chapter.start, chapter.end)
    told: tuple[tuple[str, Passage | None], ...] = (
        ("summary", analysis.summary.usual if analysis.summary else None),
        ("summary", analysis.transcript_summary),
        ("description", analysis.description),
    )
    for field, passage in told:
        if passage and not _repeats(passage):
            yield Moment(field, passage.text)
    for element in analysis.elements:
        first = element.spans[0] if element.spans else None
        yield Moment("element", element.name, first.start if first else None, first.end if first else None)
    yield Moment("tags", ", ".join(_tags(analysis)))


def _repeats(passage: Passage) -> bool:
    return all(piece.source in TOLD_ELSEWHERE for piece in passage.evidence)


def _tags(analysis: Analysis) -> list[str]:
    classified = analysis.waterfall_classification
    tags = classified.search_tags if classified else ()
    return list(dict.fromkeys((*tags, *analysis.search_metadata.keywords)))


def _named(material: Material) -> Iterator[Moment]:
    """The file's name in words, and its folders as far as a person chose them."""
    stem = pure_path(material.path).stem
    yield Moment("name", " ".join(tokens(stem)) or stem)
    folders = read(material).names.folders
    yield Moment("path", " / ".join(" ".join(tokens(folder.raw)) or folder.raw for folder in folders))


def _captured(material: Material) -> Iterator[Moment]:
    told = []
    if material.camera:
        told.append(f"with {material.camera}")
    if material.captured_at:
        told.append(f"on {material.captured_at:%A, %d %B %Y} ({material.captured_at:%Y-%m-%d})")
    if material.gps:
        told.append(f"at {material.gps[0]:.5f}, {material.gps[1]:.5f}")
    yield Moment("exif", f"Captured {' '.join(told)}" if told else "")
    for text in read(material).exif.places:
        yield Moment("caption", text)
