"""What usage costs: prices depend on scope, model, kind of token, tier, and whether it is asked in a batch. Exact."""

from dataclasses import dataclass
from decimal import Decimal

from shared.errors import Invalid
from shared.models.catalogue import Model
from shared.models.rates import Price, Prices, Rate, Tier

MILLION = 1_000_000


@dataclass(frozen=True)
class Usage:
    """Tokens of a call as it is billed; what was read from or written to the cache is not among the input tokens."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


def require_price(model: Model) -> Prices:
    """The prices of a model; raises Invalid that says where to add them."""
    if model.prices is None:
        raise Invalid(
            f"No price is known of {model.name}, so it is not asked. "
            f"Add its prices under models.{model.key}.prices to the file that SPILLWAY_MODEL_CATALOGUE names."
        )
    return model.prices


def rate(model: Model, scope: str, tier: Tier = Tier.STANDARD) -> Rate:
    """The prices of a model; raises Invalid with a sentence that says which there are."""
    known = require_price(model)
    if (tiers := known.scopes.get(scope)) is None:
        raise Invalid(
            f"No price of {model.name} is known in the scope {scope}; there are prices in {', '.join(sorted(known.scopes))}. "
            "Choose one of these by SPILLWAY_BEDROCK_SCOPE, or add the price to the file that SPILLWAY_MODEL_CATALOGUE names."
        )
    if tier not in tiers:
        raise Invalid(
            f"No price of {model.name} as {tier} is known in the scope {scope}; there are such as {', '.join(sorted(tiers))}. "
            "Choose one of these by SPILLWAY_BEDROCK_TIER."
        )
    return tiers[tier]


def cost(model: Model, usage: Usage, scope: str, *, batch: bool = False, tier: Tier = Tier.STANDARD) -> Decimal:
    """US dollars for the usage. What has no price of its own in the cache is priced as input, which is never too little."""
    prices = rate(model, scope, tier)
    known = f"{model.name} in the scope {scope}"
    entering = _given(prices.batch_input, f"tokens in batches to {known}") if batch else prices.input
    leaving = prices.batch_output if batch else prices.output
    reading = entering if batch or prices.cache_read is None else prices.cache_read
    writing = entering if batch or prices.cache_write is None else prices.cache_write
    parts = entering * usage.input_tokens + reading * usage.cache_read_tokens + writing * usage.cache_write_tokens
    if usage.output_tokens:
        parts += _given(leaving, f"answers of {known}{' in batches' if batch else ''}") * usage.output_tokens
    return parts / MILLION


def media_cost(model: Model, *, images: int = 0, video_seconds: float = 0.0, audio_seconds: float = 0.0, scope: str) -> Decimal:
    """US dollars for embedding images, video and sound; text is priced by `cost`."""
    prices, known = rate(model, scope), f"{model.name} in the scope {scope}"
    parts = (
        (prices.image, Decimal(images), "an image"),
        (prices.video_second, Decimal(str(video_seconds)), "a second of video"),
        (prices.audio_second, Decimal(str(audio_seconds)), "a second of sound"),
    )
    return sum((_given(price, f"{what} for {known}") * number for price, number, what in parts if number), Decimal(0))


def has_batch(model: Model, scope: str) -> bool:
    """Whether it is known what the model costs in batches."""
    prices = rate(model, scope)
    return prices.batch_input is not None and prices.batch_output is not None


def _given(price: Price | None, what: str) -> Decimal:
    if price is None:
        raise Invalid(f"No price is known of {what}. Add it to the file that SPILLWAY_MODEL_CATALOGUE names.")
    return price
