"""The embedding model itself, with its real weights."""

import asyncio
import hashlib

import numpy as np
import pytest

from shared.minilm import DIMENSIONS, LONGEST, WEIGHTS_SHA256, MiniLM, batches, model_folder

SENTENCES = [
    "A dog in the rain.",
    "A puppy during a storm.",
    "The stock market crashed.",
    "Shares fell sharply today.",
    "rain",
    "A long sentence about a dog that walks through the rain while its owner talks about cooking pasta with tomatoes.",
]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM(threads=1)


def test_weights_are_those_that_were_published() -> None:
    digest = hashlib.sha256((model_folder() / "model.safetensors").read_bytes()).hexdigest()
    assert digest == WEIGHTS_SHA256


def test_cosines_are_those_that_sentence_transformers_publishes(minilm: MiniLM) -> None:
    # The quickstart of sbert.net: three sentences, and what `model.similarity` gives for this model.
    vectors = minilm.embed_now(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    np.testing.assert_allclose(vectors @ vectors.T, published, atol=1e-4)


def test_vectors_have_length_one(minilm: MiniLM) -> None:
    vectors = minilm.embed_now(SENTENCES)
    assert vectors.shape == (len(SENTENCES), DIMENSIONS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_batch_gives_each_text_the_vector_it_has_alone(minilm: MiniLM) -> None:
    texts = [f"{sentence} {number}" for sentence in SENTENCES for number in range(7)]
    alone = np.vstack([minilm.embed_now([text]) for text in texts])
    np.testing.assert_allclose(minilm.embed_now(texts), alone, atol=1e-5)


def test_only_the_first_tokens_are_read(minilm: MiniLM) -> None:
    long, longer = "word " * LONGEST, "word " * LONGEST + "nothing of this is read"
    np.testing.assert_allclose(minilm.embed_now([long]), minilm.embed_now([longer]), atol=1e-6)
    short = "word " * (LONGEST // 2)
    assert not np.allclose(minilm.embed_now([short]), minilm.embed_now([f"{short} nothing of this is read"]), atol=1e-3)


def test_an_empty_text_has_a_vector_and_no_texts_have_none(minilm: MiniLM) -> None:
    assert np.isfinite(minilm.embed_now([""])).all()
    assert minilm.embed_now([]).shape == (0, DIMENSIONS)


async def test_many_callers_load_the_model_once() -> None:
    fresh = MiniLM(threads=1)
    results = await asyncio.gather(*(fresh.embed([SENTENCES[0]]) for _ in range(4)))
    for result in results:
        np.testing.assert_array_equal(result, results[0])
    assert fresh.embed_now(SENTENCES[:1]).shape == (1, DIMENSIONS)


def test_batches_hold_texts_of_like_length() -> None:
    assert list(batches([9, 2, 7, 1, 8], size=2)) == [[3, 1], [2, 4], [0]]
