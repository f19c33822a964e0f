"""What goes wrong on request: faults that a test scripts, each done to the next call that it fits."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tests.support.bedrock.errors import AwsError, Dropped

PAID = frozenset({"Converse", "InvokeModel", "StartAsyncInvoke"})
"""Operations that a fault without an operation of its own is done to."""
TALKS = frozenset({"Converse", "InvokeModel"})
"""Operations whose answers are a model's words."""


class Trouble(StrEnum):
    """What can go wrong: a refusal, silence, or an answer that is not as it should be."""

    THROTTLED = "throttled"
    NOT_READY = "not_ready"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    TIMED_OUT = "timed_out"
    MODEL_ERROR = "model_error"
    QUOTA = "quota"
    DENIED = "denied"
    REFUSED = "refused"
    """Any other error: that of the fault."""
    SLOW = "slow"
    DROPPED = "dropped"
    """The connection ends before anything is done."""
    DROPPED_AFTER_METERING = "dropped_after_metering"
    """The connection ends when the answer is made and billed."""
    JOB_FAILED = "job_failed"
    """What StartAsyncInvoke starts fails in the end."""
    MALFORMED_JSON = "malformed_json"
    FENCED = "fenced"
    TRAILING_PROSE = "trailing_prose"
    TRUNCATED = "truncated"
    CONTENT_FILTERED = "content_filtered"
    MALFORMED_MODEL_OUTPUT = "malformed_model_output"
    CONTEXT_EXCEEDED = "context_exceeded"
    BEYOND_THE_END = "beyond_the_end"
    UNKNOWN_VALUE = "unknown_value"
    OVERLAPPING = "overlapping"
    MISSING_SECTION = "missing_section"


REFUSALS = {
    Trouble.THROTTLED: AwsError("ThrottlingException", "Too many requests, please wait before trying again."),
    Trouble.NOT_READY: AwsError("ModelNotReadyException", "The model is not ready for inference requests. Try again."),
    Trouble.UNAVAILABLE: AwsError("ServiceUnavailableException", "Bedrock is unable to process your request."),
    Trouble.INTERNAL: AwsError(
        "InternalServerException", "The system encountered an unexpected error during processing. Try your request again."
    ),
    Trouble.TIMED_OUT: AwsError(
        "ModelTimeoutException", "Model has timed out in processing the request. Try your request again."
    ),
    Trouble.MODEL_ERROR: AwsError(
        "ModelErrorException",
        "The model returned an error while it processed the request.",
        originalStatusCode=500,
        resourceName="amazon.nova",
    ),
    Trouble.QUOTA: AwsError("ServiceQuotaExceededException", "Your request exceeds the service quota for your account."),
    Trouble.DENIED: AwsError("AccessDeniedException", "You don't have access to the model with the specified model ID."),
}
SPOILT = frozenset(list(Trouble)[list(Trouble).index(Trouble.MALFORMED_JSON) :])
"""Faults of a model's words, which are paid for."""


class Gate:
    """Where a slow call waits: a test learns that it is there, and lets it go on."""

    def __init__(self) -> None:
        self._reached, self._open = threading.Event(), threading.Event()

    def reached(self, timeout: float = 30.0) -> bool:
        """Whether a call waits here, once it does or the time is over."""
        return self._reached.wait(timeout)

    def open(self) -> None:
        """Let the call go on, and those that come after it."""
        self._open.set()

    def pass_through(self, seconds: float | None) -> None:
        """Wait here until the gate opens, or for so many seconds."""
        self._reached.set()
        self._open.wait(seconds)


@dataclass(frozen=True)
class Fault:
    """A trouble done to the next `times` calls of this operation and of a model whose id has `model` in it.

    SLOW waits for `seconds`, or until the test opens the `gate`; REFUSED raises the `error`.
    """

    trouble: Trouble
    times: int = 1
    operation: str | None = None
    model: str | None = None
    seconds: float | None = None
    gate: Gate = field(default_factory=Gate, compare=False)
    error: AwsError | None = None

    def fits(self, operation: str, model_id: str) -> bool:
        """Whether it can be done to a call."""
        if self.trouble in SPOILT and (operation not in TALKS or "embed" in model_id):
            return False
        if self.trouble is Trouble.JOB_FAILED and operation != "StartAsyncInvoke":
            return False
        return operation in ({self.operation} if self.operation else PAID) and (self.model or "") in model_id

    def refuse(self) -> None:
        """Do what is to be done before the call is carried out: raise, or wait."""
        if refusal := self.error or REFUSALS.get(self.trouble):
            raise AwsError(refusal.code, refusal.message, **refusal.extra)
        if self.trouble is Trouble.DROPPED:
            raise Dropped
        if self.trouble is Trouble.SLOW:
            self.gate.pass_through(self.seconds)


class Script:
    """The faults that are still to be done, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: list[tuple[Fault, int]] = []
        self._gates: list[Gate] = []

    def add(self, faults: Iterable[Fault]) -> None:
        """Put faults at the end."""
        with self._lock:
            given = list(faults)
            self._left += [(fault, fault.times) for fault in given]
            self._gates += [fault.gate for fault in given]

    def take(self, operation: str, model_id: str) -> Fault | None:
        """The first fault that fits a call, which is thereby done once more."""
        with self._lock:
            for at, (fault, times) in enumerate(self._left):
                if fault.fits(operation, model_id):
                    self._left[at : at + 1] = [(fault, times - 1)] if times > 1 else []
                    return fault
        return None

    @property
    def left(self) -> list[Fault]:
        """What was scripted and has not happened, or not as often."""
        with self._lock:
            return [fault for fault, _ in self._left]

    def end(self) -> None:
        """Let everything go on that waits."""
        for gate in self._gates:
            gate.open()
