r"""Subtitle files read as segments: SRT and WebVTT here, ASS and SSA by pysubs2.

pysubs2 reads SRT and WebVTT too, but loses who speaks, takes notes and inline times of WebVTT for speech and cues, a number
at the end of the text for the next cue's, and `\N` in a text for a new line; and nothing that was said may be lost.
"""

import html
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import pysubs2

from shared.errors import Invalid
from shared.spoken import Segment, glued, spread
from shared.subtitles import clock

FORMATS = ("srt", "vtt", "ass", "ssa")
READ_MORE = "Give a file with the extension .srt, .vtt, .ass or .ssa as your subtitle editor saves it."
TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
TIMING = re.compile(rf"\s*{TIME}\s*-+>\s*{TIME}(?:\s.*)?$")
NUMBER = re.compile(r"\s*\d+\s*$")
STYLING = re.compile(r"</?(?:b|i|u|s|font|span|c|v|ruby|rt|lang)(?:[\s.][^>]*)?/?>|\{\\[^}]*\}", re.IGNORECASE)
"""What players of SRT take for styling; other angle brackets are text."""
VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>", re.IGNORECASE)
VOICE_END = re.compile(r"</v>", re.IGNORECASE)
STYLE = re.compile(r"^\s*Style:.*$", re.MULTILINE)
"""A line of ASS that says how text looks: nobody asks for that here, and one that is broken is no reason to read nothing."""
TAG = re.compile(r"<[^>]*>")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
ASSUMED = "windows-1252"
"""What files of no other encoding are written in most often."""
TOLERANCE = 0.5
"""Seconds by which a cue may end after its file: containers round."""


@dataclass(frozen=True)
class Reading:
    """What a subtitle file says, in order of time; `notes` are sentences about what is odd in it."""

    segments: tuple[Segment, ...]
    format: str
    encoding: str
    notes: tuple[str, ...]


def read(content: bytes, *, format_: str | None = None, duration: float | None = None) -> Reading:
    """A subtitle file for a recording of `duration` seconds; raises Invalid with a sentence if it holds no cues."""
    text, encoding = decoded(content)
    if not text.strip():
        raise Invalid(f"The file is empty. {READ_MORE}")
    kind = format_ or guessed(text)
    if kind is None:
        raise Invalid(f"This is no subtitle file that Spillway can read. {READ_MORE}")
    found = list(substation(text, kind) if kind in {"ass", "ssa"} else blocks(text, kind))
    spoken = [segment for segment in found if segment.text]
    if not spoken:
        raise Invalid(f"There is no text with times in the file, read as {kind.upper()}. {READ_MORE}")
    notes = [f"The file is not in UTF-8; it was read as {encoding}. Look whether accents are right."] * (encoding == ASSUMED)
    ordered = sorted(map(_forward, spoken), key=lambda segment: segment.start)
    return Reading(tuple(ordered), kind, encoding, (*notes, *oddities(found, duration)))


def decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else by its zeros, else UTF-8, else what is assumed."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _cleaned(content.removeprefix(mark).decode(encoding, "replace")), encoding
    if (wide := _wide(content[:1000])) is not None:
        return _cleaned(content.decode(wide, "replace")), wide
    try:
        return _cleaned(content.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        return _cleaned(content.decode("cp1252", "replace")), ASSUMED


def guessed(text: str) -> str | None:
    """The format that a text is in; None if in none that can be read."""
    if text.lstrip().startswith("WEBVTT"):
        return "vtt"
    if re.search(r"^\[Script Info\]|^Dialogue:", text, re.IGNORECASE | re.MULTILINE):
        return "ass" if re.search(r"V4\+ Styles", text, re.IGNORECASE) or "ScriptType: v4.00+" in text else "ssa"
    return "srt" if any(TIMING.match(line) for line in text.split("\n")) else None


def blocks(text: str, kind: str) -> Iterator[Segment]:
    """The cues of SRT or WebVTT: what stands below each line of times."""
    lines = text.split("\n")
    times = [(at, match) for at, line in enumerate(lines) if (match := TIMING.match(line))]
    stops = [at - 1 if NUMBER.match(lines[at - 1]) else at for at, _ in times[1:]]
    for (at, match), stop in zip(times, [*stops, len(lines)], strict=False):
        start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
        body = [line.strip() for line in lines[at + 1 : stop]]
        if kind == "vtt":
            yield from voices(body[: body.index("")] if "" in body else body, start, end)
        else:
            yield Segment(start=start, end=end, text=one_line(STYLING.sub("", line) for line in body))


def voices(lines: Sequence[str], start: float, end: float) -> Iterator[Segment]:
    """The segments of a WebVTT cue: one for each voice in it, which share its time by the length of what they say."""
    first, *rest = VOICE.split(VOICE_END.sub("<v >", "\n".join(lines)))
    said = [(name, _plain(text)) for name, text in ((None, first), *zip(rest[::2], rest[1::2], strict=True))]
    heard = [(name, text) for name, text in said if text] or [(None, "")]
    for (name, text), share in zip(heard, spread([text or "." for _, text in heard], start, end), strict=True):
        speaker = " ".join(html.unescape(name or "").split())
        yield Segment(start=share.start, end=share.end, text=text, speaker=speaker or None)


def substation(text: str, kind: str) -> Iterator[Segment]:
    """The lines of ASS or SSA that are spoken: comments and drawings have no text. Raises Invalid."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of margins and layers that it cannot read
            file = pysubs2.SSAFile.from_string(STYLE.sub("", text), format_=kind)
            events = [(event, event.plaintext if event.is_text else "") for event in file]
    except (pysubs2.exceptions.Pysubs2Error, ValueError, TypeError, KeyError, NotImplementedError) as error:
        raise Invalid(f"The file cannot be read as {kind.upper()}: {error}. {READ_MORE}") from error
    for event, said in events:
        speaker = " ".join(event.name.split()) or None
        yield Segment(start=event.start / 1000, end=event.end / 1000, text=one_line(said.split("\n")), speaker=speaker)


def oddities(found: Sequence[Segment], duration: float | None) -> Iterator[str]:
    """Sentences about what is odd in the cues, as they came."""
    spoken = [segment for segment in found if segment.text]
    times = sorted((segment.start, segment.end) for segment in spoken)
    beyond = [segment for segment in spoken if duration is not None and segment.end > duration + TOLERANCE]
    counted = (
        (len(found) - len(spoken), "without text {was} left out"),
        (sum(segment.end < segment.start for segment in spoken), "{ends} before {it} {begins}; the times were exchanged"),
        (sum(segment.start < 0 for segment in spoken), "{begins} before the recording does; the times were cut"),
        (sum(second.start < first.start for first, second in pairwise(spoken)), "{was} not in order of time and {was} moved"),
        (sum(second[0] < first[1] - 0.001 for first, second in pairwise(times)), "{begins} before the one before it ends"),
        (
            len(beyond),
            f"{{is}} beyond the end of the recording at {clock(int(duration or 0))}: is the file for this recording?",
        ),
    )
    for count, what in counted:
        if count:
            yield f"{count} cue{'' if count == 1 else 's'} {_agreeing(what, count)}{'' if what.endswith('?') else '.'}"


def one_line(lines: Iterable[str]) -> str:
    """Lines as one, with spaces where people write them."""
    return reduce(glued, filter(None, (" ".join(line.split()) for line in lines)), "").strip()


def _agreeing(what: str, count: int) -> str:
    one = {"was": "was", "is": "is", "begins": "begins", "ends": "ends", "it": "it"}
    many = {"was": "were", "is": "are", "begins": "begin", "ends": "end", "it": "they"}
    return what.format(**(one if count == 1 else many))


def _forward(segment: Segment) -> Segment:
    start, end = sorted((max(0.0, segment.start), max(0.0, segment.end)))
    return replace(segment, start=start, end=end)


def _plain(text: str) -> str:
    return one_line(html.unescape(TAG.sub("", text)).split("\n"))


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return round(whole + float(f"0.{fraction or 0}"), 3)


def _cleaned(text: str) -> str:
    """A text with lines that end alike, and without what is no text."""
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff"))


def _wide(beginning: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Western text is zero."""
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    if max(even, odd) <= len(beginning) * 0.2:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"
