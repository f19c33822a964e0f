"""Transcripts as files, and the way back."""

from hypothesis import given
from hypothesis import strategies as st

from shared.cues import cues
from shared.spoken import Segment
from shared.subtitle_reading import read
from shared.subtitles import attachment, srt, txt, vtt

SPOKEN = [
    Segment(start=1.0, end=2.5, text="Ladies & gentlemen, a < b.", speaker="Ada"),
    Segment(start=2.5, end=4.25, text="The pump goes in behind the third stone of the fall.", speaker="Ada"),
    Segment(start=7.0, end=3661.004, text="Yes.", speaker="Ben <b>"),
]


def test_srt() -> None:
    assert srt(SPOKEN) == (
        "1\n00:00:01,000 --> 00:00:02,500\nAda: Ladies & gentlemen, a < b.\n\n"
        "2\n00:00:02,500 --> 00:00:04,250\nThe pump goes in behind the\nthird stone of the fall.\n\n"
        "3\n00:00:07,000 --> 01:01:01,004\nBen <b>: Yes.\n"
    )


def test_vtt_escapes_what_would_be_markup() -> None:
    assert vtt(SPOKEN) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:02.500\n<v Ada>Ladies &amp; gentlemen, a &lt; b.\n\n"
        "00:00:02.500 --> 00:00:04.250\n<v Ada>The pump goes in behind the\nthird stone of the fall.\n\n"
        "00:00:07.000 --> 01:01:01.004\n<v Ben &lt;b&gt;>Yes.\n"
    )


def test_text_has_a_paragraph_for_each_speaker_and_after_each_pause() -> None:
    spoken = [*SPOKEN, Segment(start=3670.0, end=3671.0, text="And\nno.", speaker="Ben <b>")]
    assert txt(spoken, timestamps=True) == (
        "[00:00:01] Ada: Ladies & gentlemen, a < b. The pump goes in behind the third stone of the fall.\n\n"
        "[00:00:07] Ben <b>: Yes.\n\n"
        "[01:01:10] Ben <b>: And no.\n"
    )
    assert txt(SPOKEN[2:]) == "Ben <b>: Yes.\n"


def test_a_long_speech_has_paragraphs_of_bearable_length() -> None:
    spoken = [Segment(start=float(at), end=at + 1.0, text="The water falls over nine stones.") for at in range(100)]
    told = txt(spoken).split("\n\n")
    assert all(600 <= len(paragraph) <= 640 for paragraph in told[:-1])


def test_nothing_said_is_an_empty_file() -> None:
    assert (srt([]), vtt([]), txt([])) == ("", "WEBVTT\n", "")


def test_a_file_name_is_told_to_old_and_new_clients() -> None:
    assert attachment('Tür "1" 100%.en.srt') == (
        "attachment; filename=\"T_r _1_ 100_.en.srt\"; filename*=UTF-8''T%C3%BCr%20%221%22%20100%25.en.srt"
    )
    assert "\n" not in attachment("a\nb.srt")


SIGNS = "abc DEF.,-!?&'0189éß池水 "
"""With angle brackets added for WebVTT, which escapes them; what SRT takes for styling it cannot tell from text."""
TIMES = st.lists(st.integers(0, 3_600_000), min_size=2, max_size=16, unique=True).map(sorted)


def spoken_at(times: list[int], texts: list[str], speakers: list[str | None]) -> list[Segment]:
    """Segments that do not overlap, with times in milliseconds."""
    spans = zip(times[::2], times[1::2], texts, speakers, strict=False)
    return [
        Segment(start=start / 1000, end=end / 1000, text=" ".join(text.split()), speaker=speaker)
        for start, end, text, speaker in spans
    ]


def texts(signs: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.text(signs, min_size=1, max_size=60).filter(str.strip), min_size=8, max_size=8)


SPEAKERS = st.lists(st.none() | st.sampled_from(["Ada", "Ben & <Co>", "池"]), min_size=8, max_size=8)


def shown(spoken: list[Segment], *, named: bool = False) -> list[tuple[int, int, str, str | None]]:
    """The cues of segments: times in milliseconds, text without spaces, which lines and cues may break at, and speaker."""
    told = cues(spoken, named=named)
    return [(cue.start, cue.end, "".join("".join(cue.lines).split()), None if named else cue.speaker) for cue in told]


def reread(text: str, kind: str) -> list[Segment]:
    return list(read(text.encode(), format_=kind).segments)


@given(times=TIMES, said=texts(SIGNS + "<>{}\\"), speakers=SPEAKERS)
def test_vtt_comes_back_as_it_went_out(times: list[int], said: list[str], speakers: list[str | None]) -> None:
    spoken = spoken_at(times, said, speakers)
    back = reread(vtt(spoken), "vtt")
    assert shown(back) == shown(spoken)
    assert vtt(back) == vtt(spoken)


@given(times=TIMES, said=texts(SIGNS), speakers=SPEAKERS)
def test_srt_comes_back_as_it_went_out(times: list[int], said: list[str], speakers: list[str | None]) -> None:
    spoken = spoken_at(times, said, speakers)
    back = reread(srt(spoken), "srt")
    assert shown(back) == shown(spoken, named=True)
    assert srt(back) == srt(spoken)


@given(times=TIMES, said=texts(SIGNS))
def test_short_segments_come_back_word_by_word(times: list[int], said: list[str]) -> None:
    spoken = spoken_at(times, [text[:40] if text[:40].strip() else "x" for text in said], [None] * 8)
    for kind, write in (("srt", srt), ("vtt", vtt)):
        assert reread(write(spoken), kind) == spoken
