"""The wire: signatures, paths, members and values that the services' own models do not have."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.support.bedrock import FakeBedrock
from tests.support.bedrock.clients import LITE, client, converse, refusal, said

QUESTION = {"messages": [{"role": "user", "content": [{"text": "Hm?"}]}]}


def raw(
    fake: FakeBedrock, path: str, body: object = None, *, sign: bool = True, **headers: str
) -> tuple[int, str, dict[str, Any]]:
    """Status, error type and body of a request that no SDK would make."""
    environment = fake.environment
    request = AWSRequest("POST", f"{fake.url}{path}", headers=headers, data=json.dumps(body).encode())
    if sign:
        keys = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(keys, "bedrock", "us-east-1").add_auth(request)
    sent = urllib.request.Request(f"{fake.url}{path}", request.data, dict(request.headers), method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(sent) as answer:
            return answer.status, "", json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["x-amzn-errortype"], json.loads(error.read())


def test_a_request_without_a_signature(bedrock: FakeBedrock) -> None:
    status, kind, body = raw(bedrock, "/model/x/converse", QUESTION, sign=False)
    assert (status, kind, body) == (403, "MissingAuthenticationTokenException", {"message": "Missing Authentication Token"})
    assert bedrock.calls == []


def test_a_signature_that_is_none(bedrock: FakeBedrock) -> None:
    status, kind, _ = raw(bedrock, "/model/x/converse", QUESTION, sign=False, Authorization="Basic YTpi")
    assert (status, kind) == (403, "IncompleteSignatureException")


def test_somebody_else_s_keys(bedrock: FakeBedrock) -> None:
    with client(bedrock, "bedrock-runtime", access_key="AKIDSOMEBODYELSE0000") as runtime:
        told = refusal(lambda: converse(runtime))
    assert (told.code, told.status) == ("UnrecognizedClientException", 403)


def test_a_wrong_secret(bedrock: FakeBedrock) -> None:
    with client(bedrock, "bedrock-runtime", secret_key="wrong") as runtime:
        told = refusal(lambda: converse(runtime))
    assert (told.code, told.status) == ("InvalidSignatureException", 403)


def test_a_path_where_nothing_is(bedrock: FakeBedrock) -> None:
    assert raw(bedrock, "/model/x/guess", QUESTION)[:2] == (404, "UnknownOperationException")


def test_a_signed_request_is_answered(bedrock: FakeBedrock) -> None:
    status, _, body = raw(bedrock, f"/model/{LITE}/converse", QUESTION)
    assert status == 200
    assert said(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({**QUESTION, "colour": "red"}, "#: extraneous key [colour] is not permitted"),
        (
            {"messages": [{"role": "user", "content": [{"text": "x", "tone": "kind"}]}]},
            "#/messages/0/content/0: extraneous key [tone]",
        ),
        (
            {"messages": [{"role": "user"}]},
            "Value null at 'messages.1.member.content' failed to satisfy constraint: Member must not be null",
        ),
        ({"messages": [{"role": "robot", "content": []}]}, "Value 'robot' at 'messages.1.member.role'"),
        ({"messages": [{"role": "user", "content": [{}]}]}, "must have exactly one of [text, image"),
        ({"messages": "hello"}, "messages"),
        ({**QUESTION, "inferenceConfig": {"maxTokens": 0}}, "value greater than or equal to 1"),
        ({**QUESTION, "requestMetadata": {f"k{number}": "v" for number in range(17)}}, "length less than or equal to 16"),
        ({"messages": [{"role": "user", "content": [{"image": {"format": "png", "source": {"bytes": "%"}}}]}]}, "not base64"),
        ([], "JSONObject"),
    ],
)
def test_bodies_that_the_model_of_the_service_does_not_have(bedrock: FakeBedrock, body: object, message: str) -> None:
    status, kind, told = raw(bedrock, f"/model/{LITE}/converse", body)
    assert (status, kind) == (400, "ValidationException")
    assert message in told["message"]


def test_what_is_wrong_twice_is_told_twice(bedrock: FakeBedrock) -> None:
    body = {"messages": [{"role": "robot", "content": []}], "inferenceConfig": {"topP": 2}}
    _, _, told = raw(bedrock, f"/model/{LITE}/converse", body)
    assert told["message"].startswith("2 validation errors detected: ")
