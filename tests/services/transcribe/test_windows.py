"""Where windows end and what is heard together."""

import numpy as np
from faster_whisper.vad import collect_chunks
from hypothesis import given
from hypothesis import strategies as st

from services.transcribe.loudness import FRAME, levels
from services.transcribe.windows import ZONE, Chunk, Span, chunked, cut_in_pieces, cut_in_speech, pieces

SECOND = 16000
EVEN = np.full(600 * SECOND // FRAME, -20.0, dtype=np.float32)


def spans(*times: tuple[float, float]) -> list[Span]:
    return [Span(int(start * SECOND), int(end * SECOND)) for start, end in times]


def seconds(chunks: tuple[Chunk, ...]) -> list[list[tuple[float, float]]]:
    return [[(span.start / SECOND, span.end / SECOND) for span in chunk] for chunk in chunks]


@st.composite
def speeches(draw: st.DrawFn) -> list[Span]:
    """Stretches in order, of at most 30 seconds, as the voice detector finds them."""
    found, at = list[Span](), 0
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 20 * SECOND), st.integers(1, 30 * SECOND)), max_size=30)):
        found.append(Span(at + gap, at + gap + length))
        at += gap + length
    return found


@given(speeches())
def test_chunks_are_those_that_faster_whisper_makes(speech: list[Span]) -> None:
    length = speech[-1].end if speech else 0
    _, told = collect_chunks(np.zeros(length, dtype=np.float32), [span._asdict() for span in speech], max_duration=30)
    theirs = [round(chunk["duration"] * SECOND) for chunk in told if chunk["duration"]]
    assert theirs == [sum(span.length for span in chunk) for chunk in chunked(speech, 30 * SECOND)]


@given(speeches(), st.integers(1, 30))
def test_every_stretch_is_in_one_chunk_and_none_is_too_long(speech: list[Span], most: int) -> None:
    chunks = chunked(speech, most * SECOND)
    assert [span for chunk in chunks for span in chunk] == speech
    assert all(len(chunk) == 1 or sum(span.length for span in chunk) <= most * SECOND for chunk in chunks)


@given(speeches())
def test_a_window_ends_in_its_last_part_and_between_stretches(speech: list[Span]) -> None:
    length = 300 * SECOND
    speech = [span for span in speech if span.end <= length]
    cut = cut_in_speech(speech, EVEN, length, 30 * SECOND)
    assert ZONE * length - FRAME <= cut.end <= length
    heard = [span for chunk in cut.chunks for span in chunk]
    assert [span.start for span in heard] == [span.start for span in speech if span.start < cut.end]
    assert all(span.end <= cut.end for span in heard)


def test_it_ends_between_two_chunks_where_the_pause_is_longest() -> None:
    speech = spans((0, 80), (80.5, 88), (89, 93), (93.25, 94), (94.5, 100))
    cut = cut_in_speech(speech, EVEN, 100 * SECOND, 5 * SECOND)
    assert cut.end == 88.5 * SECOND
    assert seconds(cut.chunks) == [[(0, 80)], [(80.5, 88)]]
    assert cut_in_speech(speech, EVEN, 100 * SECOND, 12 * SECOND).end == 93.125 * SECOND


def test_pauses_of_more_than_a_second_are_alike_and_the_quietest_is_taken() -> None:
    speech = spans((0, 80), (84, 86), (88, 90), (95, 100))
    heard = EVEN.copy()
    heard[(86 * 50) : (88 * 50)] = -70.0
    assert cut_in_speech(speech, heard, 100 * SECOND, SECOND).end == 87 * SECOND
    assert cut_in_speech(speech, EVEN, 100 * SECOND, SECOND).end == 92.5 * SECOND


def test_it_ends_inside_a_chunk_only_if_no_other_place_is_near() -> None:
    speech = spans((0, 2), (50, 52), (85, 86), (98, 100))
    cut = cut_in_speech(speech, EVEN, 100 * SECOND, 30 * SECOND)
    assert cut.end == 92 * SECOND
    assert seconds(cut.chunks) == [[(0, 2), (50, 52), (85, 86)]]


def test_silence_is_cut_a_second_before_its_end() -> None:
    assert cut_in_speech([], EVEN, 100 * SECOND, 30 * SECOND).end == 99 * SECOND
    assert cut_in_speech(spans((0, 10)), EVEN, 100 * SECOND, 30 * SECOND).end == 99 * SECOND


def test_who_never_pauses_is_cut_where_it_is_quietest() -> None:
    heard = EVEN.copy()
    heard[(90 * 50) : (91 * 50)] = -40.0
    cut = cut_in_speech([Span(0, 100 * SECOND)], heard, 100 * SECOND, 100 * SECOND)
    assert abs(cut.end - 90.5 * SECOND) < SECOND / 4
    assert cut.chunks == ((Span(0, cut.end),),)


@given(st.integers(0, 200 * SECOND), st.integers(5, 30))
def test_pieces_cover_everything(length: int, most: int) -> None:
    found = [span for chunk in pieces(EVEN, length, most * SECOND) for span in chunk]
    assert [span.start for span in found] == [0, *(span.end for span in found)][: len(found)]
    assert sum(span.length for span in found) == length
    assert all(0 < span.length <= most * SECOND for span in found)


def test_pieces_are_cut_in_pauses_and_a_window_holds_whole_ones() -> None:
    rng = np.random.default_rng(1)
    samples = (rng.standard_normal(100 * SECOND) * 0.1).astype(np.float32)
    for pause in (20, 45, 70, 90):
        samples[pause * SECOND : int((pause + 0.5) * SECOND)] = 0
    cut = cut_in_pieces(levels(samples), 100 * SECOND, 30 * SECOND)
    ends = [round(chunk[0].end / SECOND, 1) for chunk in cut.chunks]
    assert ends == [20.2, 45.2, 70.2]
    assert cut.end == cut.chunks[-1][0].end
