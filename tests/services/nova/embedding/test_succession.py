"""Which embedder follows on which."""

from datetime import UTC, datetime

import pytest

from services.nova.embedding.succession import Succession, decide, index_name
from shared.embedders import EmbedderState, InUse
from shared.minilm import MiniLM


def row(model: str, state: EmbedderState) -> InUse:
    return InUse(model, 384, str(state), f"embeddings_{model}", datetime(2026, 11, 20, tzinfo=UTC))


SERVING, BUILDING = row("one", EmbedderState.SERVING), row("two", EmbedderState.BUILDING)


@pytest.mark.parametrize(
    ("in_use", "wanted", "decided"),
    [
        ([SERVING], "one", Succession()),
        ([SERVING], "two", Succession(build="two")),
        ([SERVING, BUILDING], "two", Succession()),
        ([SERVING, BUILDING], "one", Succession(("two",))),
        ([SERVING, BUILDING], "three", Succession(("two",), "three")),
    ],
)
def test_the_wanted_one_is_built_and_others_are_given_up(in_use: list[InUse], wanted: str, decided: Succession) -> None:
    assert decide(in_use, wanted) == decided


def test_an_index_is_named_after_its_embedder() -> None:
    assert index_name(MiniLM()) == "embeddings_all_minilm_l6_v2"
