"""Requests for vectors, and what their answers say."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from shared.embedding_requests import (
    LONGEST_TEXT,
    Purpose,
    UnfitVector,
    clip_body,
    fits_request,
    image_body,
    kept,
    readable,
    stored_name,
    text_body,
    told,
    vector_in,
)


def test_a_stored_name_says_model_and_dimensions() -> None:
    assert stored_name("amazon.nova-2-multimodal-embeddings-v1:0", 1024) == "nova-2-multimodal-embeddings-v1-1024"


def test_a_long_text_ends_with_a_word() -> None:
    text = "waterfall " * 1000
    read = readable(text)
    assert len(read) <= LONGEST_TEXT
    assert text.startswith(read)
    assert read.endswith("waterfall")


def test_a_word_that_ends_just_there_is_kept() -> None:
    fitting = "x " * (LONGEST_TEXT // 2 - 1) + "yz"
    assert len(fitting) == LONGEST_TEXT
    assert readable(fitting) == readable(f"{fitting} more") == fitting


def test_a_text_without_words_is_cut_anyway() -> None:
    assert readable("x" * 10_000) == "x" * LONGEST_TEXT


@given(st.sampled_from(["x", "x ", " "]), st.text(st.sampled_from("ab \n"), max_size=80))
def test_what_is_read_of_a_text_is_its_beginning_and_not_empty(head: str, tail: str) -> None:
    text = "y" + (head * LONGEST_TEXT)[: LONGEST_TEXT - 40] + tail
    read = readable(text)
    assert text.startswith(read)
    assert 0 < len(read) <= LONGEST_TEXT
    assert len(read) >= min(len(text), LONGEST_TEXT - 80) or not text[len(read) : LONGEST_TEXT - 80].strip()


def test_what_is_stored_and_what_is_asked_differ_in_purpose_alone() -> None:
    stored, asked = text_body("pump", Purpose.STORE, 256), text_body("pump", Purpose.ASK, 256)
    assert stored == {
        "schemaVersion": "nova-multimodal-embed-v1",
        "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": {
            "embeddingPurpose": "GENERIC_INDEX",
            "embeddingDimension": 256,
            "text": {"truncationMode": "END", "value": "pump"},
        },
    }
    assert asked["singleEmbeddingParams"] == {
        **stored["singleEmbeddingParams"],  # type: ignore[dict-item]
        "embeddingPurpose": "GENERIC_RETRIEVAL",
    }


def test_media_are_sent_within_the_request() -> None:
    image = image_body(b"\xff\xd8", "jpeg", 1024)["singleEmbeddingParams"]
    clip = clip_body(b"\x00\x01", 1024)["singleEmbeddingParams"]
    assert isinstance(image, dict)
    assert isinstance(clip, dict)
    bytes_of = {"bytes": base64.b64encode(b"\xff\xd8").decode()}
    assert image["image"] == {"format": "jpeg", "detailLevel": "STANDARD_IMAGE", "source": bytes_of}
    assert clip["video"] == {
        "format": "mp4",
        "embeddingMode": "AUDIO_VIDEO_SEPARATE",
        "source": {"bytes": base64.b64encode(b"\x00\x01").decode()},
    }


def test_media_that_grow_beyond_the_request_do_not_fit() -> None:
    assert fits_request(18_700_000, 25_000_000)
    assert not fits_request(18_760_000, 25_000_000)


def test_of_several_vectors_that_of_the_pictures_counts_at_length_one() -> None:
    body: JsonValue = {
        "embeddings": [{"embeddingType": "AUDIO", "embedding": [1, 0]}, {"embeddingType": "VIDEO", "embedding": [3, 4]}]
    }
    np.testing.assert_allclose(vector_in(body, 2), [0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"embeddings": []}, "there is none"),
        ({"output": "hello"}, "there is none"),
        ([1, 2], "there is none"),
        ({"embeddings": [{"embeddingType": "TEXT", "embedding": [1]}]}, "should have 2 numbers"),
        ({"embeddings": [{"embeddingType": "TEXT", "embedding": [0, 0]}]}, "no direction"),
        ({"embeddings": [{"embeddingType": "TEXT", "embedding": ["a", "b"]}]}, "something else than numbers"),
        ({"embeddings": [{"embeddingType": "TEXT"}]}, "should have 2 numbers"),
    ],
)
def test_an_answer_without_a_vector_is_told_of_in_words(body: JsonValue, why: str) -> None:
    with pytest.raises(UnfitVector, match=why):
        vector_in(body, 2)


def test_what_the_ledger_keeps_is_the_vector_in_half_precision() -> None:
    vector = np.array([0.6, -0.8], dtype=np.float32)
    np.testing.assert_allclose(told(kept(vector), 2), vector, atol=1e-3)
    others: list[JsonValue] = [{"half": "AAAA"}, {}, None]
    for other in others:
        with pytest.raises(UnfitVector):
            told(other, 2)
