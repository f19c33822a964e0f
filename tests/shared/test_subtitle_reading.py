"""Subtitle files as people have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.subtitle_reading import ASSUMED, Reading, one_line, read

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>The pump</i> goes in.

2
00:00:03,000 --> 00:00:04,000 X1:40 X2:600
{\\an8}It costs <font color="#fff">1984</font>
1984

3
00:00:05,000 --> 00:00:06,000

4
00:00:07,000 --> 00:00:08,000
I <3 water & C:\\New\\pond
1985
"""

VTT = """WEBVTT - made by hand
Kind: captions

STYLE
::cue { color: red }

NOTE 00:00:00.000 --> nothing
that is spoken

intro
00:01.000 --> 00:02.500 align:start
<v.loud Ada>Hello &amp; <b>good</b> evening</v>

00:00:03.000 --> 00:00:05.000
<v Ada>It <00:00:03.500><c>runs</c><00:00:04.000> now.
<v Ben>Yes.

NOTE The end.

00:00:06.000 --> 00:00:07.000
1 &lt; 2
"""

ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20,nonsense

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,Not spoken
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ada,0,0,0,,{\\i1}The pump{\\i0},\\Ngoes in.
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
"""


def said(reading: Reading) -> list[tuple[float, float, str, str | None]]:
    return [(segment.start, segment.end, segment.text, segment.speaker) for segment in reading.segments]


def test_srt_loses_its_styling_and_none_of_its_text() -> None:
    reading = read(SRT.encode())
    assert said(reading) == [
        (1.0, 2.5, "The pump goes in.", None),
        (3.0, 4.0, "It costs 1984 1984", None),
        (7.0, 8.0, "I <3 water & C:\\New\\pond 1985", None),
    ]
    assert (reading.format, reading.encoding) == ("srt", "utf-8")
    assert reading.notes == ("1 cue without text was left out.",)


def test_vtt_has_speakers_and_neither_notes_nor_styles() -> None:
    reading = read(VTT.encode())
    assert said(reading) == [
        (1.0, 2.5, "Hello & good evening", "Ada"),
        (3.0, 4.5, "It runs now.", "Ada"),
        (4.5, 5.0, "Yes.", "Ben"),
        (6.0, 7.0, "1 < 2", None),
    ]
    assert reading.notes == ()


def test_ass_has_what_is_spoken() -> None:
    reading = read(ASS.encode())
    assert said(reading) == [(1.0, 2.5, "The pump, goes in.", "Ada")]
    assert reading.format == "ass"
    assert reading.notes == ("2 cues without text were left out.",)


@pytest.mark.parametrize("broken", ["0:00:01.00,half past two", "0:00:01.00"])
def test_a_broken_ass_says_so(broken: str) -> None:
    with pytest.raises(Invalid, match="ASS"):
        read(ASS.replace("0:00:01.00,0:00:02.50", broken).encode())


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", ASSUMED),
    ],
)
def test_encodings(encoding: str, told: str) -> None:
    reading = read("1\r\n00:00:01,000 --> 00:00:02,000\r\nZwölf Türen\r\n".encode(encoding))
    assert said(reading) == [(1.0, 2.0, "Zwölf Türen", None)]
    assert reading.encoding == told
    assert [note for note in reading.notes if ASSUMED in note] == list(reading.notes)
    assert bool(reading.notes) == (told == ASSUMED)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"Dear diary, nothing happened.", "no subtitle file"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00" * 50, "no subtitle file"),
        (b"WEBVTT\n\nNOTE only\n", "no text with times"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n<i> </i>\n", "no text with times"),
    ],
)
def test_what_is_no_subtitle_file_is_refused_in_words(content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        read(content)


def test_what_is_odd_is_told_and_kept() -> None:
    text = "\n\n".join(
        f"{start} --> {end}\n{said}"
        for start, end, said in [
            ("00:00:05,000", "00:00:06,000", "late"),
            ("00:00:01,000", "00:00:03,000", "early"),
            ("00:00:02,000", "00:00:04,000", "into it"),
            ("00:00:09,000", "00:00:08,000", "backwards"),
            ("00:01:00,000", "00:01:01,000", "beyond"),
        ]
    )
    reading = read(text.encode(), duration=30.0)
    assert [segment.text for segment in reading.segments] == ["early", "into it", "late", "backwards", "beyond"]
    assert [(segment.start, segment.end) for segment in reading.segments][3] == (8.0, 9.0)
    assert reading.notes == (
        "1 cue ends before it begins; the times were exchanged.",
        "1 cue was not in order of time and was moved.",
        "1 cue begins before the one before it ends.",
        "1 cue is beyond the end of the recording at 00:00:30: is the file for this recording?",
    )


def test_srt_without_numbers_or_blank_lines_is_read_too() -> None:
    text = "00:01 --> 00:02\nOne\n2\n0:00:03.5 --> 0:00:04\nTwo\nthree"
    assert said(read(text.encode(), format_="srt")) == [(1.0, 2.0, "One", None), (3.5, 4.0, "Two three", None)]


def test_lines_are_joined_as_people_write() -> None:
    assert one_line(["The  pump", "", " runs"]) == "The pump runs"
    assert one_line(["水池", "青い"]) == "水池青い"


@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_anything_is_read_or_refused(content: bytes) -> None:
    for kind in (None, "srt", "vtt", "ass", "ssa"):
        refusal = None
        try:
            found = read(content, format_=kind, duration=1.0).segments
        except Invalid as error:
            found, refusal = (), str(error)
        assert found if refusal is None else refusal.endswith("saves it.")


LINES = st.lists(
    st.sampled_from([*SRT.split("\n"), *VTT.split("\n"), *ASS.split("\n"), "<v", "<v >", "</v>", "&#0;", "-1:00"]), max_size=30
)


@given(lines=LINES)
def test_any_mixture_is_read_or_refused(lines: list[str]) -> None:
    for kind in (None, "srt", "vtt", "ass", "ssa"):
        try:
            reading = read("\n".join(lines).encode(), format_=kind)
        except Invalid:
            continue
        starts = [segment.start for segment in reading.segments]
        assert starts == sorted(starts)
        assert all(0 <= segment.start <= segment.end and segment.text.strip() for segment in reading.segments)
