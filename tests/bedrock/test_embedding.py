"""Embeddings at once: vectors, and every limit of the schema."""

import base64
import io
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.bedrock import FakeBedrock, Fault, Trouble, Usage
from tests.support.bedrock.clients import EMBEDDINGS, refusal
from tests.support.media import run_ffmpeg, tiny_video


def body(
    purpose: str = "GENERIC_INDEX", dimension: int = 1024, task: str = "SINGLE_EMBEDDING", **modality: Any
) -> dict[str, Any]:
    return {
        "schemaVersion": "nova-multimodal-embed-v1",
        "taskType": task,
        "singleEmbeddingParams": {"embeddingPurpose": purpose, "embeddingDimension": dimension, **modality},
    }


def text(value: str, mode: str = "END") -> dict[str, Any]:
    return {"text": {"truncationMode": mode, "value": value}}


def picture(content: bytes, form: str = "png") -> dict[str, Any]:
    return {"image": {"format": form, "source": {"bytes": base64.b64encode(content).decode()}}}


def film_of(content: bytes, form: str = "mp4", mode: str = "AUDIO_VIDEO_COMBINED") -> dict[str, Any]:
    return {"video": {"format": form, "embeddingMode": mode, "source": {"bytes": base64.b64encode(content).decode()}}}


def embed(runtime: Any, asked: object) -> tuple[list[dict[str, Any]], dict[str, str]]:
    answer = runtime.invoke_model(modelId=EMBEDDINGS, body=json.dumps(asked))
    return json.loads(answer["body"].read())["embeddings"], answer["ResponseMetadata"]["HTTPHeaders"]


def vector(runtime: Any, asked: object) -> list[float]:
    found: list[float] = embed(runtime, asked)[0][0]["embedding"]
    return found


def refused(runtime: Any, asked: object) -> str:
    told = refusal(lambda: runtime.invoke_model(modelId=EMBEDDINGS, body=json.dumps(asked)))
    assert (told.code, told.status) == ("ValidationException", 400)
    return told.message


def likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("dimension", [256, 384, 1024, 3072])
def test_a_text_has_a_unit_vector_of_the_dimension_asked_for(runtime: Any, dimension: int) -> None:
    found = vector(runtime, body(dimension=dimension, **text("the leak behind the waterfall")))
    assert len(found) == dimension
    assert math.isclose(likeness(found, found), 1, abs_tol=1e-4)


def test_dimension_and_schema_version_may_be_left_out(runtime: Any) -> None:
    asked = body(**text("hello"))
    del asked["schemaVersion"], asked["singleEmbeddingParams"]["embeddingDimension"]
    assert len(vector(runtime, asked)) == 3072


def test_texts_that_share_words_are_nearer_whatever_the_purpose(runtime: Any) -> None:
    stored = vector(runtime, body(**text("We repair the leak behind the waterfall.")))
    near = vector(runtime, body("GENERIC_RETRIEVAL", **text("leak repair waterfall")))
    far = vector(runtime, body("TEXT_RETRIEVAL", **text("birthday cake party")))
    assert likeness(stored, near) > 0.5
    assert likeness(stored, far) < 0.2


def test_an_embedding_of_text_is_charged_by_its_tokens(runtime: Any, bedrock: FakeBedrock) -> None:
    found, headers = embed(runtime, body(**text("one two three")))
    assert headers["x-amzn-bedrock-input-token-count"] == "3"
    assert bedrock.calls[0].usage == Usage(3)
    assert [one["embeddingType"] for one in found] == ["TEXT"]


def test_pictures_and_films_are_charged_by_the_piece_and_the_second(
    runtime: Any, bedrock: FakeBedrock, photo: bytes, film: bytes
) -> None:
    kinds = [embed(runtime, body(**asked))[0][0]["embeddingType"] for asked in (picture(photo), film_of(film))]
    assert kinds == ["IMAGE", "AUDIO_VIDEO_COMBINED"]
    assert [call.usage for call in bedrock.calls] == [Usage(0, images=1), Usage(0, video_seconds=12.0)]


def test_a_film_s_sound_can_be_embedded_apart(runtime: Any, film: bytes, talkie: Path) -> None:
    both, silent = (
        [one["embeddingType"] for one in embed(runtime, body(**film_of(content, mode="AUDIO_VIDEO_SEPARATE")))[0]]
        for content in (talkie.read_bytes(), film)
    )
    assert (both, silent) == (["VIDEO", "AUDIO"], ["VIDEO"])


