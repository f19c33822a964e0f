from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.nova.analyst import Chapter, Segment
from services.nova.local.chapters import MOST, SHORTEST, chapters
from services.nova.local.sentences import Sentence, sentences
from services.nova.provenance import Evidence, Source
from tests.support.material import segments

NAME = Evidence(source=Source.FILENAME, phrase="smith grotto")
RIVER = ["the river is blue.", "a bridge over the river.", "the blue bridge.", "river and bridge."]
MUSIC = ["a guitar and a piano.", "the singer has a guitar.", "piano for the singer.", "guitar, piano, singer."]
SPOKEN = sentences(segments([*RIVER, *MUSIC]))
SHIFT = 18.0
"""When the first sentence about music begins."""

times = st.floats(0, 200, allow_nan=False)
talk = st.lists(st.sampled_from(["river bridge.", "guitar piano.", "so it is", "grotto", "…", "מפל"]), max_size=40)


def check(found: tuple[Chapter, ...], duration: float) -> None:
    assert found[0].start == 0
    assert found[-1].end == duration
    assert all(before.end == after.start for before, after in pairwise(found))
    assert len(found) <= MOST
    if duration >= SHORTEST:
        assert all(chapter.end - chapter.start >= SHORTEST - 1e-9 for chapter in found)
    else:
        assert len(found) == 1
    for chapter in found:
        assert chapter.title
        assert chapter.summary
        assert chapter.evidence
        assert chapter.source is not Source.VISUAL


def starts(found: tuple[Chapter, ...]) -> list[float]:
    return [chapter.start for chapter in found]


def test_a_topic_shift_begins_a_chapter() -> None:
    first, second = chapters(36, SPOKEN, (), NAME)
    assert (first.title, second.title) == ("River, blue, bridge", "Guitar, piano, singer")
    assert SHIFT - 0.5 <= second.start <= SHIFT
    assert second.evidence[0].start is not None
    assert second.evidence[0].start >= SHIFT


def test_the_edge_snaps_to_a_cut_in_the_silence() -> None:
    assert starts(chapters(36, SPOKEN, (3.0, 17.8, 25.0), NAME)) == [0, 17.8]
    assert starts(chapters(36, SPOKEN, (18.3,), NAME)) == [0, 18.3]


def test_a_cut_in_the_middle_of_speech_attracts_nothing() -> None:
    assert starts(chapters(36, SPOKEN, (15.0, 20.0), NAME)) == starts(chapters(36, SPOKEN, (), NAME))


def test_a_long_silence_begins_a_chapter_where_words_do_not_repeat() -> None:
    spoken = sentences(
        [
            *(Segment(start=at * 4, end=at * 4 + 3.5, text=text) for at, text in enumerate(("red.", "green.", "blue."))),
            *(
                Segment(start=30 + at * 4, end=33.5 + at * 4, text=text)
                for at, text in enumerate(("one fish.", "a bird.", "trees."))
            ),
        ]
    )
    assert starts(chapters(45, spoken, (), NAME)) == [0, 29.5]


def test_without_speech_cuts_make_the_chapters() -> None:
    found = chapters(60, (), (3, 14, 30, 44, 59), NAME)
    assert [(chapter.start, chapter.title, chapter.source) for chapter in found] == [
        (0, "Shots 1 to 2", Source.SHOTS),
        (14, "Shot 3", Source.SHOTS),
        (30, "Shot 4", Source.SHOTS),
        (44, "Shots 5 to 6", Source.SHOTS),
    ]
    check(found, 60)


def test_without_speech_and_cuts_there_is_one_named_after_the_file() -> None:
    (only,) = chapters(60, (), (), NAME)
    assert (only.title, only.source, only.end) == ("smith grotto", Source.FILENAME, 60)


def test_no_duration_no_chapters() -> None:
    assert chapters(0, SPOKEN, (1,), NAME) == ()


@given(st.floats(0.1, 250), talk, st.lists(times, max_size=30), st.floats(0, 30))
def test_chapters_cover_every_file(duration: float, texts: list[str], shots: list[float], pause: float) -> None:
    spoken = sentences(segments(texts, pause=pause))
    found = chapters(duration, spoken, shots, NAME)
    check(found, duration)
    assert found == chapters(duration, spoken, shots, NAME)


@given(
    st.lists(st.tuples(times, times, st.sampled_from(["river.", "guitar.", "it is."])), max_size=30),
    st.lists(times, max_size=20),
)
def test_overlapping_speech_does_no_harm(raw: list[tuple[float, float, str]], shots: list[float]) -> None:
    spoken = sorted(Sentence(text, min(one, two), max(one, two), (text[:-1],)) for one, two, text in raw)
    spoken.sort(key=lambda sentence: sentence.start)
    check(chapters(200, spoken, shots, NAME), 200)
