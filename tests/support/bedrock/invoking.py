"""InvokeModel: the body of Nova's messages, or of its embeddings."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import StructureShape

from tests.support.bedrock import protocol
from tests.support.bedrock.constraints import check
from tests.support.bedrock.conversing import latency, talk, talked
from tests.support.bedrock.embedding import embed
from tests.support.bedrock.errors import invalid
from tests.support.bedrock.metering import Usage
from tests.support.bedrock.resources import Asking, Done, Resources

MESSAGES = {"schemaVersion", "messages", "system", "inferenceConfig", "toolConfig"}


def invoke_model(resources: Resources, asking: Asking) -> Done:
    """InvokeModel: the answer is the model's own JSON."""
    model = resources.model(asking.parameters["modelId"])
    body = _read(asking.parameters.get("body", b""))
    if model.embeds:
        said, usage = embed(resources, body)
        return _done(said, usage)
    answer, usage = talk(resources, model, Asking(_as_converse(body, asking.parameters["modelId"]), asking.trouble))
    said = {name: value for name, value in talked(answer, usage).items() if name != "metrics"}
    return _done(said, usage)


def _read(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except ValueError as error:
        raise invalid("Malformed input request, please reformat your input and try again.") from error
    if not isinstance(values, dict):
        raise invalid("Malformed input request: #: expected type: JSONObject, please reformat your input and try again.")
    return values


def _as_converse(body: Mapping[str, Any], model_id: str) -> dict[str, Any]:
    """A body of messages-v1 as the parameters of Converse: it has the same structure, and topK beside them."""
    if extra := sorted(set(body) - MESSAGES):
        raise invalid(
            f"Malformed input request: #: extraneous key [{extra[0]}] is not permitted, "
            "please reformat your input and try again."
        )
    if body.get("schemaVersion", "messages-v1") != "messages-v1":
        raise invalid("Malformed input request: #/schemaVersion: messages-v1 is not the given schema version.")
    inference = dict(body.get("inferenceConfig", {}))
    more = {"additionalModelRequestFields": {"inferenceConfig": {"topK": inference.pop("topK")}}} if "topK" in inference else {}
    rest = {name: value for name, value in body.items() if name not in {"schemaVersion", "inferenceConfig"}}
    shape = protocol.service("bedrock-runtime").operation_model("Converse").input_shape
    assert isinstance(shape, StructureShape)
    parameters = protocol.parsed({**rest, "inferenceConfig": inference, **more}, shape)
    check({**parameters, "modelId": model_id}, shape)
    return parameters


def _done(said: dict[str, Any], usage: Usage) -> Done:
    headers = {
        "x-amzn-bedrock-input-token-count": str(usage.input_tokens),
        "x-amzn-bedrock-output-token-count": str(usage.output_tokens),
        "x-amzn-bedrock-invocation-latency": str(latency(usage)),
    }
    members = {"body": json.dumps(said).encode(), "contentType": "application/json"}
    return Done(protocol.Answered(members, headers), usage)
