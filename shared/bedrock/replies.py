"""What Bedrock answers, as the ledger keeps it."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from shared.models.prices import Usage
from shared.paying.calls import Reply

INPUT_TOKENS = "x-amzn-bedrock-input-token-count"
OUTPUT_TOKENS = "x-amzn-bedrock-output-token-count"
LATENCY = "x-amzn-bedrock-invocation-latency"


def converse_reply(answer: Mapping[str, Any]) -> Reply:
    """An answer of Converse: its texts in one, why it ends, and its blocks without media."""
    blocks = answer["output"]["message"]["content"]
    usage = answer["usage"]
    return Reply(
        body={
            "text": "".join(block.get("text", "") for block in blocks),
            "stopReason": answer["stopReason"],
            "content": [kept for block in blocks if (kept := without_bytes(block))],
        },
        usage=Usage(
            usage["inputTokens"],
            usage["outputTokens"],
            cache_read_tokens=usage.get("cacheReadInputTokens", 0),
            cache_write_tokens=usage.get("cacheWriteInputTokens", 0),
        ),
        request_id=answer["ResponseMetadata"].get("RequestId"),
        latency_ms=answer.get("metrics", {}).get("latencyMs"),
        stop_reason=answer["stopReason"],
    )


def invoke_reply(body: JsonValue, metadata: Mapping[str, Any]) -> Reply:
    """An answer of InvokeModel; its tokens are told in headers, by some models in the body."""
    headers = {name.lower(): value for name, value in metadata.get("HTTPHeaders", {}).items()}
    told = body if isinstance(body, dict) else {}
    return Reply(
        body=body,
        usage=_invoke_usage(headers, told.get("usage")),
        request_id=metadata.get("RequestId"),
        latency_ms=_whole(headers.get(LATENCY)),
        stop_reason=str(told["stopReason"]) if "stopReason" in told else None,
    )


def _invoke_usage(headers: Mapping[str, str], told: JsonValue) -> Usage:
    usage = told if isinstance(told, dict) else {}
    return Usage(
        _whole(headers.get(INPUT_TOKENS)) or _whole(usage.get("inputTokens")) or 0,
        _whole(headers.get(OUTPUT_TOKENS)) or _whole(usage.get("outputTokens")) or 0,
        cache_read_tokens=_whole(usage.get("cacheReadInputTokenCount")) or 0,
        cache_write_tokens=_whole(usage.get("cacheWriteInputTokenCount")) or 0,
    )


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None


def without_bytes(value: Any) -> Any:
    """The same without members that are bytes, which JSON does not hold, and without what is empty then."""
    if isinstance(value, Mapping):
        kept = {name: without_bytes(one) for name, one in value.items() if not isinstance(one, bytes)}
        return {name: one for name, one in kept.items() if one not in ({}, [])}
    if isinstance(value, list):
        return [without_bytes(one) for one in value if not isinstance(one, bytes)]
    return value
