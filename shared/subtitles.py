"""Transcripts as files for people and players: SRT, WebVTT and plain text."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from urllib.parse import quote

from shared.cues import Cue, cues
from shared.spoken import Segment, glued


class Format(StrEnum):
    """What a transcript can be written as; `words` is JSON with every word."""

    SRT = "srt"
    VTT = "vtt"
    TXT = "txt"
    JSON = "json"
    WORDS = "words"


MEDIA_TYPES = {
    Format.SRT: "application/x-subrip; charset=utf-8",
    Format.VTT: "text/vtt; charset=utf-8",
    Format.TXT: "text/plain; charset=utf-8",
    Format.JSON: "application/json",
    Format.WORDS: "application/json",
}
PAUSE = 2.0
"""Seconds of silence after which a new paragraph begins."""
PARAGRAPH = 600
"""Characters after which a paragraph ends with the segment that it is in."""


def srt(segments: Iterable[Segment]) -> str:
    """SubRip; a new speaker's name stands before what they say."""
    told = enumerate(cues(segments, named=True), 1)
    return "\n".join(f"{number}\n{_span(cue, ',')}\n{_joined(cue)}\n" for number, cue in told)


def vtt(segments: Iterable[Segment]) -> str:
    """WebVTT; who speaks is a voice span."""
    return "\n".join(["WEBVTT\n", *(f"{_span(cue, '.')}\n{_voiced(cue)}\n" for cue in cues(segments))])


def txt(segments: Iterable[Segment], *, timestamps: bool = False) -> str:
    """Paragraphs, each with its speaker if one is known, and with when it begins if asked for."""
    told = []
    for paragraph in paragraphs(segments):
        time = f"[{clock(int(paragraph.start))}] " if timestamps else ""
        speaker = f"{paragraph.speaker}: " if paragraph.speaker else ""
        told.append(f"{time}{speaker}{' '.join(paragraph.text.split())}\n")
    return "\n".join(told)


def paragraphs(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Segments joined until somebody else speaks, nobody does for a while, or there is enough to read."""
    current: Segment | None = None
    for segment in segments:
        if current is not None and _goes_on(current, segment):
            text = glued(current.text, segment.text)
            current = Segment(start=current.start, end=segment.end, text=text, speaker=current.speaker)
        else:
            if current is not None:
                yield current
            current = segment
    if current is not None:
        yield current


def _goes_on(paragraph: Segment, segment: Segment) -> bool:
    near = segment.start - paragraph.end < PAUSE
    return near and paragraph.speaker == segment.speaker and len(paragraph.text) < PARAGRAPH


def attachment(name: str) -> str:
    """A Content-Disposition for a file of this name, in ASCII for old clients and in full for the others (RFC 5987)."""
    ascii_name = "".join(sign if " " <= sign <= "~" and sign not in '"\\%' else "_" for sign in name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


def clock(seconds: int) -> str:
    """Hours, minutes and seconds."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _span(cue: Cue, point: str) -> str:
    return f"{_time(cue.start, point)} --> {_time(cue.end, point)}"


def _time(milliseconds: int, point: str) -> str:
    return f"{clock(milliseconds // 1000)}{point}{milliseconds % 1000:03d}"


def _joined(cue: Cue) -> str:
    return "\n".join(cue.lines)


def _voiced(cue: Cue) -> str:
    text = _escaped(_joined(cue))
    return f"<v {_escaped(cue.speaker)}>{text}" if cue.speaker else text


def _escaped(text: str) -> str:
    """Text that WebVTT takes literally."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
