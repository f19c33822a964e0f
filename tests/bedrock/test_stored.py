"""Media in S3, and embeddings that are made in the background: with the stack's own store."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.support.bedrock import FakeBedrock, Fault, Trouble, Usage, conversation, embedding, segmenting
from tests.support.bedrock.clients import EMBEDDINGS, LITE, LITE_2, converse, refusal, s3, said, stored, video
from tests.support.media import tiny_video

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.connected

BUCKET = "staging-of-tests"


@pytest.fixture
def store(stack_environment: dict[str, str]) -> "Iterator[S3Client]":
    found = s3(stack_environment)
    if BUCKET not in {bucket["Name"] for bucket in found.list_buckets()["Buckets"]}:
        found.create_bucket(Bucket=BUCKET)
    yield found
    found.close()


@pytest.fixture
def place() -> str:
    """A folder that nobody else writes to."""
    return f"s3://{BUCKET}/{uuid4()}"


def put(store: "S3Client", uri: str, body: bytes, content_type: str) -> str:
    store.put_object(Bucket=BUCKET, Key=uri.removeprefix(f"s3://{BUCKET}/"), Body=body, ContentType=content_type)
    return uri


def files(store: "S3Client", prefix: str) -> dict[str, bytes]:
    """Names and contents of what lies in a folder."""
    start = prefix.removeprefix(f"s3://{BUCKET}/")
    listed = store.list_objects_v2(Bucket=BUCKET, Prefix=start).get("Contents", [])
    return {one["Key"].removeprefix(start): store.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in listed}


def test_a_film_in_s3_is_answered_and_metered_as_the_same_bytes(
    runtime: Any, bedrock: FakeBedrock, store: "S3Client", place: str, film: bytes
) -> None:
    uri = put(store, f"{place}/a film, 100%.mp4", film, "video/mp4")  # keys are taken literally
    there, here = converse(runtime, stored("video", "mp4", uri)), converse(runtime, video(film))
    assert said(there) == said(here)
    assert there["usage"] == here["usage"]


def test_many_pictures_can_lie_in_s3(runtime: Any, store: "S3Client", place: str, photo: bytes) -> None:
    uri = put(store, f"{place}/photo.png", photo, "image/png")
    assert said(converse(runtime, *[stored("image", "png", uri)] * 7, model=LITE_2))


def test_what_is_not_there(runtime: Any, store: "S3Client", place: str) -> None:
    told = refusal(lambda: converse(runtime, stored("video", "mp4", f"{place}/none.mp4")))
    assert (told.code, told.status) == ("ValidationException", 400)
    assert "Unable to read the S3 object" in told.message
    no_bucket = refusal(lambda: converse(runtime, stored("video", "mp4", "s3://no-such-bucket/a.mp4")))
    assert no_bucket.code == "ValidationException"


@pytest.mark.parametrize("content_type", ["binary/octet-stream", "image/png"])
def test_a_film_of_another_content_type(runtime: Any, store: "S3Client", place: str, film: bytes, content_type: str) -> None:
    uri = put(store, f"{place}/film.mp4", film, content_type)
    assert f"content type {content_type}" in refusal(lambda: converse(runtime, stored("video", "mp4", uri))).message


def test_invoke_reads_s3_too(runtime: Any, store: "S3Client", place: str, film: bytes) -> None:
    uri = put(store, f"{place}/film.mp4", film, "video/mp4")
    source = {"s3Location": {"uri": uri, "bucketOwner": "123456789012"}}
    body = {"messages": [{"role": "user", "content": [{"video": {"format": "mp4", "source": source}}]}]}
    answer = json.loads(runtime.invoke_model(modelId=LITE, body=json.dumps(body))["body"].read())
    assert answer["usage"]["inputTokens"] == 12 * 288


@pytest.mark.parametrize(
    ("limit", "count", "message"),
    [
        ("MOST_STORED_BYTES", 1, "too large"),
        ("MOST_STORED_BYTES_TOGETHER", 2, "together"),
        ("MOST_STORED_IMAGES", 2, "Too many"),
    ],
)
def test_how_much_can_lie_in_s3(
    runtime: Any,
    monkeypatch: pytest.MonkeyPatch,
    store: "S3Client",
    place: str,
    photo: bytes,
    limit: str,
    count: int,
    message: str,
) -> None:
    """With limits that a test can exceed, as nobody wants to store two gigabytes for it."""
    blocks = [stored("image", "png", put(store, f"{place}/photo.png", photo, "image/png"))] * count
    exactly = count if "IMAGES" in limit else count * len(photo)
    monkeypatch.setattr(conversation, limit, exactly)
    assert said(converse(runtime, *blocks))
    monkeypatch.setattr(conversation, limit, exactly - 1)
    assert message in refusal(lambda: converse(runtime, *blocks)).message


@pytest.mark.parametrize(("kind", "limits"), [("at once", embedding.MOST_STORED), ("later", segmenting.MOST_STORED)])
def test_how_large_a_picture_in_s3_can_be_that_is_embedded(
    runtime: Any,
    monkeypatch: pytest.MonkeyPatch,
    store: "S3Client",
    place: str,
    photo: bytes,
    kind: str,
    limits: dict[str, int],
) -> None:
    monkeypatch.setitem(limits, "image", len(photo) - 1)
    picture = {"format": "png", "source": {"s3Location": {"uri": put(store, f"{place}/photo.png", photo, "image/png")}}}
    if kind == "later":
        message = ended(runtime, start(runtime, segmented(image=picture), f"{place}/out"))[1]["failureMessage"]
    else:
        asked = {"embeddingPurpose": "GENERIC_INDEX", "image": picture}
        body = json.dumps({"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": asked})
        message = refusal(lambda: runtime.invoke_model(modelId=EMBEDDINGS, body=body)).message
    assert f"the maximum is {len(photo) - 1} bytes" in message


def test_how_long_a_film_can_be_and_in_how_many_segments(runtime: Any, store: "S3Client", place: str, tmp_path: Path) -> None:
    for name, seconds, step, message in (("a", 1435, 1, "has 1435 segments"), ("b", 7201, 30, "the maximum is 7200 seconds")):
        film = tiny_video(tmp_path / f"{name}.mp4", seconds=seconds, sound=False, size="16x16", rate=1).read_bytes()
        uri = put(store, f"{place}/{name}.mp4", film, "video/mp4")
        told = ended(runtime, start(runtime, film_at(uri, seconds=step), f"{place}/out"))[1]
        assert (told["status"], message in told["failureMessage"]) == ("Failed", True)


def film_at(uri: str, *, seconds: int = 5, mode: str = "AUDIO_VIDEO_COMBINED", dimension: int = 256) -> dict[str, Any]:
    video = {
        "format": "mp4",
        "embeddingMode": mode,
        "source": {"s3Location": {"uri": uri}},
        "segmentationConfig": {"durationSeconds": seconds},
    }
    return segmented(video=video, dimension=dimension)


def segmented(dimension: int = 256, **modality: Any) -> dict[str, Any]:
    asked = {"embeddingPurpose": "GENERIC_INDEX", "embeddingDimension": dimension, **modality}
    return {"taskType": "SEGMENTED_EMBEDDING", "segmentedEmbeddingParams": asked}


def start(runtime: Any, asked: dict[str, Any], output: str, **more: Any) -> str:
    begun = runtime.start_async_invoke(
        modelId=EMBEDDINGS, modelInput=asked, outputDataConfig={"s3OutputDataConfig": {"s3Uri": output}}, **more
    )
    arn: str = begun["invocationArn"]
    return arn


def ended(runtime: Any, arn: str) -> tuple[list[str], dict[str, Any]]:
    """Every status that was told until the end, and what was told last."""
    told = [runtime.get_async_invoke(invocationArn=arn)]
    while told[-1]["status"] == "InProgress":
        told.append(runtime.get_async_invoke(invocationArn=arn))
    return [one["status"] for one in told], told[-1]


def test_segments_are_embedded_in_the_background(
    runtime: Any, bedrock: FakeBedrock, store: "S3Client", place: str, film: bytes
) -> None:
    uri = put(store, f"{place}/film.mp4", film, "video/mp4")
    arn = start(runtime, film_at(uri), f"{place}/out/")
    assert files(store, f"{place}/out/") == {}
    statuses, told = ended(runtime, arn)
    assert statuses == ["InProgress", "Completed"]
    assert told["endTime"] >= told["submitTime"]
    assert told["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"] == f"{place}/out/"
    found = files(store, f"{place}/out/{arn.rpartition('/')[2]}/")
    result = json.loads(found["segmented-embedding-result.json"])
    assert (result["sourceFileUri"], result["embeddingDimension"]) == (uri, 256)
    [one] = result["embeddingResults"]
    assert (one["embeddingType"], one["status"]) == ("AUDIO_VIDEO_COMBINED", "SUCCESS")
    assert "manifest.json" in found
    lines = [json.loads(line) for line in found[one["outputFileUri"].rpartition("/")[2]].splitlines()]
    spans = [(line["segmentMetadata"]["segmentStartSeconds"], line["segmentMetadata"]["segmentEndSeconds"]) for line in lines]
    assert spans == [(0, 5), (5, 10), (10, 12)]
    assert {len(line["embedding"]) for line in lines} == {256}
    assert [line["segmentMetadata"]["segmentIndex"] for line in lines] == [0, 1, 2]
    assert [(call.operation, call.usage) for call in bedrock.billed] == [("StartAsyncInvoke", Usage(0, video_seconds=12.0))]


def test_the_next_takes_a_look_more(runtime: Any, store: "S3Client", place: str, film: bytes) -> None:
    uri = put(store, f"{place}/film.mp4", film, "video/mp4")
    _, second = start(runtime, film_at(uri), f"{place}/out"), start(runtime, film_at(uri), f"{place}/out")
    assert ended(runtime, second)[0] == ["InProgress", "InProgress", "Completed"]


def test_a_long_text_is_cut_at_its_characters(runtime: Any, store: "S3Client", place: str) -> None:
    text = "rock wall " * 200
    uri = put(store, f"{place}/speech.txt", text.encode(), "text/plain")
    part = {"truncationMode": "END", "source": {"s3Location": {"uri": uri}}, "segmentationConfig": {"maxLengthChars": 800}}
    arn = start(runtime, segmented(text=part), f"{place}/out")
    ended(runtime, arn)
    lines = files(store, f"{place}/out/{arn.rpartition('/')[2]}/")["embedding-text.jsonl"].splitlines()
    spots = [json.loads(line)["segmentMetadata"] for line in lines]
    assert [(one["segmentStartCharPosition"], one["segmentEndCharPosition"]) for one in spots] == [
        (0, 800),
        (800, 1600),
        (1600, 2000),
    ]


def test_a_picture_in_the_background(runtime: Any, store: "S3Client", place: str, photo: bytes) -> None:
    uri = put(store, f"{place}/photo.png", photo, "image/png")
    arn = start(runtime, segmented(image={"format": "png", "source": {"s3Location": {"uri": uri}}}), f"{place}/out")
    ended(runtime, arn)
    found = files(store, f"{place}/out/{arn.rpartition('/')[2]}/")
    assert len(json.loads(found["embedding-image.json"])["embedding"]) == 256


def test_a_film_that_cannot_be_decoded_fails_later(runtime: Any, bedrock: FakeBedrock, store: "S3Client", place: str) -> None:
    uri = put(store, f"{place}/film.mp4", b"no film", "video/mp4")
    arn = start(runtime, film_at(uri), f"{place}/out")
    statuses, told = ended(runtime, arn)
    assert statuses[-1] == "Failed"
    assert "cannot be decoded" in told["failureMessage"]
    assert files(store, f"{place}/out/") == {}
    assert bedrock.billed == []


def test_a_job_can_be_scripted_to_fail(runtime: Any, bedrock: FakeBedrock, store: "S3Client", place: str, film: bytes) -> None:
    bedrock.script(Fault(Trouble.JOB_FAILED))
    assert said(converse(runtime))
    arn = start(runtime, film_at(put(store, f"{place}/film.mp4", film, "video/mp4")), f"{place}/out")
    statuses, told = ended(runtime, arn)
    assert statuses[-1] == "Failed"
    assert told["failureMessage"]
    assert [call.operation for call in bedrock.billed] == ["Converse"]


def test_a_token_starts_only_once(runtime: Any, bedrock: FakeBedrock, store: "S3Client", place: str, film: bytes) -> None:
    uri = put(store, f"{place}/film.mp4", film, "video/mp4")
    with ThreadPoolExecutor(4) as pool:
        begun = [pool.submit(start, runtime, film_at(uri), f"{place}/out", clientRequestToken="once") for _ in range(4)]
    assert len({one.result() for one in begun}) == 1
    assert len(bedrock.billed) == 1
    told = refusal(lambda: start(runtime, film_at(uri, seconds=6), f"{place}/out", clientRequestToken="once"))
    assert (told.code, told.status) == ("ConflictException", 400)


def test_what_cannot_be_started(runtime: Any, store: "S3Client", place: str, film: bytes) -> None:
    uri = put(store, f"{place}/film.mp4", film, "video/mp4")
    inline = segmented(image={"format": "png", "source": {"bytes": "eA=="}})
    for asked, output, message in (
        (film_at(f"{place}/none.mp4"), f"{place}/out", "Unable to read the S3 object"),
        (film_at(uri), "s3://no-such-bucket/out", "cannot be written to"),
        (film_at(uri, seconds=31), f"{place}/out", "durationSeconds"),
        (inline, f"{place}/out", "must be in S3"),
        (segmented(text={"truncationMode": "END", "value": "x"}), f"{place}/out", "must be in S3"),
    ):
        told = refusal(lambda asked=asked, output=output: start(runtime, asked, output))  # type: ignore[misc]
        assert (told.code, told.status) == ("ValidationException", 400)
        assert message in told.message


def test_only_embeddings_are_made_in_the_background(runtime: Any, store: "S3Client", place: str) -> None:
    output = {"s3OutputDataConfig": {"s3Uri": place}}
    told = refusal(lambda: runtime.start_async_invoke(modelId=LITE, modelInput={}, outputDataConfig=output))
    assert told.code == "ValidationException"
    unknown = "arn:aws:bedrock:us-east-1:123456789012:async-invoke/aaaaaaaaaaaa"
    assert refusal(lambda: runtime.get_async_invoke(invocationArn=unknown)).code == "ValidationException"


def test_all_that_was_started_is_listed(runtime: Any, store: "S3Client", place: str, film: bytes) -> None:
    uri = put(store, f"{place}/film.mp4", film, "video/mp4")
    first, second = (start(runtime, film_at(uri), f"{place}/out") for _ in range(2))
    listed = runtime.list_async_invokes()["asyncInvokeSummaries"]
    assert {one["invocationArn"] for one in listed} == {first, second}
    ended(runtime, first)
    done = runtime.list_async_invokes(statusEquals="Completed")["asyncInvokeSummaries"]
    assert first in {one["invocationArn"] for one in done}
    assert len(runtime.list_async_invokes(maxResults=1)["asyncInvokeSummaries"]) == 1
    later = datetime.now(UTC) + timedelta(hours=1)
    assert runtime.list_async_invokes(submitTimeAfter=later)["asyncInvokeSummaries"] == []


def test_starts_can_be_throttled(runtime: Any, bedrock: FakeBedrock, store: "S3Client", place: str) -> None:
    bedrock.script(Fault(Trouble.THROTTLED, operation="StartAsyncInvoke"))
    told = refusal(lambda: start(runtime, film_at(f"{place}/film.mp4"), place))
    assert (told.code, told.status) == ("ThrottlingException", 429)
