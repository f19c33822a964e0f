"""Chapters across the seams between chunks."""

from itertools import pairwise

import pytest

from services.nova.analyst import Chapter
from services.nova.chunking.plan import Chunk
from services.nova.chunking.seams import joined
from tests.support.chunked import chapter, seen

FIRST, SECOND = Chunk(1, 0.0, 100.0), Chunk(2, 90.0, 190.0)


def told(one: list[Chapter], other: list[Chapter], duration: float = 190.0) -> list[tuple[float, float, str]]:
    chapters = joined([(FIRST, tuple(one)), (SECOND, tuple(other))], duration)
    return [(chapter.start, chapter.end, chapter.title) for chapter in chapters]


def test_without_an_edge_in_what_both_saw_the_seam_is_in_its_middle() -> None:
    one, other = [chapter(0, 50, "Pool"), chapter(50, 100, "Pump")], [chapter(90, 190, "Rocks")]
    assert told(one, other) == [(0, 50, "Pool"), (50, 95, "Pump"), (95, 190, "Rocks")]


def test_the_seam_is_at_the_edge_of_a_chapter_that_either_saw() -> None:
    one, other = [chapter(0, 92, "Pool"), chapter(92, 100, "Pump")], [chapter(90, 140, "Rocks"), chapter(140, 190, "Light")]
    assert told(one, other) == [(0, 92, "Pool"), (92, 140, "Rocks"), (140, 190, "Light")]
    one, other = [chapter(0, 100, "Pool")], [chapter(90, 97.5, "Pump"), chapter(97.5, 190, "Rocks")]
    assert told(one, other) == [(0, 97.5, "Pool"), (97.5, 190, "Rocks")]


def test_of_several_edges_the_one_nearest_to_the_middle_is_the_seam() -> None:
    one, other = [chapter(0, 91, "Pool"), chapter(91, 100, "Pump")], [chapter(90, 97, "Hose"), chapter(97, 190, "Rocks")]
    assert told(one, other) == [(0, 91, "Pool"), (91, 97, "Pump"), (97, 190, "Rocks")]


def test_edges_that_only_one_chunk_saw_are_no_seams() -> None:
    one, other = [chapter(0, 89, "Pool"), chapter(89, 100, "Pump")], [chapter(90, 101, "Hose"), chapter(101, 190, "Rocks")]
    assert told(one, other) == [(0, 89, "Pool"), (89, 95, "Pump"), (95, 101, "Hose"), (101, 190, "Rocks")]


def test_of_a_chapter_that_a_seam_leaves_a_sliver_of_nothing_is_left() -> None:
    one, other = (
        [chapter(0, 93.5, "Pool"), chapter(93.5, 100, "Pump")],
        [chapter(90, 95.1, "Hose"), chapter(95.1, 190, "Rocks")],
    )
    assert told(one, other) == [(0, 95.1, "Pool"), (95.1, 190, "Rocks")]


def test_a_short_chapter_that_no_seam_cuts_stays() -> None:
    one, other = [chapter(0, 93, "Pool"), chapter(93, 94, "Flash"), chapter(94, 100, "Pump")], [chapter(90, 190, "Rocks")]
    assert told(one, other) == [(0, 93, "Pool"), (93, 94, "Flash"), (94, 190, "Rocks")]


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Installing the pump", "Pump installing"),
        ("The Grotto", "grottoes and the grotto"),
        ("Pump room", "The pump room at night"),
        ("滝の工事", "滝の工事"),
        ("What we need", "What we need"),
    ],
)
def test_chapters_of_the_same_topic_become_one_across_a_seam(title: str, other: str) -> None:
    assert told([chapter(0, 100, title)], [chapter(90, 190, other)]) == [(0, 190, title)]


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Pump room", "Rock work"),
        ("Pump room", "Pump test"),
        ("The end", "The start"),
        ("…", "…"),
        ("Where the pump is", "Where the rock is"),
    ],
)
def test_chapters_of_different_topics_stay_apart(title: str, other: str) -> None:
    assert len(told([chapter(0, 100, title)], [chapter(90, 190, other)])) == 2


def test_only_neighbours_of_a_seam_become_one() -> None:
    one = [chapter(0, 40, "Pump"), chapter(40, 80, "Pump"), chapter(80, 100, "Rocks")]
    assert len(told(one, [chapter(90, 140, "Light"), chapter(140, 190, "Pump")])) == 5


def test_a_joined_chapter_holds_what_both_said_and_is_as_doubtful_as_the_more_doubtful() -> None:
    one = chapter(0, 100, "Pump room", 0.9, summary="It is cleaned.", raw_start=0.5)
    other = chapter(90, 400, "The pump room", 0.6, summary="It is filled.", raw_end=399.0)
    [both] = joined([(FIRST, (one,)), (Chunk(2, 90.0, 400.0), (other,))], 400.0)
    assert (both.title, both.summary) == ("The pump room", "It is cleaned. It is filled."), "called as the longer"
    assert both.confidence == 0.6
    assert both.evidence == (*one.evidence, *other.evidence)
    assert (both.raw_start, both.raw_end) == (0.5, 399.0)


def test_what_both_said_in_the_same_words_is_said_once() -> None:
    one, other = (
        chapter(*edges, "Pump", summary="It runs.", evidence=(seen("it runs", 92, 93),)) for edges in ((0, 100), (90, 190))
    )
    [both] = joined([(FIRST, (one,)), (SECOND, (other,))], 190.0)
    assert both.summary == "It runs."
    assert len(both.evidence) == 1


def test_one_topic_goes_on_through_any_number_of_chunks() -> None:
    chunks = [Chunk(number + 1, number * 90.0, number * 90.0 + 100) for number in range(4)]
    [all_along] = joined([(chunk, (chapter(chunk.start, chunk.end, "Pump"),)) for chunk in chunks], 370.0)
    assert (all_along.start, all_along.end) == (0.0, 370.0)


def test_where_an_edge_was_stays_known() -> None:
    one, other = joined([(FIRST, (chapter(0, 100, "Pool", raw_end=99.0),)), (SECOND, (chapter(90, 190, "Rocks"),))], 190.0)
    assert (one.raw_start, one.raw_end) == (None, 99.0)
    assert (other.raw_start, other.raw_end) == (90.0, None)


def test_through_a_chunk_without_chapters_the_one_before_goes_on() -> None:
    third = (Chunk(3, 180.0, 280.0), (chapter(180, 280, "Light"),))
    chapters = joined([(FIRST, (chapter(0, 100, "Pool"),)), (SECOND, ()), third], 280.0)
    assert [(one.start, one.end) for one in chapters] == [(0.0, 180.0), (180.0, 280.0)]


def test_the_last_chapter_ends_with_the_file() -> None:
    chapters = joined([(FIRST, (chapter(1, 60, "Pool"),)), (SECOND, (chapter(92, 150, "Rocks"),))], 190.0)
    assert chapters[0].start == 0.0
    assert chapters[-1].end == 190.0
    assert all(one.end == other.start for one, other in pairwise(chapters))


def test_without_chapters_or_length_there_are_none() -> None:
    assert joined([(FIRST, ()), (SECOND, ())], 190.0) == ()
    assert joined([(FIRST, (chapter(0, 100, "Pool"),))], 0.0) == ()


def test_no_chapter_begins_behind_the_end_of_the_file() -> None:
    one, other = [chapter(0, 85, "Pool"), chapter(85, 100, "Pump")], [chapter(90, 190, "Rocks")]
    assert told(one, other, duration=80.0) == [(0, 80, "Pool")]


def test_seams_that_cross_leave_the_chapters_in_order() -> None:
    first = (FIRST, (chapter(0, 93.2, "Pool"), chapter(93.2, 95.1, "Flash"), chapter(95.1, 100, "Pump")))
    inner, last = (Chunk(2, 90.0, 95.0), (chapter(90, 95, "Hose"),)), (Chunk(3, 91.0, 190.0), (chapter(91, 190, "Rocks"),))
    starts = [one.start for one in joined([first, inner, last], 190.0)]
    assert starts == [0.0, 93.2, 95.1]


def test_one_chapter_remains_where_all_are_slivers() -> None:
    chapters = [chapter(0, 3, "Pool")], [chapter(0, 3.5, "Rocks")]
    parts = [(Chunk(number, 0.0, 3.0), tuple(own)) for number, own in enumerate(chapters, start=1)]
    assert [(one.title, one.start, one.end) for one in joined(parts, 1.0)] == [("Rocks", 0.0, 1.0)]