def test_a_sound(runtime: Any, bedrock: FakeBedrock, talkie: Path, tmp_path: Path) -> None:
    run_ffmpeg("-i", talkie, "-vn", tmp_path / "tone.mp3")
    source = {"bytes": base64.b64encode((tmp_path / "tone.mp3").read_bytes()).decode()}
    found, _ = embed(runtime, body(audio={"format": "mp3", "source": source}))
    assert [one["embeddingType"] for one in found] == ["AUDIO"]
    assert bedrock.calls[0].usage
    assert bedrock.calls[0].usage.audio_seconds == pytest.approx(7, abs=0.2)
    assert "not in the format" in refused(runtime, body(audio={"format": "wav", "source": source}))


def test_the_same_picture_is_in_the_same_place_and_another_elsewhere(runtime: Any, photo: bytes, film: bytes) -> None:
    first, again, other = (vector(runtime, body(**asked)) for asked in (picture(photo), picture(photo), film_of(film)))
    assert first == again
    assert likeness(first, other) < 0.5


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (body(dimension=512, **text("x")), "embeddingDimension"),
        (body(purpose="STORAGE", **text("x")), "embeddingPurpose"),
        (body(task="SEGMENTED_EMBEDDING", **text("x")), "taskType"),
        (body(), "exactly one of text, image, audio, video"),
        (body(**text("x"), **picture(b"x")), "exactly one of text, image, audio, video"),
        (body(**text("x" * 8193)), "text/value"),
        (body(**text("")), "text/value"),
        (body(text={"value": "x"}), "truncationMode"),
        (body(**text("x", "MIDDLE")), "truncationMode"),
        (body(text={"truncationMode": "END", "value": "x", "segmentationConfig": {}}), "segmentationConfig"),
        (body(**picture(b"x", "tiff")), "image/format"),
        (body(**film_of(b"x", "three_gp")), "video/format"),
        (body(**film_of(b"x", mode="VIDEO_ONLY")), "embeddingMode"),
        (body(**picture(b"no picture")), "Could not process image"),
        (body(**film_of(b"no film")), "Could not process video"),
        (body(image={"format": "png", "source": {}}), "exactly one of bytes and s3Location"),
        ({**body(**text("x")), "colour": "red"}, "colour"),
        ([], "JSONObject"),
    ],
)
def test_what_the_schema_does_not_have(runtime: Any, bedrock: FakeBedrock, asked: Any, message: str) -> None:
    assert message in refused(runtime, asked)
    assert bedrock.billed == []


def test_8192_characters_are_taken(runtime: Any) -> None:
    assert vector(runtime, body(**text("rock " * 1638)))


def test_a_text_of_too_many_tokens_is_cut_as_it_is_told(runtime: Any, bedrock: FakeBedrock) -> None:
    signs = "!" * 8192
    assert "Input is too long" in refused(runtime, body(**text(signs, "NONE")))
    found, _ = embed(runtime, body(**text(signs, "END")))
    assert found[0]["truncatedCharLength"] == 8172
    assert bedrock.calls[-1].usage == Usage(8172)


def test_30_seconds_are_the_most_at_once(runtime: Any, tmp_path: Path) -> None:
    short, long = (
        tiny_video(tmp_path / f"{seconds}.mp4", seconds=seconds, sound=False, size="16x16", rate=2).read_bytes()
        for seconds in (30, 31)
    )
    assert vector(runtime, body(**film_of(short)))
    assert "31.0 seconds long: the maximum for SINGLE_EMBEDDING is 30 seconds" in refused(runtime, body(**film_of(long)))


def test_a_3gp_film_is_called_so(runtime: Any, film: bytes, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(film)
    run_ffmpeg("-i", tmp_path / "film.mp4", "-c", "copy", tmp_path / "film.3gp")
    assert vector(runtime, body(**film_of((tmp_path / "film.3gp").read_bytes(), "3gp")))


def test_a_picture_of_another_format_than_said(runtime: Any) -> None:
    content = io.BytesIO()
    Image.new("L", (9, 9)).save(content, "WEBP")
    assert "image/png media type, but" in refused(runtime, body(**picture(content.getvalue())))


def test_faults_of_words_are_not_done_to_vectors_and_others_are(runtime: Any, bedrock: FakeBedrock) -> None:
    bedrock.script(Fault(Trouble.FENCED), Fault(Trouble.THROTTLED))
    told = refusal(lambda: runtime.invoke_model(modelId=EMBEDDINGS, body=json.dumps(body(**text("x")))))
    assert told.code == "ThrottlingException"
    assert [fault.trouble for fault in bedrock.unspent] == [Trouble.FENCED]


def test_dimensions_are_beginnings_of_one_another(runtime: Any) -> None:
    vectors = [vector(runtime, body(dimension=dimension, **text("leak"))) for dimension in (256, 384, 1024)]
    for small, large in pairwise(vectors):
        assert likeness(small, large[: len(small)]) / math.sqrt(likeness(large[: len(small)], large[: len(small)])) > 0.999
