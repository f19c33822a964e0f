"""What analyses of many files come to: groups of files in, sums out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.search.nova.groups import Group
from shared.analyses import AnalysisOptions, AnalysisType
from shared.contracts import Kind
from shared.errors import Invalid
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Model
from shared.models.estimates import Estimate, InputTokens, estimate, total
from shared.models.workload import Question

SPEECH = 15.0
"""Characters a second of somebody who speaks without a pause, at 150 words a minute."""
SPOKEN = (Kind.VIDEO, Kind.AUDIO)

FREE_NOTE = "Rules over words look at no picture, need no model and cost nothing."
ALIKE_NOTE = (
    "Files of about the same length and number of words are counted together, each as their mean: "
    "the sum is within 2 % of what counting each by itself gives."
)
SAMPLE_NOTE = "How much is said was counted in {counted} files only, and is assumed of the others by their lengths."
SPEECH_NOTE = "Nobody knows yet what is said; somebody who speaks without a pause is assumed."
UNKNOWN_NOTE = "{number} videos of unknown length are left out; have their proxies made first."
ANSWERED_NOTE = "{number} of {files} files have been answered already and cost nothing again."


@dataclass(frozen=True)
class Priced:
    """What the files come to that are still to be asked about; `answered` are those that cost nothing again."""

    files: int
    answered: int
    unknown: int
    estimate: Estimate | None
    kinds: dict[Kind, tuple[int, Estimate | None]]
    notes: tuple[str, ...] = ()

    @property
    def usd_high(self) -> Decimal:
        """The most that it may cost."""
        return self.estimate.usd_high if self.estimate else Decimal(0)


@dataclass(frozen=True)
class Pricing:
    """How questions about files are priced."""

    model: Model
    settings: BedrockSettings
    options: AnalysisOptions

    def of(self, group: Group, characters: float) -> Estimate | None:
        """What one file of the group comes to; None where it has been answered, or nobody can tell."""
        question = self.question(group, characters)
        if group.answered or _unmeasured(question):
            return None
        return estimate(self.model, self.settings.scope, question, tier=self.settings.tier)

    def question(self, group: Group, characters: float) -> Question:
        """What is asked about a file of the group."""
        kind = Kind(group.kind)
        return Question(
            kind=kind,
            duration=group.duration,
            width=None if group.width is None else round(group.width),
            height=None if group.height is None else round(group.height),
            transcript_characters=round(characters) if kind in SPOKEN else 0,
            types=self.options.types_for(kind),
            combined=self.options.combined is not False,
            depth=self.options.summary_depth,
        )


def priced(groups: Sequence[Group], pricing: Pricing) -> Priced:
    """What all of them come to together."""
    rates = speech_rates(groups)
    found: dict[Kind, list[Estimate]] = {}
    numbers: dict[Kind, int] = {}
    unknown = 0
    for group in groups:
        kind = Kind(group.kind)
        numbers[kind] = numbers.get(kind, 0) + group.files
        one = pricing.of(group, characters_of(group, rates))
        if one is not None:
            found.setdefault(kind, []).append(times(one, group.files))
        elif not group.answered:
            unknown += group.files
    kinds = {kind: (number, total(found[kind]) if kind in found else None) for kind, number in numbers.items()}
    sums = [one for _, one in kinds.values() if one]
    answered = sum(group.files for group in groups if group.answered)
    return Priced(
        files=sum(numbers.values()),
        answered=answered,
        unknown=unknown,
        estimate=total(sums) if sums else None,
        kinds=kinds,
        notes=tuple(_notes(groups, answered=answered, unknown=unknown, rates=rates)),
    )


def told(found: Priced, model: Model) -> dict[str, Any]:
    """What the API says of it; without anything to pay, zeros."""
    summary = found.estimate.told() if found.estimate else nothing(model.key, read_on(model))
    return {
        **summary,
        "notes": [*summary["notes"], *found.notes],
        "files": found.files,
        "cached_files": found.answered,
        "by_kind": {str(kind): _of_kind(number, one) for kind, (number, one) in found.kinds.items()},
    }


def read_on(model: Model) -> str | None:
    """When the prices of a model were read."""
    return model.prices.read_on.isoformat() if model.prices else None


def nothing(model: str, prices_as_of: str | None, *notes: str) -> dict[str, Any]:
    """An estimate of nothing."""
    numbers = ("input_tokens", "output_tokens_low", "output_tokens_high", "chunks", "calls")
    amounts = ("usd_low", "usd_high", "batch_usd_low", "batch_usd_high", "seconds_low", "seconds_high")
    return {
        "model": model,
        **dict.fromkeys(numbers, 0),
        **dict.fromkeys(amounts, 0.0),
        "input_tokens_by_modality": {"text": 0, "image": 0, "video": 0},
        "prices_as_of": prices_as_of,
        "notes": list(notes),
    }


def times(one: Estimate, number: int) -> Estimate:
    """What so many files that are alike come to."""
    tokens = one.input_tokens
    return replace(
        one,
        input_tokens=InputTokens(tokens.text * number, tokens.image * number, tokens.video * number),
        batch_usd_low=None if one.batch_usd_low is None else one.batch_usd_low * number,
        batch_usd_high=None if one.batch_usd_high is None else one.batch_usd_high * number,
        **{name: getattr(one, name) * number for name in MULTIPLIED},
    )


MULTIPLIED = (
    "output_tokens_low",
    "output_tokens_high",
    "usd_low",
    "usd_high",
    "seconds_low",
    "seconds_high",
    "chunks",
    "calls",
)


def speech_rates(groups: Iterable[Group]) -> dict[str, float]:
    """Characters a second that are said in files of each kind, where only a sample was counted; else nothing."""
    words: dict[str, float] = {}
    seconds: dict[str, float] = {}
    sampled = set()
    for group in groups:
        if group.kind == Kind.IMAGE:
            continue
        words[group.kind] = words.get(group.kind, 0.0) + (group.characters or 0.0) * group.counted
        seconds[group.kind] = seconds.get(group.kind, 0.0) + (group.duration or 0.0) * group.counted
        if group.counted < group.files:
            sampled.add(group.kind)
    return {kind: words[kind] / seconds[kind] if seconds[kind] else SPEECH for kind in sampled}


def characters_of(group: Group, rates: dict[str, float]) -> float:
    """What is said in a file of the group, as characters."""
    if (rate := rates.get(group.kind)) is not None:
        return rate * (group.duration or 0.0)
    return group.characters or 0.0


def _unmeasured(question: Question) -> bool:
    looked_at = set(question.types) - {AnalysisType.TRANSCRIPT_SUMMARY}
    return question.kind is Kind.VIDEO and bool(looked_at) and not question.duration


def _of_kind(number: int, one: Estimate | None) -> dict[str, Any]:
    summary = one.told() if one else nothing("", None)
    return {"files": number, **{name: summary[name] for name in ("input_tokens", "usd_low", "usd_high")}}


def _notes(groups: Sequence[Group], *, answered: int, unknown: int, rates: dict[str, float]) -> Iterator[str]:
    if any(group.files > 1 for group in groups):
        yield ALIKE_NOTE
    if rates:
        yield SAMPLE_NOTE.format(counted=sum(group.counted for group in groups))
    if answered:
        yield ANSWERED_NOTE.format(number=answered, files=sum(group.files for group in groups))
    if unknown:
        yield UNKNOWN_NOTE.format(number=unknown)


def require_measured(found: Priced) -> None:
    """Raise Invalid if all that is meant is a video of which nobody knows how long it is."""
    if found.unknown and found.unknown == found.files:
        raise Invalid(
            "The length of the video is not known, so neither is what looking at it costs. Have its proxy made first."
        )
