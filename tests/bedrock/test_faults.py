"""Faults are done as scripted: to the calls that they fit, in order, and to no others."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from tests.support.bedrock import AwsError, FakeBedrock, Fault, Gate, Trouble, fake_bedrock
from tests.support.bedrock.clients import LITE, LITE_2, PRO, client, converse, refusal, said


@pytest.mark.parametrize(
    ("trouble", "code", "status"),
    [
        (Trouble.THROTTLED, "ThrottlingException", 429),
        (Trouble.NOT_READY, "ModelNotReadyException", 429),
        (Trouble.UNAVAILABLE, "ServiceUnavailableException", 503),
        (Trouble.INTERNAL, "InternalServerException", 500),
        (Trouble.TIMED_OUT, "ModelTimeoutException", 408),
        (Trouble.MODEL_ERROR, "ModelErrorException", 424),
        (Trouble.QUOTA, "ServiceQuotaExceededException", 400),
        (Trouble.DENIED, "AccessDeniedException", 403),
    ],
)
def test_refusals_have_the_code_and_the_status_of_aws_s(
    runtime: Any, bedrock: FakeBedrock, trouble: Trouble, code: str, status: int
) -> None:
    bedrock.script(Fault(trouble))
    told = refusal(lambda: converse(runtime))
    assert (told.code, told.status) == (code, status)
    assert told.message
    assert [(call.outcome, call.billed, call.usage, call.fault) for call in bedrock.calls] == [(code, False, None, trouble)]
    assert said(converse(runtime))


def test_a_model_s_error_tells_more(runtime: Any, bedrock: FakeBedrock) -> None:
    bedrock.script(Fault(Trouble.MODEL_ERROR))
    body = refusal(lambda: converse(runtime)).body
    assert body["originalStatusCode"] == 500
    assert body["resourceName"]


def test_any_error_can_be_scripted(runtime: Any, bedrock: FakeBedrock) -> None:
    expired = AwsError("ExpiredTokenException", "The security token included in the request is expired")
    bedrock.script(Fault(Trouble.REFUSED, error=expired))
    told = refusal(lambda: converse(runtime))
    assert (told.code, told.status, told.message) == ("ExpiredTokenException", 403, expired.message)


def test_errors_are_of_the_client_s_own_classes(runtime: Any, bedrock: FakeBedrock) -> None:
    bedrock.script(Fault(Trouble.THROTTLED))
    with pytest.raises(runtime.exceptions.ThrottlingException):
        converse(runtime)


def test_a_fault_is_done_as_often_as_scripted_and_the_next_after_it(runtime: Any, bedrock: FakeBedrock) -> None:
    bedrock.script(Fault(Trouble.THROTTLED, times=2), Fault(Trouble.INTERNAL))
    codes = [refusal(lambda: converse(runtime)).code for _ in range(3)]
    assert codes == ["ThrottlingException", "ThrottlingException", "InternalServerException"]
    assert bedrock.unspent == []
    assert said(converse(runtime))


def test_a_fault_waits_for_the_call_that_it_is_for(runtime: Any, control: Any, bedrock: FakeBedrock) -> None:
    pro = Fault(Trouble.THROTTLED, model="nova-pro")
    listing = Fault(Trouble.INTERNAL, operation="ListFoundationModels")
    bedrock.script(pro, listing, Fault(Trouble.QUOTA, operation="InvokeModel"))
    assert said(converse(runtime, model=LITE))
    assert refusal(lambda: converse(runtime, model=PRO)).code == "ThrottlingException"
    assert refusal(control.list_foundation_models).code == "InternalServerException"
    assert refusal(lambda: runtime.invoke_model(modelId=LITE, body="{}")).code == "ServiceQuotaExceededException"


def test_control_calls_are_left_alone_unless_they_are_meant(control: Any, bedrock: FakeBedrock) -> None:
    bedrock.script(Fault(Trouble.THROTTLED))
    assert control.list_foundation_models()["modelSummaries"]
    assert len(bedrock.unspent) == 1


def test_the_sdk_tries_throttled_calls_again_where_it_is_told_to(bedrock: FakeBedrock) -> None:
    bedrock.script(Fault(Trouble.UNAVAILABLE, times=2))
    with client(bedrock, "bedrock-runtime", retries={"total_max_attempts": 3, "mode": "standard"}) as patient:
        assert converse(patient)["ResponseMetadata"]["RetryAttempts"] == 2
    assert [call.billed for call in bedrock.calls] == [False, False, True]


def test_a_connection_that_is_dropped_costs_nothing(runtime: Any, bedrock: FakeBedrock) -> None:
    bedrock.script(Fault(Trouble.DROPPED))
    with pytest.raises(ConnectionClosedError):
        converse(runtime)
    assert [(call.outcome, call.billed, call.usage) for call in bedrock.calls] == [("dropped", False, None)]
    assert said(converse(runtime))


def test_a_connection_that_is_dropped_after_the_answer_was_made_costs_what_it_would_have(
    runtime: Any, bedrock: FakeBedrock
) -> None:
    bedrock.script(Fault(Trouble.DROPPED_AFTER_METERING))
    with pytest.raises(ConnectionClosedError):
        converse(runtime)
    assert said(converse(runtime))
    lost, told = bedrock.calls
    assert (lost.outcome, lost.billed, lost.usage, lost.answer) == ("dropped", True, told.usage, told.answer)


def later(work: Callable[[], Any]) -> tuple[Future[Any], ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(1)
    return pool.submit(work), pool


def test_a_slow_call_waits_for_its_gate_while_others_go_on(runtime: Any, bedrock: FakeBedrock) -> None:
    gate = Gate()
    bedrock.script(Fault(Trouble.SLOW, model="nova-pro", gate=gate))
    slow, pool = later(lambda: converse(runtime, model=PRO))
    with pool:
        assert gate.reached()
        assert said(converse(runtime, model=LITE_2))
        assert [call.outcome for call in bedrock.calls] == ["under way", "answered"]
        assert not slow.done()
        gate.open()
        assert said(slow.result(30))


def test_a_caller_that_does_not_wait_pays_none_the_less(bedrock: FakeBedrock) -> None:
    gate = Gate()
    bedrock.script(Fault(Trouble.SLOW, gate=gate))
    with client(bedrock, "bedrock-runtime", read_timeout=0.3) as hasty, pytest.raises(ReadTimeoutError):
        converse(hasty)
    gate.open()
    assert bedrock.wait_until(lambda calls: calls[0].outcome != "under way")
    assert bedrock.calls[0].billed


def test_a_slow_call_can_take_so_many_seconds(runtime: Any, bedrock: FakeBedrock) -> None:
    bedrock.script(Fault(Trouble.SLOW, seconds=0.01))
    assert said(converse(runtime))


def test_the_end_of_the_fake_lets_waiting_calls_go() -> None:
    gate = Gate()
    with fake_bedrock() as fake, client(fake, "bedrock-runtime") as runtime:
        fake.script(Fault(Trouble.SLOW, gate=gate))
        waiting, pool = later(lambda: converse(runtime))
        assert gate.reached()
    with pool:
        waiting.exception(30)
    assert not [thread for thread in threading.enumerate() if thread.name == "bedrock"]


def test_calls_can_be_waited_for(runtime: Any, bedrock: FakeBedrock) -> None:
    assert not bedrock.wait_for(1, timeout=0)
    converse(runtime)
    assert bedrock.wait_for(1, timeout=0)
