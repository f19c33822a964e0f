"""Converse, and what it has in common with InvokeModel: a prompt is read, answered and charged for."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.support.bedrock.answering import Answer, answer_to
from tests.support.bedrock.catalogue import FakeModel
from tests.support.bedrock.conversation import conversation
from tests.support.bedrock.errors import invalid
from tests.support.bedrock.metering import PIECES, Usage, text_tokens
from tests.support.bedrock.protocol import Answered
from tests.support.bedrock.resources import Asking, Done, Resources


def converse(resources: Resources, asking: Asking) -> Done:
    """Converse: the answer in its own members."""
    model = resources.model(asking.parameters["modelId"])
    answer, usage = talk(resources, model, asking)
    return Done(Answered(talked(answer, usage)), usage)


def count_tokens(resources: Resources, asking: Asking) -> Done:
    """CountTokens: of no model of Nova's."""
    resources.model(asking.parameters["modelId"])
    raise invalid("The provided model doesn't support counting tokens.")


def talk(resources: Resources, model: FakeModel, asking: Asking) -> tuple[Answer, Usage]:
    """A model's answer to a request as Converse takes it, with what it is charged as; both the same for the same request."""
    prompt = conversation(asking.parameters, model, resources.objects)
    most = asking.parameters.get("inferenceConfig", {}).get("maxTokens", model.most_output)
    answer = within(answer_to(prompt, asking.trouble), most)
    answer = _stopped(answer, asking.parameters.get("inferenceConfig", {}).get("stopSequences", ()))
    return answer, replace(prompt.metered(resources.prefixes), output_tokens=text_tokens(answer.text))


def talked(answer: Answer, usage: Usage) -> dict[str, Any]:
    """An answer as the output of Converse says it."""
    cached = {"cacheReadInputTokens": usage.cache_read_tokens, "cacheWriteInputTokens": usage.cache_write_tokens}
    told = {name: tokens for name, tokens in cached.items() if any(cached.values())}
    total = usage.input_tokens + usage.output_tokens + sum(cached.values())
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": answer.text}] if answer.text else []}},
        "stopReason": answer.stop_reason,
        "usage": {"inputTokens": usage.input_tokens, "outputTokens": usage.output_tokens, "totalTokens": total, **told},
        "metrics": {"latencyMs": latency(usage)},
    }


def latency(usage: Usage) -> int:
    """Milliseconds that a model would have taken, which the fake does not take."""
    return 200 + usage.input_tokens // 50 + usage.output_tokens * 5


def within(answer: Answer, most: int) -> Answer:
    """An answer cut off after so many tokens."""
    ends = [piece.end() for piece in PIECES.finditer(answer.text)]
    return answer if len(ends) <= most else Answer(answer.text[: ends[most - 1]], "max_tokens")


def _stopped(answer: Answer, stops: Sequence[str]) -> Answer:
    found = re.search("|".join(map(re.escape, stops)), answer.text) if stops else None
    return Answer(answer.text[: found.start()], "stop_sequence") if found else answer
