"""Nova Multimodal Embeddings, asked over HTTP, with the real ledger."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.bedrock.faults import AccessRefused, NoCredentials
from shared.database import Database
from shared.embedding_requests import LONGEST_TEXT, Purpose
from shared.errors import BadMedia, Invalid, Throttled
from shared.nova_embedder import MOST_BYTES, NovaEmbedder
from shared.paying import budgets, ledger
from shared.paying.errors import BudgetExceeded
from tests.support.bedrock.fake import FakeBedrock
from tests.support.bedrock.faults import Fault, Trouble
from tests.support.embedding import embedders_of
from tests.support.media import tiny_photo, tiny_video
from tests.support.paying import ledger_rows

pytestmark = pytest.mark.connected


@pytest.fixture
def nova(database: Database, bedrock: FakeBedrock) -> NovaEmbedder:
    return embedders_of(database).nova(256)


def asked_texts(bedrock: FakeBedrock) -> list[str]:
    """What was sent to be embedded."""
    return [body_of(call.request)["text"]["value"] for call in bedrock.calls]


def body_of(request: dict[str, object]) -> dict[str, Any]:
    body = request["body"]
    assert isinstance(body, bytes | str)
    told: dict[str, Any] = json.loads(body)["singleEmbeddingParams"]
    return told


async def test_texts_become_vectors_of_length_one_in_their_order(bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    vectors = await nova.embed(["The pump goes in.", "A waterfall.", "The pump goes in, again."])
    assert vectors.shape == (3, 256)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)
    assert vectors[0] @ vectors[2] > 0.5 > vectors[0] @ vectors[1]
    assert sorted(asked_texts(bedrock)) == sorted(["The pump goes in.", "A waterfall.", "The pump goes in, again."])


async def test_none_is_asked_nothing(bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    assert (await nova.embed([])).shape == (0, 256)
    assert bedrock.calls == []


async def test_its_name_says_model_and_dimensions(database: Database, bedrock: FakeBedrock) -> None:
    embedders = embedders_of(database, embedding_dimensions=384)
    assert (embedders.wanted.model, embedders.wanted.dimensions) == ("nova-2-multimodal-embeddings-v1-384", 384)
    assert embedders.find("nova-2-multimodal-embeddings-v1-384") is embedders.wanted
    with pytest.raises(Invalid, match="256, 384, 1024, 3072"):
        embedders.nova(512)
    for other in ("word2vec", "nova-2-multimodal-embeddings-v9-384", "384"):
        with pytest.raises(Invalid, match="this version of Spillway cannot make"):
            embedders.find(other)


async def test_what_is_asked_with_is_made_for_asking(bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    stored, asked = (await nova.embed(["pump"]))[0], await nova.embed_query("pump")
    assert [body_of(call.request)["embeddingPurpose"] for call in bedrock.calls] == [Purpose.STORE.value, Purpose.ASK.value]
    assert stored @ asked > 0.99


async def test_the_same_is_never_paid_for_twice(database: Database, bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    first = await nova.embed(["A waterfall."])
    again = await embedders_of(database).nova(256).embed(["  A waterfall. "])
    np.testing.assert_array_equal(first, again)
    assert len(bedrock.billed) == 1
    other = await embedders_of(database).nova(384).embed(["A waterfall."])
    assert other.shape == (1, 384)
    assert len(bedrock.billed) == 2


async def test_what_was_embedded_before_a_failure_is_kept(database: Database, bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    texts = [f"This is sentence number {number}." for number in range(12)]
    bedrock.script(Fault(Trouble.DENIED))
    with pytest.raises(AccessRefused):
        await nova.embed(texts)
    assert len(bedrock.calls) < len(texts)  # those that were under way when one was refused came to their ends
    await embedders_of(database).nova(256).embed(texts)
    assert len(bedrock.billed) == len(texts)


async def test_the_ledger_says_what_it_cost_and_for_which_file(
    database: Database, bedrock: FakeBedrock, nova: NovaEmbedder
) -> None:
    [paid] = await nova.embed_texts(["The pump goes in."], file_id=None)
    await nova.embed_query("pump", requested_by="ada")
    stored, asked = await ledger_rows(database)
    assert (stored["requested_by"], asked["requested_by"]) == ("local", "ada")
    assert (stored["id"], stored["purpose"], asked["purpose"]) == (paid.call_id, "embedding", "query")
    assert (stored["model"], stored["model_id"]) == ("nova-embed", "amazon.nova-2-multimodal-embeddings-v1:0")
    [usage] = [call.usage for call in bedrock.calls[:1]]
    assert usage is not None
    assert stored["input_tokens"] == usage.input_tokens > 0
    assert stored["usd"] == Decimal("0.135") * usage.input_tokens / 1_000_000 <= stored["usd_reserved"]


async def test_forgotten_answers_are_paid_for_again(database: Database, bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    [paid] = await nova.embed_texts(["The pump goes in."], file_id=None)
    async with database.connection() as connection:
        await ledger.forget_answers(connection, [paid.call_id])
    await nova.embed(["The pump goes in."])
    assert len(bedrock.billed) == 2


async def test_a_text_that_is_too_long_is_sent_up_to_a_word(bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    await nova.embed(["waterfall " * 1000])
    [text] = asked_texts(bedrock)
    assert len(text) <= LONGEST_TEXT
    assert text.endswith("waterfall")


async def test_an_empty_text_is_never_sent(bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    with pytest.raises(Invalid, match="empty text"):
        await nova.embed(["A pump.", " \n"])
    assert bedrock.calls == []


async def test_a_picture_is_seen_and_costs_by_the_piece(
    database: Database, bedrock: FakeBedrock, nova: NovaEmbedder, tmp_path: Path
) -> None:
    photo = tiny_photo(tmp_path / "lake.jpg").read_bytes()
    paid = await nova.embed_image(photo, "jpeg", file_id=None)
    again = await nova.embed_image(photo, "jpeg", file_id=None)
    assert again.call_id == paid.call_id
    [row] = await ledger_rows(database)
    assert row["usd"] == row["usd_reserved"] == Decimal("0.00006")
    [usage] = [call.usage for call in bedrock.billed]
    assert usage is not None
    assert usage.images == 1


async def test_a_clip_is_seen_and_costs_by_the_second(
    database: Database, bedrock: FakeBedrock, nova: NovaEmbedder, tmp_path: Path
) -> None:
    clip = tiny_video(tmp_path / "pond.mp4", seconds=2.0, sound=False).read_bytes()
    await nova.embed_clip(clip, 2.0, file_id=None)
    [row] = await ledger_rows(database)
    assert row["usd"] == Decimal("0.0014")
    [usage] = [call.usage for call in bedrock.billed]
    assert usage is not None
    assert usage.video_seconds == pytest.approx(2.0, abs=0.1)


async def test_media_that_are_too_large_are_not_sent(bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    with pytest.raises(BadMedia, match="too large for a request to Nova Multimodal Embeddings"):
        await nova.embed_clip(bytes(MOST_BYTES), 20.0, file_id=None)
    assert bedrock.calls == []


async def test_a_budget_refuses_before_anything_is_asked(
    database: Database, bedrock: FakeBedrock, nova: NovaEmbedder, tmp_path: Path
) -> None:
    async with database.transaction() as connection:
        await budgets.create(connection, name="pictures", period="day", usd=Decimal("0.0001"))
    photo = tiny_photo(tmp_path / "lake.jpg").read_bytes()
    await nova.embed_image(photo, "jpeg", file_id=None)
    with pytest.raises(BudgetExceeded, match="pictures"):
        await nova.embed_image(tiny_photo(tmp_path / "sea.jpg", colour="navy").read_bytes(), "jpeg", file_id=None)
    assert len(bedrock.calls) == 1


async def test_without_credentials_it_says_what_to_set(
    database: Database, bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoCredentials, match="AWS_ACCESS_KEY_ID"):
        await embedders_of(database).nova(256).embed(["A pump."])


async def test_a_throttle_is_waited_out(bedrock: FakeBedrock, nova: NovaEmbedder) -> None:
    bedrock.script(Fault(Trouble.THROTTLED))
    with pytest.raises(Throttled):
        await nova.embed(["A pump."])


@pytest.mark.parametrize("scope", ["global", "eu"])
async def test_a_scope_that_is_about_other_models_does_not_matter(database: Database, bedrock: FakeBedrock, scope: str) -> None:
    await embedders_of(database, bedrock={"scope": scope}).nova(256).embed(["A pump."])
    assert len(bedrock.billed) == 1
