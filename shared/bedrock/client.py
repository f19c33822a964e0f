"""Amazon Bedrock by boto3: one attempt per call, in threads of its own, with errors in words."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import boto3
from botocore.config import Config
from pydantic import JsonValue

from shared.bedrock.faults import AnswerUnusable, Asked
from shared.bedrock.replies import converse_reply, invoke_reply
from shared.bedrock.threads import Threads
from shared.bedrock.translating import translated
from shared.models import catalogue
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Catalogue
from shared.paying.calls import Reply

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

T = TypeVar("T")

INVOKE = "bedrock:InvokeModel"
LISTING_TIMEOUT = 20.0
"""Seconds for what costs nothing and comes at once."""
JSON = "application/json"

making = threading.Lock()
"""Held while a client is made: making one is not safe in several threads at once."""


@dataclass(frozen=True)
class AsyncJob:
    """How far a call is whose answer is written to a bucket."""

    state: Literal["InProgress", "Completed", "Failed"]
    failure: str | None
    output_uri: str


class Clients:
    """boto3's clients of Bedrock, each made when it is used first. Endpoints and credentials are as the SDK finds them."""

    def __init__(self, settings: BedrockSettings) -> None:
        self._settings = settings
        self._runtime: BedrockRuntimeClient | None = None
        self._control: BedrockClient | None = None

    def runtime(self) -> "BedrockRuntimeClient":
        """For questions: an answer may take an hour, and asking again by itself would be paid for twice."""
        with making:
            if self._runtime is None:
                config = self._config(self._settings.read_timeout)
                self._runtime = self._session.client("bedrock-runtime", config=config)
            return self._runtime

    def control(self) -> "BedrockClient":
        """For what Bedrock says of itself."""
        with making:
            if self._control is None:
                config = self._config(LISTING_TIMEOUT)
                self._control = self._session.client("bedrock", config=config)
            return self._control

    @cached_property
    def _session(self) -> boto3.Session:
        """One of its own: boto3's default session keeps the credentials that it found first."""
        return boto3.Session(region_name=self._settings.region)

    def _config(self, read_timeout: float) -> Config:
        return Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=self._settings.connect_timeout,
            read_timeout=read_timeout,
            max_pool_connections=self._settings.concurrency,
            tcp_keepalive=True,  # routers forget a line on which nothing is said for an hour
        )


class Bedrock:
    """Bedrock as the settings say. Every method raises the errors of `shared.bedrock.faults`."""

    def __init__(self, settings: BedrockSettings) -> None:
        self._settings = settings
        self._clients = Clients(settings)
        self._threads = Threads(settings.concurrency)

    async def converse(self, request: Mapping[str, Any]) -> Reply:
        """Ask a model by the arguments of Converse; the answer's body has `text`, `stopReason` and `content`."""
        answer = await self._asked(request["modelId"], INVOKE, lambda: self._clients.runtime().converse(**request))
        return converse_reply(answer)

    async def invoke(self, model_id: str, body: Mapping[str, JsonValue]) -> Reply:
        """Ask a model by a body of its own; the answer's body is its JSON."""

        def ask() -> Reply:
            answer = self._clients.runtime().invoke_model(
                modelId=model_id, body=json.dumps(body), contentType=JSON, accept=JSON
            )
            return invoke_reply(_json(answer["body"].read(), self._named(model_id)), answer["ResponseMetadata"])

        return await self._asked(model_id, INVOKE, ask)

    async def start_async_invoke(
        self, model_id: str, model_input: Mapping[str, JsonValue], output_uri: str, *, token: str
    ) -> str:
        """Have an answer written to a bucket; answers with the job's ARN, the same for the same token (1 to 256 characters)."""

        def start() -> str:
            return self._clients.runtime().start_async_invoke(
                modelId=model_id,
                modelInput=dict(model_input),
                outputDataConfig={"s3OutputDataConfig": {"s3Uri": output_uri}},
                clientRequestToken=token,
            )["invocationArn"]

        return await self._asked(model_id, INVOKE, start)

    async def get_async_invoke(self, arn: str) -> AsyncJob:
        """How far such a job is."""

        def look() -> AsyncJob:
            found = self._clients.runtime().get_async_invoke(invocationArn=arn)
            output = found["outputDataConfig"].get("s3OutputDataConfig", {}).get("s3Uri", "")
            return AsyncJob(found["status"], found.get("failureMessage"), output)

        return await self._asked("", "bedrock:GetAsyncInvoke", look)

    async def _asked(self, model_id: str, action: str, function: Callable[[], T]) -> T:
        asked = Asked(self._named(model_id), self._settings.region, action)

        def ask() -> T:
            with translated(asked):
                return function()

        return await self._threads.run(ask)

    @cached_property
    def _catalogue(self) -> Catalogue:
        return catalogue.load(self._settings.model_catalogue)

    def _named(self, model_id: str) -> str:
        """A model's name and id for people."""
        if not model_id:
            return "the models"
        model = self._catalogue.with_id(model_id)
        return f"{model.name} ({model_id})" if model else f"the model {model_id}"


def _json(body: bytes, model: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(body)
    except ValueError as error:
        raise AnswerUnusable(f"What {model} answered is no JSON, though it was paid for: {body[:200]!r}") from error
    return value
