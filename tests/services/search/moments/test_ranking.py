"""Hits become answers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.moments.ranking import RANK_OFFSET, WEIGHTS, Hit, answers, fused

FILE = uuid4()


def hit(field: str, start: float | None, end: float | None, *, file_id: UUID = FILE, **options: Any) -> Hit:
    """A hit that `options` find: `words=1` is first by words."""
    similarity = options.pop("similarity", None)
    places: Mapping[str, int] = options
    return Hit(file_id, f"{file_id}.mp4", "video", field, start, end, f"{field} {start}", places, similarity, False)


def told(hits: list[Hit], *, semantic: bool = True) -> list[tuple[str, float | None]]:
    return [(answer.hit.field, answer.hit.start) for answer in answers(hits, semantic=semantic, limit=20)]


def test_reciprocal_rank_fusion_adds_what_each_search_says() -> None:
    assert fused({"words": 1, "meaning": 3}) == pytest.approx(1 / (RANK_OFFSET + 1) + 1 / (RANK_OFFSET + 3))


def test_first_everywhere_is_one_and_first_by_meaning_alone_is_half() -> None:
    both, meaning = hit("transcript", 0, 4, words=1, meaning=1), hit("transcript", 0, 4, file_id=uuid4(), meaning=1)
    assert [answer.score for answer in answers([both, meaning], semantic=True, limit=9)] == [1.0, 0.5]
    assert [answer.score for answer in answers([hit("transcript", 0, 4, words=1)], semantic=False, limit=9)] == [1.0]


def test_what_matched_is_told() -> None:
    hits = [
        hit("transcript", 0, 4, file_id=uuid4(), words=1, meaning=1, similarity=0.8),
        hit("transcript", 0, 4, file_id=uuid4(), words=2),
        hit("transcript", 0, 4, file_id=uuid4(), meaning=3, similarity=0.4),
    ]
    found = answers(hits, semantic=True, limit=9)
    assert [(answer.matched, answer.similarity) for answer in found] == [("both", 0.8), ("keyword", None), ("meaning", 0.4)]


def test_the_sentence_tells_a_chapter_and_an_element_better() -> None:
    hits = [hit("chapter", 0, 60, words=1), hit("element", 12.5, 12.9, words=2), hit("transcript", 12, 15, words=9)]
    assert told(hits) == [("transcript", 12)]


def test_an_answer_has_the_best_place_of_all_that_say_the_same() -> None:
    [answer] = answers([hit("chapter", 0, 60, words=1), hit("transcript", 12, 15, meaning=1)], semantic=True, limit=9)
    assert (answer.score, answer.matched, answer.hit.field) == (1.0, "both", "transcript")


def test_of_neighbours_the_better_one_leads_and_keeps_its_own_time() -> None:
    hits = [hit("transcript", 0, 4, words=2), hit("transcript", 4.5, 8, words=1), hit("transcript", 20, 24, words=3)]
    assert told(hits) == [("transcript", 4.5), ("transcript", 20)]


def test_a_neighbour_s_worse_place_takes_nothing_away() -> None:
    [answer] = answers([hit("transcript", 0, 4, words=1), hit("transcript", 4.5, 8, words=30)], semantic=False, limit=9)
    assert answer.score == 1.0


def test_moments_of_different_files_are_never_merged() -> None:
    assert len(told([hit("transcript", 0, 4, words=1), hit("transcript", 0, 4, file_id=uuid4(), words=2)])) == 2


def test_a_name_that_matches_lends_its_place_to_the_moment_where_the_word_is_said() -> None:
    assert told([hit("name", None, None, words=1), hit("transcript", 8, 12, words=2)]) == [("transcript", 8)]


def test_a_name_that_matches_stands_for_itself_where_the_word_is_never_said() -> None:
    assert told([hit("name", None, None, words=1), hit("transcript", 8, 12, meaning=1)]) == [("name", None), ("transcript", 8)]


def test_a_photo_is_one_answer() -> None:
    assert told([hit("name", None, None, words=2), hit("exif", None, None, words=1)]) == [("exif", None)]


def test_a_chapter_beside_the_sentence_joins_through_the_element_between() -> None:
    hits = [hit("chapter", 0, 10, words=1), hit("element", 9, 12, words=2), hit("transcript", 11, 14, words=3)]
    assert told(hits) == [("transcript", 11)]


FIELDS = st.sampled_from(["transcript", "chapter", "element", "name", "summary"])
PLACES = st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.integers(1, 50), min_size=1)
TIMES = st.none() | st.floats(0, 100)


@st.composite
def any_hit(draw: st.DrawFn) -> Hit:
    start = draw(TIMES)
    end = None if start is None else start + draw(st.floats(0, 30))
    file_id = UUID(int=draw(st.integers(1, 3)))
    return hit(draw(FIELDS), start, end, file_id=file_id, **draw(PLACES))


@given(st.lists(any_hit(), max_size=25))
def test_scores_fall_and_every_file_that_was_found_is_answered(hits: list[Hit]) -> None:
    found = answers(hits, semantic=True, limit=100)
    scores = [answer.score for answer in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert {answer.hit.file_id for answer in found} == {one.file_id for one in hits}
    assert len({id(answer.hit) for answer in found}) == len(found)
