"""What asking and answering comes to with our prompts, whichever model is asked: their sizes, and what answers take."""

import math
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from shared.analyses import AnalysisType, Depth
from shared.contracts.event import Kind
from shared.models.rates import Range, Strict
from shared.models.tokens import Tokens, notation_tokens, text_tokens

OWN = Path(__file__).parent / "asking.yaml"
SIZES = Path(__file__).parent / "prompt_sizes.yaml"


class Size(Strict):
    """Characters of a prompt: of its sentences, and of the schema of the answer."""

    prose: int = Field(gt=0)
    notation: int = Field(ge=0)

    @property
    def tokens(self) -> int:
        """All together."""
        return text_tokens(self.prose) + notation_tokens(self.notation)


class PromptSizes(Strict):
    """The file of the prompts' sizes, by kind and by set of analyses as `named` writes it."""

    version: str
    sizes: dict[Kind, dict[str, Size]]
    transcript_summary: Size
    merge: Size


class Told(Strict):
    """Characters of what is told of a file beside the prompt; no more of a transcript goes with one call than is said here."""

    basis: str = Field(min_length=1)
    characters: int = Field(gt=0)
    transcript_characters: int = Field(gt=0)
    segment_characters: int = Field(gt=0)
    times_tokens: int = Field(ge=0)


class Expected(Strict):
    """Tokens of a part of an answer: something in each call, and more for each minute of the file."""

    call: Range
    minute: Range = Range(low=0, high=0)


class Answers(Strict):
    """Tokens of answers; what holds the parts together is `wrapping`."""

    basis: str = Field(min_length=1)
    wrapping: Range
    summary: dict[Depth, Range]
    parts: dict[str, Expected]


class Asking(Strict):
    """The file of what goes with the prompts, and of what is answered."""

    told: Told
    answers: Answers


@cache
def asking() -> Asking:
    """What goes with the prompts, and what is answered."""
    return Asking.model_validate(_read(OWN))


@cache
def prompt_sizes() -> PromptSizes:
    """How large the prompts are."""
    return PromptSizes.model_validate(_read(SIZES))


def named(types: Collection[AnalysisType]) -> str:
    """A set of analyses as one word."""
    return "+".join(one for one in AnalysisType if one in types)


def prompt_tokens(kind: Kind, types: Collection[AnalysisType]) -> int:
    """Tokens of the instruction for these analyses of a file of this kind; of the largest there is where that is not known."""
    if set(types) == {AnalysisType.TRANSCRIPT_SUMMARY}:
        return prompt_sizes().transcript_summary.tokens
    sizes = prompt_sizes().sizes[kind]
    size = sizes.get(named(types))
    return size.tokens if size is not None else max(one.tokens for one in sizes.values())


def merge_tokens() -> int:
    """Tokens of the instruction by which the chunks' summaries become one, without the summaries."""
    return prompt_sizes().merge.tokens


def told_tokens(transcript_characters: int) -> int:
    """Tokens of what is told of a file, with so much of its transcript, each segment with its times."""
    told = asking().told
    segments = math.ceil(transcript_characters / told.segment_characters)
    return text_tokens(told.characters + transcript_characters) + segments * told.times_tokens


def answer_tokens(parts: Collection[str], depth: Depth | None, minutes: float) -> Tokens:
    """Tokens of an answer with these parts, at least and at most, about so many minutes of a file."""
    answers = asking().answers
    ranges = [answers.wrapping]
    if AnalysisType.SUMMARY in parts:
        ranges += [size for one, size in answers.summary.items() if depth in (None, one)]
    for part in parts:
        if (expected := answers.parts.get(part)) is not None:
            ranges += [expected.call, _times(expected.minute, minutes)]
    return Tokens(math.floor(sum(one.low for one in ranges)), math.ceil(sum(one.high for one in ranges)))


def _times(each: Range, number: float) -> Range:
    return Range(low=each.low * number, high=each.high * number)


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
