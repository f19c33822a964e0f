"""The calls that it takes to answer a question about a file, and what goes in and comes out of each."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from shared.analyses import SEARCH_METADATA, AnalysisType, Depth
from shared.contracts.event import Kind
from shared.errors import Invalid
from shared.models.asking import answer_tokens, asking, merge_tokens, prompt_tokens, told_tokens
from shared.models.catalogue import Model
from shared.models.tokens import Tokens, image_tokens, unknown_image_tokens, video_tokens

NOTHING = Tokens(0, 0)
KEY_FRAMES = 250 / 15
"""Seconds that a chunk may begin before its overlap: chunks are copied from key frames on, which x264 sets at least every 250
frames, and proxies have 15 frames a second."""
HEARD = AnalysisType.TRANSCRIPT_SUMMARY
"""Found in the transcript alone, by a call of its own."""


@dataclass(frozen=True)
class Question:
    """What is asked about a file; seconds, and pixels and characters of what is sent."""

    kind: Kind
    duration: float | None
    width: int | None
    height: int | None
    transcript_characters: int
    types: Collection[AnalysisType]
    combined: bool = True
    depth: Depth | None = None


@dataclass(frozen=True)
class Call:
    """Tokens of one call; `early` if it waits for no other."""

    text: int
    image: Tokens = NOTHING
    video: Tokens = NOTHING
    output: Tokens = NOTHING
    early: bool = True

    @property
    def input(self) -> Tokens:
        """All that goes in."""
        return Tokens(self.text + self.image.low + self.video.low, self.text + self.image.high + self.video.high)


@dataclass(frozen=True)
class Workload:
    """All calls for a file, which is looked at in so many chunks."""

    chunks: int
    calls: tuple[Call, ...]


def workload(model: Model, question: Question) -> Workload:
    """The calls for a question; raises Invalid if it cannot be known how many there are."""
    looked_at = tuple(one for one in AnalysisType if one in question.types and one is not HEARD)
    pieces = _pieces(model, question) if looked_at else ()
    groups = (looked_at,) if question.combined else tuple((one,) for one in looked_at)
    calls = [_look(model, question, seconds, group) for seconds in pieces for group in groups]
    return Workload(len(pieces), (*calls, *_heard(model, question, pieces), *_merge(model, question, len(pieces))))


def chunk_lengths(duration: float, window: float, overlap: float) -> tuple[float, ...]:
    """Seconds of as few chunks as can be, of one length, that overlap and cover a file."""
    if duration <= window:
        return (duration,)
    count = math.ceil(round((duration - overlap) / (window - overlap), 9))
    return ((duration + (count - 1) * overlap) / count,) * count


def _pieces(model: Model, question: Question) -> tuple[float, ...]:
    if question.kind is Kind.IMAGE:
        return (0.0,)
    if question.kind is Kind.AUDIO:  # no model hears it; without a transcript there is nothing to ask
        return (question.duration or 0.0,) if question.transcript_characters else ()
    if not question.duration:
        raise Invalid("The length of the video is not known, so neither is what looking at it costs. Make its proxy first.")
    return chunk_lengths(question.duration, model.useful_window_seconds, model.overlap_seconds)


def _look(model: Model, question: Question, seconds: float, types: Collection[AnalysisType]) -> Call:
    """One look at a piece of the file, for these analyses."""
    transcript = min(_said(question, seconds), asking().told.transcript_characters)
    return Call(
        text=prompt_tokens(question.kind, types) + told_tokens(transcript),
        image=_image(model, question) if question.kind is Kind.IMAGE else NOTHING,
        video=_video(model, question, seconds) if question.kind is Kind.VIDEO else NOTHING,
        output=_output(model, (*types, SEARCH_METADATA), question.depth, seconds),
    )


def _video(model: Model, question: Question, seconds: float) -> Tokens:
    """Of a whole video, or of a chunk, which may begin somewhat earlier than it has to, as far as the window allows."""
    longest = seconds if seconds == question.duration else min(seconds + KEY_FRAMES, model.useful_window_seconds)
    return Tokens(video_tokens(model, seconds).low, video_tokens(model, longest).high)


def _image(model: Model, question: Question) -> Tokens:
    if question.width is None or question.height is None:
        return unknown_image_tokens(model)
    return image_tokens(model, question.width, question.height)


def _said(question: Question, seconds: float) -> int:
    """Characters of the transcript that belong to so many seconds; an image has none."""
    if question.kind is Kind.IMAGE:
        return 0
    share = min(1.0, seconds / question.duration) if question.duration else 1.0
    return math.ceil(question.transcript_characters * share)


def _heard(model: Model, question: Question, pieces: Collection[float]) -> Iterator[Call]:
    """The summary of what is said: if it is wanted, or if there is more than goes with a look; cut off where it must be."""
    most = asking().told.transcript_characters
    if question.transcript_characters and (HEARD in question.types or any(_said(question, one) > most for one in pieces)):
        output = _output(model, (HEARD,), None, 0.0)
        text = prompt_tokens(question.kind, (HEARD,)) + told_tokens(question.transcript_characters)
        yield Call(text=min(text, model.context_tokens - output.high), output=output)


def _merge(model: Model, question: Question, chunks: int) -> Iterator[Call]:
    """The chunks' summaries told as one."""
    if chunks > 1 and AnalysisType.SUMMARY in question.types:
        summaries = chunks * answer_tokens((AnalysisType.SUMMARY,), question.depth, 0.0).high
        yield Call(
            text=merge_tokens() + summaries, output=_output(model, (AnalysisType.SUMMARY,), question.depth, 0.0), early=False
        )


def _output(model: Model, parts: Collection[str], depth: Depth | None, seconds: float) -> Tokens:
    expected = answer_tokens(parts, depth, seconds / 60)
    return Tokens(*(min(tokens, model.most_output_tokens) for tokens in expected))
