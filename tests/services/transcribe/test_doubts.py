"""Doubtful segments are marked and say why; none is left out."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.demo.command import MODEL
from services.transcribe.doubts import compression, doubted, longest_loop
from services.transcribe.settings import WhisperSettings
from services.transcribe.transcript import Segment, Transcript
from services.transcribe.whisper import Whisper
from tests.support.media import run_ffmpeg
from tests.support.speech import TWO_SENTENCES

SENTENCE = Segment(10.0, 13.0, "the engineer is in the white studio.", avg_logprob=-0.2, no_speech=0.01, voice=1.0, level=-16.0)


def kinds(*segments: Segment) -> list[list[str]]:
    return [[doubt.kind for doubt in segment.doubts] for segment in doubted(segments)]


def reasons(segment: Segment) -> list[str]:
    return [doubt.reason for doubt in doubted([segment])[0].doubts]


def test_plain_speech_is_not_doubted() -> None:
    assert kinds(SENTENCE, replace(SENTENCE, text="welcome from the blue river."), SENTENCE) == [[], [], []]
    assert kinds(replace(SENTENCE, text="No, no, no, no, no!"), replace(SENTENCE, text="Yes.")) == [[], []]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("and and and and and and the river", '"and" comes 6 times in a row; the model may have got stuck.'),
        ("of the of the of the of the stone", '"of the" comes 4 times in a row; the model may have got stuck.'),
        (
            "The blue river, the blue river. The blue river",
            '"the blue river" comes 3 times in a row; the model may have got stuck.',
        ),
    ],
)
def test_a_phrase_back_to_back_is_a_repetition(text: str, reason: str) -> None:
    assert reasons(replace(SENTENCE, text=text)) == [reason]


def test_the_same_segment_again_and_again_is_a_repetition() -> None:
    again = [SENTENCE] * 3
    assert kinds(SENTENCE, SENTENCE) == [[], []]
    assert kinds(*again) == [["repetition"]] * 3
    assert "3 times in a row" in doubted(again)[0].doubts[0].reason
    short = replace(SENTENCE, text="Yes.")
    assert kinds(*[short] * 4) == [[]] * 4
    assert kinds(*[short] * 5) == [["repetition"]] * 5


def test_rounds_of_segments_are_a_repetition() -> None:
    other = replace(SENTENCE, text="welcome from the blue river.")
    before = replace(SENTENCE, text="that is the garden.")
    assert kinds(before, *[SENTENCE, other] * 3, before) == [[], *[["repetition"]] * 6, []]
    assert kinds(*[SENTENCE, other] * 2) == [[]] * 4


def test_a_text_that_packs_too_well_is_marked() -> None:
    loop = " ".join(f"we go {place} and on" for place in ("up", "down") * 30)
    assert "compression" in kinds(replace(SENTENCE, text=loop, end=90.0))[0]
    assert compression("") == 0.0


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"avg_logprob": -1.2}, "uncertain"),
        ({"no_speech": 0.7}, "no_speech"),
        ({"voice": 0.05}, "silence"),
        ({"level": -75.0}, "silence"),
        ({"end": 10.3}, "rate"),
        ({"text": "thank you for watching!", "no_speech": 0.4}, "ghost"),
        ({"text": "Bye-bye.", "level": -55.0}, "ghost"),
        ({"text": "よろしくお願いします" * 10, "end": 11.0}, "rate"),
    ],
)
def test_each_sign_is_a_doubt_of_its_own(changes: dict[str, object], kind: str) -> None:
    segment = replace(SENTENCE, **changes)  # type: ignore[arg-type]
    [found] = kinds(segment)
    assert kind in found
    assert all(reason[0].isupper() or reason[0].isdigit() or reason[0] == '"' for reason in reasons(segment))
    assert all(reason.endswith(".") for reason in reasons(segment))


def test_a_ghost_phrase_that_somebody_says_is_not_doubted() -> None:
    assert kinds(replace(SENTENCE, text="Thank you for watching.")) == [[]]


def test_the_longest_loop_is_found() -> None:
    assert longest_loop(["a", "b", "c", "a", "b", "c", "a", "b", "c"]) == (("a", "b", "c"), 3)
    assert longest_loop(["x"] * 7) == (("x",), 7)
    assert longest_loop(["a", "b", "a", "b", "a", "b"]) == ((), 0)
    assert longest_loop([]) == ((), 0)


TEXTS = st.lists(st.sampled_from(["", "a", "b b", "thank you", "a b c " * 9, "…"]), max_size=30)


@given(TEXTS)
def test_none_is_left_out_and_nothing_but_doubts_changes(texts: list[str]) -> None:
    segments = [Segment(float(at), at + 1.0, text) for at, text in enumerate(texts)]
    assert [replace(segment, doubts=()) for segment in doubted(segments)] == segments


async def heard(path: Path, *, vad: bool = True) -> Transcript:
    settings = WhisperSettings(model=str(MODEL), chunk_length=15, device="cpu", language="en", vad=vad)
    return await Whisper(settings).transcribe(path)


async def test_speech_that_is_really_repeated_is_marked(tmp_path: Path) -> None:
    run_ffmpeg("-t", "2.5", "-i", TWO_SENTENCES, tmp_path / "one.flac")
    run_ffmpeg("-stream_loop", "9", "-i", tmp_path / "one.flac", tmp_path / "again.flac")
    transcript = await heard(tmp_path / "again.flac")
    assert len(transcript.segments) >= 8
    assert sum("repetition" in [doubt.kind for doubt in segment.doubts] for segment in transcript.segments) >= 6


NOBODY = {
    "silence": "anullsrc=r=16000:cl=mono:duration=20",
    "near silence": "anoisesrc=color=white:sample_rate=16000:duration=20:seed=3:amplitude=0.0002",
    "noise": "anoisesrc=color=brown:sample_rate=16000:duration=20:seed=3:amplitude=0.4",
    "tone": "sine=frequency=220:sample_rate=16000:duration=20",
    "square tune": "aevalsrc=0.2*sgn(sin(2*PI*(220+110*floor(mod(t*2\\,4)))*t)):s=16000:d=30",
    "saw tune": "aevalsrc=0.3*(mod(t*(180+60*floor(mod(t*3\\,5)))\\,1)-0.5):s=16000:d=40",
}
"""Sounds in which nobody speaks. Of the tunes the model makes words if they are not kept from it."""


@pytest.mark.parametrize("clip", NOBODY)
async def test_where_nobody_speaks_every_segment_is_doubted(clip: str, tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", NOBODY[clip], "-sample_fmt", "s16", tmp_path / "clip.flac")
    transcript = await heard(tmp_path / "clip.flac", vad=False)
    assert bool(transcript.segments) == clip.endswith("tune")
    assert all("silence" in [doubt.kind for doubt in segment.doubts] for segment in transcript.segments)


@pytest.mark.parametrize("clip", ["silence", "near silence", "noise", "tone", "square tune"])
async def test_the_voice_detector_keeps_them_from_the_model(clip: str, tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", NOBODY[clip], "-sample_fmt", "s16", tmp_path / "clip.flac")
    assert (await heard(tmp_path / "clip.flac")).segments == ()
