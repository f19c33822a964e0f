"""What usage costs, to the last digit."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.models.catalogue import load
from shared.models.prices import Usage, cost, media_cost
from shared.models.rates import Tier
from shared.models.tokens import video_tokens

CATALOGUE = load()
LITE = CATALOGUE.find("lite")
HALF_AN_HOUR = 1800.0


@pytest.mark.parametrize(
    ("key", "reading", "usd"),
    [
        ("lite", 1, "0.0165888"),
        ("pro", 1, "0.221184"),
        ("2-lite", 1, "0.171072"),
        ("2-lite", 0, "0.0912384"),
    ],
)
def test_half_an_hour_of_video_costs_what_was_worked_out(key: str, reading: int, usd: str) -> None:
    model = CATALOGUE.find(key)
    usage = Usage(video_tokens(model, HALF_AN_HOUR)[reading], 0)
    assert cost(model, usage, "us") == Decimal(usd)
    assert cost(model, usage, "us", batch=True) == Decimal(usd) / 2


def test_each_class_of_token_has_its_price() -> None:
    assert cost(LITE, Usage(1_000_000, 0), "us") == Decimal("0.06")
    assert cost(LITE, Usage(0, 1_000_000), "us") == Decimal("0.24")
    assert cost(LITE, Usage(0, 0, cache_read_tokens=1_000_000), "us") == Decimal("0.015")
    assert cost(LITE, Usage(0, 0, cache_write_tokens=1_000_000), "us") == Decimal("0.06")
    assert cost(LITE, Usage(1, 0), "us") == Decimal("0.00000006")


def test_tokens_read_from_the_cache_are_priced_as_input_where_there_is_no_price() -> None:
    assert cost(LITE, Usage(0, 0, cache_read_tokens=1_000_000), "eu") == Decimal("0.078")
    assert cost(LITE, Usage(0, 0, cache_read_tokens=1_000_000), "us", batch=True) == Decimal("0.03")


def test_scope_and_tier_change_the_price() -> None:
    usage = Usage(1_000_000, 1_000_000)
    assert cost(CATALOGUE.find("2-lite"), usage, "global") == Decimal("2.80")
    assert cost(CATALOGUE.find("2-lite"), usage, "jp") == Decimal("3.707")
    assert cost(CATALOGUE.find("pro"), usage, "us", tier=Tier.FLEX) == Decimal("2.00")
    assert cost(CATALOGUE.find("pro"), usage, "us", tier=Tier.PRIORITY) == Decimal("7.00")


def test_what_has_no_price_is_refused_with_what_has() -> None:
    with pytest.raises(Invalid, match="No price of Nova Lite is known in the scope global; there are prices in apac, eu, us"):
        cost(LITE, Usage(1, 1), "global")
    with pytest.raises(Invalid, match="No price of Nova Lite as flex is known in the scope us; there are such as standard"):
        cost(LITE, Usage(1, 1), "us", tier=Tier.FLEX)
    with pytest.raises(Invalid, match="No price is known of tokens in batches to Nova Multimodal Embeddings"):
        cost(CATALOGUE.find("nova-embed"), Usage(1, 0), "us", batch=True)
    with pytest.raises(Invalid, match="No price is known of answers of Nova Multimodal Embeddings in the scope us"):
        cost(CATALOGUE.find("nova-embed"), Usage(1, 1), "us")
    with pytest.raises(Invalid, match="so it is not asked"):
        cost(LITE.model_copy(update={"prices": None}), Usage(1, 1), "us")


def test_embeddings_are_priced_by_image_and_second() -> None:
    model = CATALOGUE.find("nova-embed")
    assert media_cost(model, video_seconds=3600, scope="us") == Decimal("2.52")
    assert media_cost(model, images=1000, scope="us") == Decimal("0.06")
    assert media_cost(model, audio_seconds=100, images=1, scope="us") == Decimal("0.01406")
    assert media_cost(model, scope="us") == 0
    assert cost(model, Usage(1_000_000, 0), "us") == Decimal("0.135")
    with pytest.raises(Invalid, match="No price is known of a second of video for Titan Multimodal"):
        media_cost(CATALOGUE.find("titan-embed-image"), video_seconds=1, scope="us")


tokens = st.integers(0, 10_000_000)


@settings(deadline=None)
@given(tokens, tokens, tokens, tokens, st.booleans())
def test_costs_add_up_and_batches_are_never_dearer(into: int, out: int, read: int, written: int, batch: bool) -> None:
    parts = (Usage(into, 0), Usage(0, out), Usage(0, 0, read), Usage(0, 0, 0, written))
    whole = cost(LITE, Usage(into, out, read, written), "us", batch=batch)
    assert whole == sum(cost(LITE, part, "us", batch=batch) for part in parts)
    assert cost(LITE, Usage(into, out), "us", batch=True) * 2 == cost(LITE, Usage(into, out), "us")
