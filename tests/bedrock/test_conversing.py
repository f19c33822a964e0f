"""Converse and InvokeModel: what is answered, and what it is charged as."""

import base64
import json
from typing import Any

import pytest

from tests.support.bedrock import FakeBedrock, Usage
from tests.support.bedrock.clients import LITE, LITE_2, MICRO, PRO, converse, image, said, video
from tests.support.bedrock.metering import text_tokens


def invoke(runtime: Any, body: dict[str, Any], model: str = LITE) -> tuple[dict[str, Any], dict[str, str]]:
    answer = runtime.invoke_model(modelId=model, body=json.dumps(body))
    return json.loads(answer["body"].read()), answer["ResponseMetadata"]["HTTPHeaders"]


def test_an_answer_has_the_shape_of_aws_s(runtime: Any, bedrock: FakeBedrock, photo: bytes) -> None:
    answer = converse(runtime, image(photo), {"text": "What is it?"})
    usage = answer["usage"]
    assert answer["output"]["message"]["role"] == "assistant"
    assert said(answer)
    assert answer["stopReason"] == "end_turn"
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
    assert answer["metrics"]["latencyMs"] > 0
    assert answer["ResponseMetadata"]["RequestId"] == bedrock.calls[0].request_id


def test_the_same_request_has_the_same_answer_and_another_picture_another(runtime: Any, film: bytes, photo: bytes) -> None:
    first, again, other = (said(converse(runtime, block)) for block in (image(photo), image(photo), video(film)))
    assert first == again
    assert first != other


@pytest.mark.parametrize("model", [LITE, PRO, LITE_2, MICRO])
def test_models_answer(runtime: Any, model: str) -> None:
    assert said(converse(runtime, model=model))


@pytest.mark.parametrize(("model", "tokens"), [(LITE, 800), (LITE_2, 515)])
def test_a_picture_is_metered_as_aws_tells(runtime: Any, photo: bytes, model: str, tokens: int) -> None:
    assert converse(runtime, image(photo), model=model)["usage"]["inputTokens"] == tokens


def test_a_video_is_metered_by_its_seconds_and_text_by_its_pieces(runtime: Any, bedrock: FakeBedrock, film: bytes) -> None:
    text_pieces = len(("Look", ",", "1", "2", "rhodod", "endron", "s", "!", "Be", "brief", "."))
    answer = converse(runtime, video(film), {"text": "Look, 12 rhododendrons!"}, system=[{"text": "Be brief."}])
    assert answer["usage"]["inputTokens"] == 12 * 288 + text_pieces
    assert answer["usage"]["outputTokens"] == text_tokens(said(answer))
    assert bedrock.calls[0].usage == Usage(answer["usage"]["inputTokens"], answer["usage"]["outputTokens"])
    assert bedrock.calls[0].billed


def test_max_tokens_cut_the_answer(runtime: Any) -> None:
    answer = converse(runtime, inferenceConfig={"maxTokens": 4})
    assert answer["stopReason"] == "max_tokens"
    assert answer["usage"]["outputTokens"] == text_tokens(said(answer)) == 4


def test_stop_sequences_stop(runtime: Any) -> None:
    whole = said(converse(runtime))
    answer = converse(runtime, inferenceConfig={"stopSequences": [" is about"]})
    assert answer["stopReason"] == "stop_sequence"
    assert said(answer) == whole.partition(" is about")[0]


def test_what_stands_before_a_cache_point_is_written_once_and_then_read(runtime: Any, bedrock: FakeBedrock) -> None:
    blocks: list[dict[str, Any]] = [{"text": "one two three"}, {"cachePoint": {"type": "default"}}, {"text": "four five"}]
    first, second = (converse(runtime, *blocks)["usage"] for _ in range(2))
    assert (first["inputTokens"], first["cacheWriteInputTokens"], first["cacheReadInputTokens"]) == (2, 3, 0)
    assert (second["inputTokens"], second["cacheWriteInputTokens"], second["cacheReadInputTokens"]) == (2, 0, 3)
    assert second["totalTokens"] == second["outputTokens"] + 5
    assert [call.usage and call.usage.cache_read_tokens for call in bedrock.calls] == [0, 3]


def test_invoke_answers_as_converse_does(runtime: Any, bedrock: FakeBedrock, film: bytes) -> None:
    talked = converse(runtime, video(film), {"text": "What is it?"}, inferenceConfig={"maxTokens": 100})
    block = {"video": {"format": "mp4", "source": {"bytes": base64.b64encode(film).decode()}}}
    body = {
        "schemaVersion": "messages-v1",
        "messages": [{"role": "user", "content": [block, {"text": "What is it?"}]}],
        "inferenceConfig": {"maxTokens": 100, "topK": 20},
    }
    invoked, headers = invoke(runtime, body)
    assert (invoked["output"], invoked["usage"]) == (talked["output"], talked["usage"])
    assert headers["x-amzn-bedrock-input-token-count"] == str(talked["usage"]["inputTokens"])
    assert headers["x-amzn-bedrock-output-token-count"] == str(talked["usage"]["outputTokens"])
    assert bedrock.calls[1].usage == bedrock.calls[0].usage


def test_calls_are_listed_as_they_came(runtime: Any, bedrock: FakeBedrock) -> None:
    converse(runtime, model=MICRO)
    converse(runtime, {"text": "Hm?"})
    assert [(call.operation, call.model_id, call.outcome) for call in bedrock.calls] == [
        ("Converse", MICRO, "answered"),
        ("Converse", LITE, "answered"),
    ]
    assert bedrock.calls[1].request["messages"][0]["content"] == [{"text": "Hm?"}]
    assert bedrock.calls == bedrock.billed
