"""Real boto3 clients of a fake, and what they make of its refusals."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.bedrock.fake import FakeBedrock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LITE, PRO, MICRO = "us.amazon.nova-lite-v1:0", "us.amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"
LITE_2 = "us.amazon.nova-2-lite-v1:0"
EMBEDDINGS = "amazon.nova-2-multimodal-embeddings-v1:0"


class Refusal(NamedTuple):
    """An error as the SDK tells it."""

    code: str
    status: int
    message: str
    body: dict[str, Any]


@cache
def session() -> boto3.Session:
    """One for all clients: it takes a second to read the services' models, and each client is told its keys."""
    return boto3.Session()


@contextmanager
def client(fake: FakeBedrock, service: str, **given: Any) -> Iterator[Any]:
    """A client that asks once and sends whatever it is told to, unless `given` (keys, or settings) says otherwise."""
    environment = fake.environment
    keys = {
        "aws_access_key_id": given.pop("access_key", environment["AWS_ACCESS_KEY_ID"]),
        "aws_secret_access_key": given.pop("secret_key", environment["AWS_SECRET_ACCESS_KEY"]),
        "region_name": environment["AWS_REGION"],
    }
    config = Config(**{"retries": {"total_max_attempts": 1, "mode": "standard"}, "parameter_validation": False, **given})
    made = session().client(service, endpoint_url=fake.url, config=config, **keys)  # type: ignore[call-overload]
    yield made
    made.close()


def converse(runtime: Any, *blocks: dict[str, Any], model: str = LITE, **more: Any) -> dict[str, Any]:
    """Converse about these blocks, or a question if there are none."""
    content = list(blocks) or [{"text": "What is to be seen?"}]
    answer: dict[str, Any] = runtime.converse(modelId=model, messages=[{"role": "user", "content": content}], **more)
    return answer


def said(answer: dict[str, Any]) -> str:
    """The text of an answer."""
    return "".join(block["text"] for block in answer["output"]["message"]["content"])


def image(body: bytes, form: str = "png") -> dict[str, Any]:
    """A picture in the request."""
    return {"image": {"format": form, "source": {"bytes": body}}}


def video(body: bytes, form: str = "mp4") -> dict[str, Any]:
    """A video in the request."""
    return {"video": {"format": form, "source": {"bytes": body}}}


def stored(kind: str, form: str, uri: str) -> dict[str, Any]:
    """A picture or a video in S3."""
    return {kind: {"format": form, "source": {"s3Location": {"uri": uri}}}}


def refusal(ask: Callable[[], object]) -> Refusal:
    """How the fake refuses a question; raises AssertionError if it answers."""
    try:
        answer = ask()
    except ClientError as error:
        told = error.response
        rest = {name: value for name, value in told.items() if name not in {"Error", "ResponseMetadata"}}
        return Refusal(told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Message"], rest)
    raise AssertionError(f"answered: {answer}")


def s3(environment: dict[str, str]) -> "S3Client":
    """A client of the stack's store."""
    return session().client(
        "s3",
        endpoint_url=environment["SPILLWAY_S3_ENDPOINT"],
        aws_access_key_id=environment["SPILLWAY_S3_ACCESS_KEY"],
        aws_secret_access_key=environment["SPILLWAY_S3_SECRET_KEY"],
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )
