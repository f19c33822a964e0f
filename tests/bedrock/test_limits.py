"""What Nova does not take is refused, with AWS's code, status and sentence, and charged to nobody."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.bedrock import FakeBedrock, fake_bedrock
from tests.support.bedrock.clients import EMBEDDINGS, LITE, LITE_2, MICRO, client, converse, image, refusal, said, stored, video
from tests.support.media import run_ffmpeg, tiny_video


@pytest.fixture(autouse=True)
def nothing_is_charged(bedrock: FakeBedrock) -> Any:
    yield
    assert [call for call in bedrock.billed if call.outcome != "answered"] == []


def picture(form: str, size: tuple[int, int]) -> bytes:
    body = io.BytesIO()
    Image.new("L", size).save(body, form)
    return body.getvalue()


def refused(runtime: Any, *blocks: dict[str, Any], code: str = "ValidationException", status: int = 400, **more: Any) -> str:
    told = refusal(lambda: converse(runtime, *blocks, **more))
    assert (told.code, told.status) == (code, status)
    return told.message


def test_a_body_of_more_than_25_million_bytes(runtime: Any) -> None:
    assert "less than or equal to 25000000" in refused(runtime, video(b"x" * 18_750_000))
    body = json.dumps({"messages": "x" * 25_000_000})
    told = refusal(lambda: runtime.invoke_model(modelId=LITE, body=body))
    assert (told.code, told.status) == ("ValidationException", 400)
    assert "at 'body'" in told.message


def test_a_video_just_under_the_limit_is_taken(runtime: Any, film: bytes) -> None:
    padded = film + b"\0\0\0\0free" + b"\0" * (18_700_000 - len(film))  # a box that says nothing, up to the end of the file
    assert said(converse(runtime, video(padded)))


def test_two_videos(runtime: Any, film: bytes) -> None:
    assert "maximum of 1 video" in refused(runtime, video(film), video(film))


def test_a_format_that_there_is_not(runtime: Any, film: bytes) -> None:
    message = refused(runtime, video(film, "avi"))
    assert "Value 'avi' at 'messages.1.member.content.1.member.video.format'" in message
    assert "enum value set: [mkv, mov, mp4, webm, flv, mpeg, mpg, wmv, three_gp]" in message
    assert "'3gp'" in refused(runtime, video(film, "3gp"))
    assert "[png, jpeg, gif, webp]" in refused(runtime, image(b"x", "tiff"))


def test_a_video_of_another_format_than_said(runtime: Any, film: bytes) -> None:
    assert "not in the format that was specified: mkv" in refused(runtime, video(film, "mkv"))


def test_a_codec_that_is_not_taken_in_its_container(runtime: Any, tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=1", "-c:v", "mpeg4", tmp_path / "old.mkv")
    assert "codec mpeg4 is not supported" in refused(runtime, video((tmp_path / "old.mkv").read_bytes(), "mkv"))


@pytest.mark.parametrize("block", [video(b"no film"), image(b"no picture")])
def test_media_that_cannot_be_decoded(runtime: Any, block: dict[str, Any]) -> None:
    assert "Could not process" in refused(runtime, block)


def test_a_truncated_picture(runtime: Any) -> None:
    whole = io.BytesIO()
    Image.effect_noise((300, 300), 50).save(whole, "PNG")
    assert "Could not process image" in refused(runtime, image(whole.getvalue()[:5000]))


def test_a_picture_of_another_format_than_said(runtime: Any) -> None:
    assert "image/png media type, but the image appears to be a image/jpeg" in refused(runtime, image(picture("JPEG", (9, 9))))


@pytest.mark.parametrize("size", [(8001, 10), (10, 8001), (9500, 9500)])
def test_a_picture_that_is_too_large(runtime: Any, size: tuple[int, int]) -> None:
    assert "8000x8000" in refused(runtime, image(picture("PNG", size)))


def test_a_picture_of_8000_pixels_is_taken(runtime: Any) -> None:
    assert said(converse(runtime, image(picture("PNG", (8000, 8)))))


def test_six_pictures_in_a_request_to_nova_2(runtime: Any, photo: bytes) -> None:
    assert "maximum of 5 images" in refused(runtime, *[image(photo)] * 6, model=LITE_2)
    assert said(converse(runtime, *[image(photo)] * 5, model=LITE_2))
    assert said(converse(runtime, *[image(photo)] * 6, model=LITE))


@pytest.mark.parametrize(("kind", "block"), [("video", video(b"x")), ("image", image(b"x"))])
def test_micro_takes_no_media(runtime: Any, kind: str, block: dict[str, Any]) -> None:
    assert f"doesn't support the {kind} field" in refused(runtime, block, model=MICRO)


def test_nova_2_takes_no_call_by_its_bare_id(runtime: Any) -> None:
    message = refused(runtime, model="amazon.nova-2-lite-v1:0")
    assert message == (
        "Invocation of model ID amazon.nova-2-lite-v1:0 with on-demand throughput isn\u2019t supported. "
        "Retry your request with the ID or ARN of an inference profile that contains this model."
    )


def test_other_ways_to_name_a_model(runtime: Any) -> None:
    profile = f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{LITE_2}"
    for model in ("amazon.nova-lite-v1:0", "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", profile):
        assert said(converse(runtime, model=model))


@pytest.mark.parametrize("model", ["amazon.nova-mega-v1:0", "us.amazon.nova-mega-v1:0", "eu.amazon.nova-lite-v1:0", "nonsense"])
def test_a_model_that_is_not_there(runtime: Any, model: str) -> None:
    assert refused(runtime, model=model) == "The provided model identifier is invalid."


def test_profiles_go_with_the_region() -> None:
    with fake_bedrock(region="eu-central-1") as fake, client(fake, "bedrock-runtime") as runtime:
        assert said(converse(runtime, model="eu.amazon.nova-lite-v1:0"))
        assert said(converse(runtime, model="global.amazon.nova-2-lite-v1:0"))
        assert refused(runtime, model=LITE) == "The provided model identifier is invalid."


def test_a_model_whose_life_has_ended(runtime: Any) -> None:
    message = refused(runtime, model="us.amazon.nova-premier-v1:0", code="ResourceNotFoundException", status=404)
    assert "end of its life" in message


def test_a_model_that_is_not_enabled(runtime: Any, bedrock: FakeBedrock) -> None:
    bedrock.deny("amazon.nova-lite-v1:0")
    message = refused(runtime, code="AccessDeniedException", status=403)
    assert message == "You don't have access to the model with the specified model ID."
    assert bedrock.calls[0].outcome == "AccessDeniedException"
    bedrock.allow("amazon.nova-lite-v1:0")
    assert said(converse(runtime))


@pytest.mark.parametrize(("model", "most"), [(LITE, 10_000), (LITE_2, 64_000)])
def test_more_tokens_than_the_model_writes(runtime: Any, model: str, most: int) -> None:
    message = refused(runtime, model=model, inferenceConfig={"maxTokens": most + 1})
    assert f"exceeds the model limit of {most}" in message
    assert said(converse(runtime, model=model, inferenceConfig={"maxTokens": most}))


def test_more_tokens_than_the_model_reads(runtime: Any, tmp_path: Path) -> None:
    long = tiny_video(tmp_path / "long.mp4", seconds=1000, sound=False, size="16x16", rate=1).read_bytes()
    words = 300_000 - 960 * 288
    answer = converse(runtime, video(long), {"text": "rock " * words})
    assert answer["usage"]["inputTokens"] == 300_000
    assert "Input is too long" in refused(runtime, video(long), {"text": "rock " * (words + 1)})
    assert converse(runtime, video(long), model=LITE_2)["usage"]["inputTokens"] == 1000 * 288


def test_what_a_conversation_needs(runtime: Any) -> None:
    assert "must start with a user message" in refusal(lambda: runtime.converse(modelId=LITE)).message
    assert "messages.0.content.0 is blank" in refused(runtime, {"text": "  "})
    assert "temperature" in refused(runtime, inferenceConfig={"temperature": 1.5})
    assert "doesn't support the model" in refused(runtime, model=EMBEDDINGS)
    assert "extraneous key" in refused(runtime, additionalModelRequestFields={"inferenceConfig": {"topG": 3}})
    assert said(converse(runtime, additionalModelRequestFields={"inferenceConfig": {"topK": 3}}))


def test_tokens_are_counted_for_nobody(runtime: Any) -> None:
    told = refusal(lambda: runtime.count_tokens(modelId="amazon.nova-lite-v1:0", input={"converse": {"messages": []}}))
    assert (told.code, told.status) == ("ValidationException", 400)
    assert "doesn't support counting tokens" in told.message


def test_nothing_is_in_a_store_that_is_not_there(runtime: Any) -> None:
    assert "Unable to read the S3 object" in refused(runtime, stored("video", "mp4", "s3://films/a.mp4"))


@pytest.mark.parametrize("uri", ["films/a.mp4", "https://films/a.mp4", "s3://F/a.mp4"])
def test_an_address_that_is_none(runtime: Any, uri: str) -> None:
    assert "regular expression pattern: s3://" in refused(runtime, stored("video", "mp4", uri))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"messages": [], "colour": "red"}, "extraneous key [colour]"),
        ({"schemaVersion": "messages-v2", "messages": []}, "schemaVersion"),
        ({"messages": [{"role": "user", "content": [{"text": "x", "tone": "kind"}]}]}, "extraneous key [tone]"),
        ({"messages": [{"role": "user", "content": [{"image": {"format": "bmp", "source": {"bytes": ""}}}]}]}, "[png, jpeg"),
        ([], "JSONObject"),
    ],
)
def test_bodies_that_invoke_does_not_take(runtime: Any, body: Any, message: str) -> None:
    told = refusal(lambda: runtime.invoke_model(modelId=LITE, body=json.dumps(body)))
    assert (told.code, told.status) == ("ValidationException", 400)
    assert message in told.message
