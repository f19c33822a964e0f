"""What Bedrock answers becomes JSON that can be kept, with its usage."""

from typing import Any

import pytest

from shared.bedrock.replies import converse_reply, invoke_reply
from shared.models.prices import Usage

METADATA = {"RequestId": "r-1", "HTTPHeaders": {}}


def answered(content: list[dict[str, Any]], **usage: int) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "max_tokens",
        "usage": {"inputTokens": 10, "outputTokens": 20, "totalTokens": 30, **usage},
        "metrics": {"latencyMs": 321},
        "ResponseMetadata": METADATA,
    }


def test_texts_are_joined_and_the_blocks_kept() -> None:
    reply = converse_reply(answered([{"text": '{"a": '}, {"text": "1}"}], cacheReadInputTokens=3, cacheWriteInputTokens=4))
    assert reply.body == {"text": '{"a": 1}', "stopReason": "max_tokens", "content": [{"text": '{"a": '}, {"text": "1}"}]}
    assert reply.usage == Usage(10, 20, 3, 4)
    assert (reply.request_id, reply.latency_ms, reply.stop_reason) == ("r-1", 321, "max_tokens")


def test_bytes_are_left_out() -> None:
    blocks: list[dict[str, Any]] = [
        {"reasoningContent": {"redactedContent": b"\x00"}},
        {"image": {"format": "png", "source": {"bytes": b"png"}}},
        {"text": "done"},
    ]
    body = converse_reply(answered(blocks)).body
    assert isinstance(body, dict)
    assert body["content"] == [{"image": {"format": "png"}}, {"text": "done"}]


@pytest.mark.parametrize(
    ("headers", "body", "usage"),
    [
        ({"X-Amzn-Bedrock-Input-Token-Count": "12"}, {"embeddings": []}, Usage(12, 0)),
        ({"x-amzn-bedrock-input-token-count": "12", "x-amzn-bedrock-output-token-count": "7"}, {}, Usage(12, 7)),
        ({}, {"usage": {"inputTokens": 5, "outputTokens": 6, "cacheReadInputTokenCount": 2}}, Usage(5, 6, 2)),
        ({"x-amzn-bedrock-input-token-count": "many"}, [1], Usage(0, 0)),
    ],
)
def test_an_invocations_tokens_are_in_its_headers_or_its_body(headers: dict[str, str], body: Any, usage: Usage) -> None:
    assert invoke_reply(body, {"RequestId": "r-2", "HTTPHeaders": headers}).usage == usage


def test_an_invocation_tells_its_latency_and_why_it_ended() -> None:
    reply = invoke_reply({"stopReason": "end_turn"}, {"HTTPHeaders": {"x-amzn-bedrock-invocation-latency": "88"}})
    assert (reply.latency_ms, reply.stop_reason, reply.request_id) == (88, "end_turn", None)
