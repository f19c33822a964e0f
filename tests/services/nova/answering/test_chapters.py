from typing import Any

import pytest

from services.nova.analyst import Chapter, Span
from services.nova.answering.answer import Part
from services.nova.answering.chapters import SHORTEST, chapters
from services.nova.answering.facts import UNPROVEN_AT_MOST
from services.nova.provenance import Source
from shared.contracts import Kind
from tests.services.nova.answering.telling import ground, quote, said, seen
from tests.support.material import material

LONG = material(path="clip.mp4", duration=100.0)


def part(start: Any, end: Any, title: str = "x", *evidence: dict[str, Any]) -> Part:
    return Part.model_validate(
        {"start": start, "end": end, "title": title, "summary": title, "evidence": evidence, "confidence": 0.9}
    )


def told(*parts: Part, **fields: Any) -> tuple[Chapter, ...]:
    return chapters(parts, ground(LONG.model_copy(update=fields)))


def bounds(found: tuple[Chapter, ...]) -> list[tuple[float, float]]:
    return [(chapter.start, chapter.end) for chapter in found]


def test_good_chapters_stay_as_they_are() -> None:
    found = told(part(0, 40, "a", seen("a rock", 1, 2)), part(40, 100, "b"))
    assert bounds(found) == [(0, 40), (40, 100)]
    assert [(chapter.raw_start, chapter.raw_end) for chapter in found] == [(None, None)] * 2
    assert [chapter.title for chapter in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("parts", "repaired"),
    [
        ([(0, 30), (50, 100)], [(0, 50), (50, 100)]),
        ([(0, 60), (40, 100)], [(0, 40), (40, 100)]),
        ([(50, 100), (0, 50)], [(0, 50), (50, 100)]),
        ([(10, 50), (50, 80)], [(0, 50), (50, 100)]),
        ([(50, 0), (100, 50)], [(0, 50), (50, 100)]),
        ([(-10, 50), (50, 300)], [(0, 50), (50, 100)]),
        ([(0, 100), (20, 40)], [(0, 20), (20, 100)]),
        ([(0, 50), (50, 51), (51, 100)], [(0, 51), (51, 100)]),
        ([(0, 1), (1, 100)], [(0, 100)]),
        ([(30, 40)], [(0, 100)]),
        ([(0, 50), (50, 100), (200, 300)], [(0, 50), (50, 100)]),
        ([(0, 50), (0, 50)], [(0, 100)]),
    ],
)
def test_gaps_overlaps_and_disorder_are_repaired(parts: list[tuple[float, float]], repaired: list[tuple[float, float]]) -> None:
    assert bounds(told(*(part(*one) for one in parts))) == repaired


def test_what_was_told_is_kept_where_an_edge_moved() -> None:
    first, second = told(part(0, 39), part(41, 120), shots=(42.0,))
    assert (first.end, first.raw_end) == (42, 39)
    assert (second.start, second.raw_start) == (42, 41)
    assert (second.end, second.raw_end) == (100, 120)
    assert first.raw_start is None


def test_edges_move_to_cuts_and_else_to_pauses() -> None:
    film = material("one.", "two.", "three.", path="clip.mp4")
    assert bounds(chapters([part(0, 8), part(8, 14)], ground(film))) == [(0, 8.75), (8.75, 14)]
    cut = film.model_copy(update={"shots": (7.0,)})
    assert bounds(chapters([part(0, 8), part(8, 14)], ground(cut))) == [(0, 7.0), (7.0, 14)]


def test_chapters_of_a_part_have_the_times_of_the_file() -> None:
    span = Span(start=30, end=60)
    found = chapters([part(0, 10, "a", seen("x", 1, 2)), part(10, 30)], ground(LONG, span))
    assert bounds(found) == [(30, 40), (40, 60)]
    assert (found[0].evidence[0].start, found[0].evidence[0].end) == (31, 32)
    assert found[0].raw_start is None


def test_a_tiny_chapter_leaves_its_evidence_to_the_longer_one() -> None:
    held = ground(LONG)
    parts = [part(0, 50, "long", seen("a")), part(50, 51, "tiny", seen("b")), part(51, 100, "rest")]
    found = chapters(parts, held)
    assert [chapter.title for chapter in found] == ["long", "rest"]
    assert [piece.phrase for piece in found[0].evidence] == ["a", "b"]
    assert list(held.losses.sentences()) == ["1 chapter was too short, and was joined to its neighbour."]


def test_a_first_tiny_chapter_is_told_as_the_next() -> None:
    assert [chapter.title for chapter in told(part(0, SHORTEST / 2, "tiny"), part(1, 100, "long"))] == ["long"]


def test_a_clip_shorter_than_any_chapter_has_one() -> None:
    short = LONG.model_copy(update={"duration": 1.0})
    assert bounds(chapters([part(0, 0.5), part(0.5, 1)], ground(short))) == [(0, 1)]


def test_no_chapters_where_there_is_no_time_or_nothing_was_told() -> None:
    held = ground(LONG)
    assert chapters([], held) == ()
    assert list(held.losses.sentences()) == ["No chapter was told."]
    assert chapters([part(0, 1)], ground(material(path="a.jpg", kind=Kind.IMAGE))) == ()
    assert chapters([part(0, 1)], ground(LONG.model_copy(update={"duration": 0.0}))) == ()


def test_a_chapter_whose_evidence_is_not_found_stays_in_doubt() -> None:
    (found,) = told(part(0, 100, "x", said("never said")))
    assert found.evidence == ()
    assert found.confidence == UNPROVEN_AT_MOST
    assert found.source is Source.VISUAL


def test_a_chapter_comes_from_where_its_first_evidence_does() -> None:
    sound = material("a grotto.", path="clip.mp3", kind=Kind.AUDIO)
    (found,) = chapters([part(0, 5, "x", seen("a rock"), said("a grotto"))], ground(sound))
    assert found.source is Source.TRANSCRIPT
    (unfounded,) = chapters([part(0, 5, "x", quote("path", "nowhere"))], ground(sound))
    assert unfounded.source is Source.TRANSCRIPT


def test_titles_are_lines() -> None:
    (found,) = told(part(0, 100, "A <b>title</b>\nof\x00 two lines"))
    assert found.title == "A \u2039b\u203atitle\u2039/b\u203a of two lines"
