"""What a model is sent, as botocore itself would check and write it."""

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, StringShape
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from hypothesis import example, given
from hypothesis import strategies as st

from services.nova.prompting.instructions import Prompt
from services.nova.requests import (
    FORMATS,
    MOST_INLINE,
    SAMPLING,
    Medium,
    MediumKind,
    base64_size,
    converse_request,
    fits_inline,
    payload_size,
)

RUNTIME = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
CONVERSE = RUNTIME.operation_model("Converse")
PROMPT = Prompt(system="You watch videos.", text="Tell what happens.", version="nova-1", schema={})
CLIP = Medium(MediumKind.VIDEO, b"clip", "mp4")
STAGED = Medium(MediumKind.VIDEO, "s3://bucket/a b/ü.mp4", "mp4", bucket_owner="123456789012")


def request(context: str = "File: pump.mp4", medium: Medium | None = CLIP, prompt: Prompt = PROMPT) -> dict[str, Any]:
    return converse_request("us.amazon.nova-2-lite-v1:0", prompt, context, medium, most_output_tokens=8000)


def body(asked: dict[str, Any]) -> bytes:
    """The body of the HTTP request, as botocore writes it."""
    written = create_serializer(RUNTIME.metadata["protocol"]).serialize_to_request(asked, CONVERSE)["body"]
    assert isinstance(written, bytes)
    return written


def faults(asked: dict[str, Any]) -> str:
    assert CONVERSE.input_shape is not None
    return str(ParamValidator().validate(asked, CONVERSE.input_shape).generate_report())


def test_the_medium_comes_first_then_what_is_known_then_what_to_do() -> None:
    assert request() == {
        "modelId": "us.amazon.nova-2-lite-v1:0",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"video": {"format": "mp4", "source": {"bytes": b"clip"}}},
                    {"text": "File: pump.mp4"},
                    {"text": "Tell what happens."},
                ],
            }
        ],
        "system": [{"text": "You watch videos."}],
        "inferenceConfig": {"maxTokens": 8000, "temperature": 0.2, "topP": 0.9},
        "additionalModelRequestFields": {"inferenceConfig": {"topK": 50}},
    }


def test_sampling_is_little_free_and_within_what_models_take() -> None:
    assert dict(SAMPLING) == {"temperature": 0.2, "topP": 0.9, "topK": 50}
    assert 0.00001 <= SAMPLING["temperature"] <= 1
    assert 0 < SAMPLING["topP"] <= 1
    assert 0 <= SAMPLING["topK"] <= 128


def test_a_staged_medium_is_named_by_its_address() -> None:
    source = {"s3Location": {"uri": "s3://bucket/a b/ü.mp4", "bucketOwner": "123456789012"}}
    assert request(medium=STAGED)["messages"][0]["content"][0] == {"video": {"format": "mp4", "source": source}}
    own = Medium(MediumKind.IMAGE, "s3://bucket/a.jpg", "jpeg")
    assert request(medium=own)["messages"][0]["content"][0]["image"]["source"] == {"s3Location": {"uri": "s3://bucket/a.jpg"}}


def test_blank_texts_are_left_out() -> None:
    """Bedrock refuses text blocks without text."""
    bare = request(context=" \n", prompt=Prompt(system="", text="Go.", version="1", schema={}))
    assert bare["messages"][0]["content"][1:] == [{"text": "Go."}]
    assert "system" not in bare


@pytest.mark.parametrize(
    "medium",
    [
        None,
        STAGED,
        *(Medium(kind, b"x", name) for kind in MediumKind for name in sorted(FORMATS[kind])),
        *(Medium(kind, "s3://bucket/key", name) for kind in MediumKind for name in sorted(FORMATS[kind])),
    ],
)
def test_every_request_is_valid_to_botocore(medium: Medium | None) -> None:
    assert faults(request(medium=medium)) == ""
    assert faults(request(medium=medium) | {"messages": "none"}), "the validator sees what is wrong"


@pytest.mark.parametrize("kind", list(MediumKind))
def test_formats_are_those_that_botocore_knows(kind: MediumKind) -> None:
    shape = RUNTIME.shape_for("VideoFormat" if kind is MediumKind.VIDEO else "ImageFormat")
    assert isinstance(shape, StringShape)
    assert FORMATS[kind] == set(shape.enum)


@pytest.mark.parametrize(("kind", "name"), [(MediumKind.VIDEO, "avi"), (MediumKind.VIDEO, "png"), (MediumKind.IMAGE, "jpg")])
def test_formats_that_converse_lacks_are_refused(kind: MediumKind, name: str) -> None:
    with pytest.raises(ValueError, match=f"no {kind} format {name}"):
        Medium(kind, b"x", name)


MEDIA = (
    st.none()
    | st.builds(Medium, st.just(MediumKind.VIDEO), st.binary(min_size=1, max_size=5000), st.just("mp4"))
    | st.just(STAGED)
)


@given(st.text(), st.text(), st.text(), MEDIA)
@example('"\\\n\x00\u2028', "🌊" * 50, "", CLIP)
def test_the_payload_is_as_large_as_botocore_makes_it(system: str, text: str, context: str, medium: Medium | None) -> None:
    asked = request(context, medium, Prompt(system, text, "1", {}))
    assert payload_size(asked) == len(body(asked))


@given(st.integers(0, 5000), st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_nothing_is_sent_inline_that_would_not_fit(size: int, text: str) -> None:
    asked = request(text, Medium(MediumKind.VIDEO, b"x" * size, "mp4"), Prompt("", "Go.", "1", {}))
    room = MOST_INLINE - payload_size(asked)
    assert not fits_inline(size + room * 3 // 4 + 3, len(text) + 3), "what fills the request up does not fit any more"


def test_eighteen_megabytes_fit_and_nineteen_do_not() -> None:
    assert fits_inline(18_000_000, 60_000)
    assert not fits_inline(18_000_000, 100_000), "each character may take twelve bytes"
    assert not fits_inline(18_750_000, 0)
    assert fits_inline(18_740_000, 0)


def test_what_fits_is_within_the_limit() -> None:
    size = max(size for size in range(18_500_000, 18_750_001, 1000) if fits_inline(size, 10_000))
    asked = request("🌊" * 10_000, Medium(MediumKind.VIDEO, bytes(size), "mp4"), Prompt("", "", "1", {}))
    assert MOST_INLINE - 10_000 < payload_size(asked) <= MOST_INLINE
    assert payload_size(asked) == len(body(asked))


@pytest.mark.parametrize(("size", "characters"), [(0, 0), (1, 4), (3, 4), (4, 8), (18_750_000, 25_000_000)])
def test_three_bytes_become_four_characters(size: int, characters: int) -> None:
    assert base64_size(size) == characters
