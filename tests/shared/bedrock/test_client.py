"""Bedrock by real boto3 over HTTP: answers come back whole, and every error in words."""

import asyncio
import base64
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.bedrock.client import Bedrock
from shared.bedrock.faults import (
    AccessRefused,
    ConnectionLost,
    ModelFailed,
    ModelGone,
    ModelTimedOut,
    NoCredentials,
    ProfileNeeded,
    RequestRefused,
    RequestTooLarge,
    ServiceDown,
    Unreachable,
)
from shared.errors import SpillwayError, Throttled
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.errors import may_be_billed
from tests.support.bedrock.fake import FakeBedrock
from tests.support.bedrock.faults import Fault, Trouble
from tests.support.media import tiny_photo

NOVA = "us.amazon.nova-2-lite-v1:0"
EMBEDDINGS = "amazon.nova-2-multimodal-embeddings-v1:0"
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def request(model_id: str = NOVA, text: str = "Describe a dog.") -> dict[str, Any]:
    return {
        "modelId": model_id,
        "messages": [{"role": "user", "content": [{"text": text}]}],
        "inferenceConfig": {"maxTokens": 500, "temperature": 0.0},
    }


def text_embedding(value: str) -> dict[str, Any]:
    params = {"embeddingPurpose": "GENERIC_INDEX", "embeddingDimension": 256, "text": {"truncationMode": "END", "value": value}}
    return {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": params}


@pytest.fixture
def client(bedrock: FakeBedrock) -> Bedrock:
    return Bedrock(BedrockSettings())


async def test_a_conversation_comes_back_with_what_it_took(client: Bedrock, bedrock: FakeBedrock) -> None:
    reply = await client.converse(request())
    [call] = bedrock.calls
    assert call.usage is not None
    assert isinstance(reply.body, dict)
    assert reply.body["text"] == call.answer["output"]["message"]["content"][0]["text"]
    assert reply.body["stopReason"] == reply.stop_reason == call.answer["stopReason"]
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (
        call.answer["usage"]["inputTokens"],
        call.answer["usage"]["outputTokens"],
    )
    assert reply.request_id == call.request_id
    assert reply.latency_ms == call.answer["metrics"]["latencyMs"]


async def test_an_invocation_comes_back_with_what_it_took(client: Bedrock, bedrock: FakeBedrock) -> None:
    reply = await client.invoke(EMBEDDINGS, text_embedding("a dog on a beach"))
    [call] = bedrock.calls
    body: Any = reply.body
    assert [len(found["embedding"]) for found in body["embeddings"]] == [256]
    assert reply.usage.input_tokens > 0
    assert reply.request_id == call.request_id


async def test_a_picture_is_sent_as_it_is(client: Bedrock, bedrock: FakeBedrock, tmp_path: Path) -> None:
    picture = tiny_photo(tmp_path / "p.png", size=(64, 48)).read_bytes()
    asked = request()
    asked["messages"][0]["content"].insert(0, {"image": {"format": "png", "source": {"bytes": picture}}})
    await client.converse(asked)
    [call] = bedrock.calls
    source = call.request["messages"][0]["content"][0]["image"]["source"]
    assert source["bytes"] in (picture, base64.b64encode(picture).decode())


REFUSALS: list[tuple[Trouble, type[SpillwayError], bool, str]] = [
    (Trouble.THROTTLED, Throttled, False, "Nova 2 Lite"),
    (Trouble.QUOTA, Throttled, False, "Service Quotas"),
    (Trouble.NOT_READY, Throttled, False, "being made ready"),
    (Trouble.UNAVAILABLE, ServiceDown, False, "us-east-1"),
    (Trouble.INTERNAL, ServiceDown, False, "us-east-1"),
    (Trouble.TIMED_OUT, ModelTimedOut, True, "did not finish"),
    (Trouble.MODEL_ERROR, ModelFailed, False, "met an error"),
    (Trouble.DENIED, AccessRefused, False, "bedrock:InvokeModel"),
    (Trouble.DROPPED, ConnectionLost, True, "may have billed"),
    (Trouble.DROPPED_AFTER_METERING, ConnectionLost, True, "may have billed"),
]


@pytest.mark.parametrize("operation", ["converse", "invoke"])
@pytest.mark.parametrize(("trouble", "kind", "billed", "told"), REFUSALS)
async def test_what_goes_wrong_is_told_in_words_and_never_asked_twice(
    client: Bedrock, bedrock: FakeBedrock, operation: str, trouble: Trouble, kind: type[SpillwayError], billed: bool, told: str
) -> None:
    bedrock.script(Fault(trouble))
    with pytest.raises(kind) as raised:
        await (client.converse(request()) if operation == "converse" else client.invoke(EMBEDDINGS, text_embedding("dog")))
    assert type(raised.value) is kind
    if operation == "converse":
        assert told in str(raised.value)
    assert may_be_billed(raised.value) is billed
    assert len(bedrock.calls) == 1


@pytest.mark.parametrize(
    ("model_id", "kind", "told"),
    [
        ("amazon.nova-2-lite-v1:0", ProfileNeeded, "SPILLWAY_BEDROCK_SCOPE"),
        ("us.amazon.nova-premier-v1:0", ModelGone, "end of its life"),
        ("amazon.nova-none-v1:0", ModelGone, "nova models"),
    ],
)
async def test_a_model_that_is_not_there_is_told_at_once(
    client: Bedrock, model_id: str, kind: type[SpillwayError], told: str
) -> None:
    with pytest.raises(kind, match=told):
        await client.converse(request(model_id))


async def test_what_a_model_cannot_hold_is_told(client: Bedrock) -> None:
    with pytest.raises(RequestTooLarge, match="more than Nova Micro"):
        await client.converse(request("us.amazon.nova-micro-v1:0", "dog " * 200_000))


async def test_what_the_sdk_does_not_send_is_told(client: Bedrock, bedrock: FakeBedrock) -> None:
    with pytest.raises(RequestRefused, match="messages"):
        await client.converse({"modelId": NOVA, "messages": "none"})
    assert bedrock.calls == []


async def test_an_answer_that_takes_too_long_may_have_been_billed(bedrock: FakeBedrock) -> None:
    fault = Fault(Trouble.SLOW)
    bedrock.script(fault)
    with pytest.raises(ConnectionLost):
        await Bedrock(BedrockSettings(read_timeout=0.2)).converse(request())
    fault.gate.open()


async def test_nobody_at_the_endpoint_was_asked_nothing(client: Bedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="SPILLWAY_BEDROCK_REGION") as raised:
        await client.converse(request())
    assert not may_be_billed(raised.value)


async def test_without_credentials_it_is_told_which_are_needed(client: Bedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    with pytest.raises(NoCredentials, match=r"There are no AWS credentials\. Set AWS_ACCESS_KEY_ID"):
        await client.converse(request())


async def test_half_of_the_credentials_are_none(client: Bedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoCredentials):
        await client.converse(request())


async def test_credentials_of_nobodys_are_told(client: Bedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(NoCredentials, match="belong together") as raised:
        await client.converse(request())
    assert "wrong" not in str(raised.value)


async def test_a_profile_that_is_not_there_is_named(client: Bedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobodys")
    with pytest.raises(NoCredentials, match="nobodys"):
        await client.converse(request())


async def test_an_access_refusal_of_one_model_names_it(client: Bedrock, bedrock: FakeBedrock) -> None:
    bedrock.deny("amazon.nova-2-lite-v1:0")
    with pytest.raises(AccessRefused, match=r"Nova 2 Lite \(us.amazon.nova-2-lite-v1:0\) in us-east-1"):
        await client.converse(request())


async def test_calls_wait_beside_each_other_up_to_the_limit(bedrock: FakeBedrock) -> None:
    slow = Fault(Trouble.SLOW, times=5)
    bedrock.script(slow)
    client = Bedrock(BedrockSettings(concurrency=3))
    asking = [asyncio.create_task(client.converse(request(text=f"question {number}"))) for number in range(5)]
    assert await asyncio.to_thread(bedrock.wait_for, 3)
    slow.gate.open()
    assert len(await asyncio.gather(*asking)) == 5


async def test_a_job_that_answers_into_a_bucket_is_begun_once(client: Bedrock, bedrock: FakeBedrock) -> None:
    token = str(uuid4())
    with pytest.raises(SpillwayError):
        await client.start_async_invoke(EMBEDDINGS, text_embedding("dog"), "s3://no-such-bucket/out", token=token)
    with pytest.raises(SpillwayError):
        await client.get_async_invoke("arn:aws:bedrock:us-east-1:123456789012:async-invoke/abcdefghijkl")
    assert bedrock.billed == []
