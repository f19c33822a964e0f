"""What a question to a model would come to: tokens, money and time, before anything is spent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from shared.errors import Invalid
from shared.models.capabilities import require_room
from shared.models.catalogue import Model, Status
from shared.models.prices import Usage, cost, has_batch, require_price
from shared.models.rates import Tier
from shared.models.workload import Call, Question, Workload, workload

__all__ = ["Estimate", "InputTokens", "Question", "estimate", "total"]

CENTS = Decimal("0.000001")
"""To how much of a dollar figures are told."""


@dataclass(frozen=True)
class InputTokens:
    """By what they are tokens of; the dearer reading where a rule is documented in two ways."""

    text: int = 0
    image: int = 0
    video: int = 0

    @property
    def total(self) -> int:
        """All together."""
        return self.text + self.image + self.video

    def __add__(self, other: "InputTokens") -> "InputTokens":
        return InputTokens(self.text + other.text, self.image + other.image, self.video + other.video)


@dataclass(frozen=True)
class Estimate:
    """What it comes to, at least and at most, by prices of `prices_as_of`; seconds if nothing else is asked meanwhile."""

    model: str
    input_tokens: InputTokens
    output_tokens_low: int
    output_tokens_high: int
    usd_low: Decimal
    usd_high: Decimal
    batch_usd_low: Decimal | None
    batch_usd_high: Decimal | None
    seconds_low: float
    seconds_high: float
    chunks: int
    calls: int
    prices_as_of: date
    notes: tuple[str, ...] = ()

    @property
    def total_input_tokens(self) -> int:
        """Of all modalities."""
        return self.input_tokens.total

    def told(self) -> dict[str, Any]:
        """As JSON has it; dollars as numbers, rounded to a millionth."""
        return {
            "model": self.model,
            "input_tokens": self.total_input_tokens,
            "input_tokens_by_modality": {
                "text": self.input_tokens.text,
                "image": self.input_tokens.image,
                "video": self.input_tokens.video,
            },
            "output_tokens_low": self.output_tokens_low,
            "output_tokens_high": self.output_tokens_high,
            "usd_low": _rounded(self.usd_low),
            "usd_high": _rounded(self.usd_high),
            "batch_usd_low": _rounded(self.batch_usd_low),
            "batch_usd_high": _rounded(self.batch_usd_high),
            "seconds_low": round(self.seconds_low, 1),
            "seconds_high": round(self.seconds_high, 1),
            "chunks": self.chunks,
            "calls": self.calls,
            "prices_as_of": self.prices_as_of.isoformat(),
            "notes": list(self.notes),
        }


def estimate(model: Model, scope: str, question: Question, *, tier: Tier = Tier.STANDARD) -> Estimate:
    """What the question comes to; raises Invalid if there is no price, no room, or no telling."""
    work = workload(model, question)
    for call in work.calls:
        require_room(model, call.input.high + call.output.high)
    batch = has_batch(model, scope)
    seconds = _seconds(model, work)
    return Estimate(
        model=model.key,
        input_tokens=sum((InputTokens(one.text, one.image.high, one.video.high) for one in work.calls), InputTokens()),
        output_tokens_low=sum(one.output.low for one in work.calls),
        output_tokens_high=sum(one.output.high for one in work.calls),
        usd_low=cost(model, _usage(work, 0), scope, tier=tier),
        usd_high=cost(model, _usage(work, 1), scope, tier=tier),
        batch_usd_low=cost(model, _usage(work, 0), scope, batch=True) if batch else None,
        batch_usd_high=cost(model, _usage(work, 1), scope, batch=True) if batch else None,
        seconds_low=seconds[0],
        seconds_high=seconds[1],
        chunks=work.chunks,
        calls=len(work.calls),
        prices_as_of=require_price(model).read_on,
        notes=tuple(_notes(model, scope, question, work, batch=batch)),
    )


def total(estimates: Sequence[Estimate]) -> Estimate:
    """What several files come to, one after another, by the oldest of their prices; raises Invalid if there are none."""
    if not estimates:
        raise Invalid("There is nothing to estimate: no file is chosen.")
    batch = all(one.batch_usd_low is not None and one.batch_usd_high is not None for one in estimates)
    return Estimate(
        model=", ".join(dict.fromkeys(one.model for one in estimates)),
        input_tokens=sum((one.input_tokens for one in estimates), InputTokens()),
        output_tokens_low=sum(one.output_tokens_low for one in estimates),
        output_tokens_high=sum(one.output_tokens_high for one in estimates),
        usd_low=sum((one.usd_low for one in estimates), Decimal(0)),
        usd_high=sum((one.usd_high for one in estimates), Decimal(0)),
        batch_usd_low=sum((one.batch_usd_low or Decimal(0) for one in estimates), Decimal(0)) if batch else None,
        batch_usd_high=sum((one.batch_usd_high or Decimal(0) for one in estimates), Decimal(0)) if batch else None,
        seconds_low=sum(one.seconds_low for one in estimates),
        seconds_high=sum(one.seconds_high for one in estimates),
        chunks=sum(one.chunks for one in estimates),
        calls=sum(one.calls for one in estimates),
        prices_as_of=min(one.prices_as_of for one in estimates),
        notes=tuple(dict.fromkeys(note for one in estimates for note in one.notes)),
    )


def _usage(work: Workload, reading: int) -> Usage:
    """By the cheaper (0) or the dearer (1) reading."""
    return Usage(sum(one.input[reading] for one in work.calls), sum(one.output[reading] for one in work.calls))


def _seconds(model: Model, work: Workload) -> tuple[float, float]:
    """From all at once that can be, to one call after another."""
    early = [_call_seconds(model, one) for one in work.calls if one.early]
    late = [_call_seconds(model, one) for one in work.calls if not one.early]
    low = max((low for low, _ in early), default=0.0) + sum(low for low, _ in late)
    return low, sum(high for _, high in (*early, *late))


def _call_seconds(model: Model, call: Call) -> tuple[float, float]:
    if (rule := model.seconds) is None:
        return 0.0, 0.0
    low = rule.thousand_input_tokens.low * call.input.low + rule.thousand_output_tokens.low * call.output.low
    high = rule.thousand_input_tokens.high * call.input.high + rule.thousand_output_tokens.high * call.output.high
    return rule.call.low + low / 1000, rule.call.high + high / 1000


def _notes(model: Model, scope: str, question: Question, work: Workload, *, batch: bool) -> Iterator[str]:
    """What has to be known to read the figures."""
    if any(one.video.low != one.video.high for one in work.calls):
        yield "The video rule of this model is documented in two ways; the higher is assumed."
    if any(one.image.low != one.image.high for one in work.calls):
        yield (
            "The size of an image is not known; the figures span those that there are."
            if question.width is None or question.height is None
            else "What this model bills for an image is documented in two ways; the higher is assumed."
        )
    if not work.calls:
        yield "Nothing is said in it, as far as is known, so that the model is asked nothing."
    if not batch:
        yield f"No batch price of {model.name} is known in the scope {scope}."
    if model.lifecycle.status is Status.LEGACY:
        yield f"{model.name} is on its way out{_until(model)}."


def _until(model: Model) -> str:
    until = f" and ends on {model.lifecycle.ends_on.isoformat()}" if model.lifecycle.ends_on is not None else ""
    return until + (f"; its successor is {model.lifecycle.successor}" if model.lifecycle.successor else "")


def _rounded(usd: Decimal | None) -> float | None:
    return None if usd is None else float(usd.quantize(CENTS))
