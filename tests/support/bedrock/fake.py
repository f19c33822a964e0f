"""Bedrock, in this process: what is asked of it, what it answers, what of that would be paid for."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.credentials import Credentials
from botocore.model import OperationModel

from tests.support.bedrock import protocol
from tests.support.bedrock.errors import AwsError, Dropped
from tests.support.bedrock.faults import Fault, Script, Trouble
from tests.support.bedrock.metering import Usage
from tests.support.bedrock.objects import Objects
from tests.support.bedrock.operations import OPERATIONS
from tests.support.bedrock.protocol import HttpAnswer, HttpRequest
from tests.support.bedrock.resources import Asking, Resources
from tests.support.bedrock.server import Server
from tests.support.bedrock.signatures import check_signature

ACCESS_KEY, SECRET_KEY = "AKIDBEDROCKFAKE00000", "no-secret-of-anybodys"
UNDER_WAY, ANSWERED, DROPPED = "under way", "answered", "dropped"
"""Outcomes of a call, beside the codes of AWS's errors."""


@dataclass
class Call:
    """One request: what was asked, and what became of it."""

    operation: str
    model_id: str
    request: dict[str, Any] = field(repr=False)
    request_id: str
    usage: Usage | None = None
    billed: bool = False
    outcome: str = UNDER_WAY
    answer: dict[str, Any] = field(default_factory=dict, repr=False)
    fault: Trouble | None = None


class FakeBedrock:
    """A server of both services; made by `fake_bedrock`."""

    def __init__(self, credentials: Credentials, resources: Resources, s3_endpoint: str | None, port: int = 0) -> None:
        self._credentials, self._resources, self._s3_endpoint = credentials, resources, s3_endpoint
        self._script = Script()
        self._calls: list[Call] = []
        self._own_faults: list[Exception] = []
        self._came = threading.Condition()
        self._server = Server(self._answer, port)

    @property
    def url(self) -> str:
        """Where both services are."""
        return self._server.url

    @property
    def environment(self) -> dict[str, str]:
        """What an AWS SDK must find in its environment to come here and nowhere else."""
        found = {
            "AWS_ENDPOINT_URL_BEDROCK": self.url,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.url,
            "AWS_ACCESS_KEY_ID": self._credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": self._credentials.secret_key,
            "AWS_REGION": self._resources.region,
            "AWS_DEFAULT_REGION": self._resources.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        return {**found, "AWS_ENDPOINT_URL_S3": self._s3_endpoint} if self._s3_endpoint else found

    @property
    def calls(self) -> list[Call]:
        """Every request of a known operation so far, in the order in which they came."""
        with self._came:
            return list(self._calls)

    @property
    def billed(self) -> list[Call]:
        """The calls that AWS would have charged for."""
        return [call for call in self.calls if call.billed]

    @property
    def unspent(self) -> list[Fault]:
        """Faults that were scripted and have not happened yet."""
        return self._script.left

    def script(self, *faults: Fault) -> None:
        """Do these to the next calls that they fit, in this order."""
        self._script.add(faults)

    def deny(self, model_id: str) -> None:
        """Answer calls of this model, by base id, as where nobody has enabled it."""
        self._resources.denied.add(model_id)

    def allow(self, model_id: str) -> None:
        """Take a denial back."""
        self._resources.denied.discard(model_id)

    def wait_for(self, calls: int, timeout: float = 30.0) -> bool:
        """Whether so many calls have come, once they have or the time is over."""
        return self.wait_until(lambda known: len(known) >= calls, timeout)

    def wait_until(self, holds: Callable[[list[Call]], bool], timeout: float = 30.0) -> bool:
        """Whether something holds of the calls, once it does or the time is over."""
        with self._came:
            return self._came.wait_for(lambda: holds(self._calls), timeout)

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self) -> None:
        """Let everything go that waits, and answer no more; raises what went wrong in the fake itself."""
        self._script.end()
        self._server.stop()
        if self._own_faults:
            raise ExceptionGroup("the fake of Bedrock is at fault", self._own_faults)

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        request_id = str(uuid4())
        operation: OperationModel | None = None
        try:
            operation, labels = protocol.operation_for(request)
            check_signature(request, self._credentials)
            answer = self._carried_out(request, operation, labels, request_id)
        except AwsError as error:
            answer = protocol.refused(operation, error)
        except Dropped:
            raise
        except Exception as error:
            self._own_faults.append(error)
            raise
        return HttpAnswer(answer.status, {**answer.headers, "x-amzn-requestid": request_id}, answer.body)

    def _carried_out(
        self, request: HttpRequest, operation: OperationModel, labels: dict[str, str], request_id: str
    ) -> HttpAnswer:
        call = Call(str(operation.name), labels.get("modelId", ""), {}, request_id)
        with self._came:
            self._calls.append(call)
            self._came.notify_all()
        try:
            asked = protocol.read(request, operation, labels)
            call.request, call.model_id = asked.parameters, asked.parameters.get("modelId", "")
            return self._worked(call, asked)
        except AwsError as error:
            self._ended(call, error.code)
            raise
        except Dropped:
            self._ended(call, DROPPED)
            raise

    def _ended(self, call: Call, outcome: str) -> None:
        with self._came:
            call.outcome = outcome
            self._came.notify_all()

    def _worked(self, call: Call, asked: protocol.Asked) -> HttpAnswer:
        fault = self._script.take(call.operation, call.model_id)
        if fault:
            call.fault = fault.trouble
            fault.refuse()
        work = OPERATIONS.get(call.operation)
        if work is None:
            raise AwsError("AccessDeniedException", f"The fake does not carry out {call.operation}.")
        done = work(self._resources, Asking(asked.parameters, fault.trouble if fault else None))
        answer = protocol.written(asked.operation, done.answered)
        call.usage, call.billed, call.answer = done.usage, done.usage is not None, done.answered.members
        if fault and fault.trouble is Trouble.DROPPED_AFTER_METERING:
            raise Dropped
        self._ended(call, ANSWERED)
        return answer


@contextmanager
def fake_bedrock(
    *,
    s3_endpoint: str | None = None,
    access_key: str = ACCESS_KEY,
    secret_key: str = SECRET_KEY,
    region: str = "us-east-1",
    port: int = 0,
    now: datetime | None = None,
) -> Iterator[FakeBedrock]:
    """Bedrock on 127.0.0.1 until the end of the block; `s3_endpoint` is the store that it reads from and writes to.

    The keys must be those of the store too. `now` decides which models live, unless it is today.
    """
    credentials = Credentials(access_key, secret_key)
    objects = Objects(s3_endpoint, credentials, region)
    fake = FakeBedrock(credentials, Resources(region, objects, now or datetime.now(UTC)), s3_endpoint, port)
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()
        objects.close()
