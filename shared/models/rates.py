"""Prices and rules of tokens as the catalogue's files have them."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Price = Annotated[Decimal, Field(ge=0, max_digits=12)]
"""US dollars."""


class Strict(BaseModel):
    """Part of a catalogue file; a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Read(Strict):
    """Figures that somebody else publishes: when they were read, and where, in words."""

    read_on: date
    source: str = Field(min_length=1)


class Tier(StrEnum):
    """How urgently a provider is asked."""

    STANDARD = "standard"
    FLEX = "flex"
    PRIORITY = "priority"


class Rate(Strict):
    """Prices of one tier: per million tokens, and for embeddings per image or second; none where there is no such price."""

    input: Price
    output: Price | None = None
    cache_read: Price | None = None
    cache_write: Price | None = None
    batch_input: Price | None = None
    batch_output: Price | None = None
    image: Price | None = None
    video_second: Price | None = None
    audio_second: Price | None = None


class Prices(Read):
    """What a model costs, by scope and tier."""

    scopes: dict[str, dict[Tier, Rate]] = Field(min_length=1)


class VideoRule(Read):
    """How many frames of a video are looked at; `capped_at` is the cheaper reading where the provider says two things."""

    frames_per_second: float = Field(gt=0)
    tokens_per_frame: int = Field(gt=0)
    most_frames: int = Field(gt=0)
    capped_at: int | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _cheaper(self) -> Self:
        if self.capped_at is not None and self.capped_at > self.most_frames:
            raise ValueError("capped_at is the cheaper reading, and cannot be more than most_frames")
        return self


class Example(Strict):
    """An image for which the provider tells the tokens."""

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    tokens: int = Field(gt=0)

    @property
    def area(self) -> int:
        """Pixels."""
        return self.width * self.height


class ImageRule(Read):
    """How many tokens an image has, by examples of rising area; `flat` is what is billed instead, where that is said too."""

    examples: tuple[Example, ...] = Field(min_length=2)
    enlarged_to: int = Field(gt=0, description="Pixels that the longer side has at least; smaller images are enlarged.")
    flat: int | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        areas, tokens = [one.area for one in self.examples], [one.tokens for one in self.examples]
        if areas != sorted(set(areas)) or tokens != sorted(tokens):
            raise ValueError("the examples must rise in area and in tokens")
        return self


class Range(Strict):
    """What something is likely to lie between."""

    low: float = Field(ge=0)
    high: float = Field(ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must not be more than high")
        return self


class Duration(Strict):
    """How long a call takes: something for each, and more for what goes in and comes out; `basis` says how that is known."""

    basis: str = Field(min_length=1)
    call: Range
    thousand_input_tokens: Range
    thousand_output_tokens: Range
