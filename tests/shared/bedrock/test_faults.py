"""Each error of AWS is one of ours: it is waited out, tried again or told at once, in a sentence that says what to do."""

import inspect
from typing import cast

import pytest

from shared.bedrock import faults
from shared.bedrock.faults import (
    QUOTA_DELAY,
    AccessRefused,
    Asked,
    MediaUnreadable,
    ModelFailed,
    ModelGone,
    ModelTimedOut,
    NoCredentials,
    ProfileNeeded,
    RequestRefused,
    RequestTooLarge,
    Said,
    ServiceDown,
    fault_of,
)
from shared.errors import Permanent, SpillwayError, Throttled, Transient, Unavailable
from shared.paying.errors import CallFault, may_be_billed

ASKED = Asked("Nova 2 Lite (us.amazon.nova-2-lite-v1:0)", "us-east-1", "bedrock:InvokeModel")
EXPIRED = "The security token included in the request is expired"
PROFILE = "Invocation of model ID amazon.nova with on-demand throughput isn\u2019t supported. Retry with an inference profile."
LEGACY = "Access denied. This Model is marked by provider as Legacy and you have not been actively using it."

CASES: list[tuple[str, int, str, type[SpillwayError], bool, str]] = [
    # code, status, AWS's words; our class, whether it may be billed, and what the sentence has to say
    ("ThrottlingException", 429, "Too many requests", Throttled, False, "Service Quotas"),
    ("ServiceQuotaExceededException", 400, "Over quota", Throttled, False, "each minute"),
    ("ModelNotReadyException", 429, "Not ready", Throttled, False, "being made ready"),
    ("ServiceUnavailableException", 503, "Down", ServiceDown, False, "trouble of its own"),
    ("InternalServerException", 500, "Oops", ServiceDown, False, "trouble of its own"),
    ("ModelTimeoutException", 408, "Timed out", ModelTimedOut, True, "may have billed"),
    ("ModelErrorException", 424, "Failed", ModelFailed, False, "met an error"),
    ("ConflictException", 400, "Token used", RequestRefused, False, "another content"),
    ("AccessDeniedException", 403, "You don't have access to the model", AccessRefused, False, "Model access in that region"),
    ("ResourceNotFoundException", 404, "This model version has reached the end of its life.", ModelGone, False, "nova models"),
    ("ResourceNotFoundException", 404, LEGACY, ModelGone, False, "Choose another"),
    ("AccessDeniedException", 403, LEGACY, ModelGone, False, "Choose another"),
    ("ValidationException", 400, "The provided model identifier is invalid.", ModelGone, False, "SPILLWAY_BEDROCK_REGION"),
    ("ValidationException", 400, PROFILE, ProfileNeeded, False, "SPILLWAY_BEDROCK_SCOPE"),
    ("ValidationException", 400, "Input is too long for requested model", RequestTooLarge, False, "fewer analyses"),
    ("ValidationException", 400, "Too many input tokens", RequestTooLarge, False, "fewer analyses"),
    ("ValidationException", 400, "The S3 object s3://b/k is too large", RequestTooLarge, False, "s3://b/k"),
    ("ValidationException", 400, "Unable to read the S3 object", MediaUnreadable, False, "SPILLWAY_BEDROCK_STAGING_BUCKET"),
    ("AccessDeniedException", 403, "Not allowed to write to the bucket", MediaUnreadable, False, "s3:PutObject"),
    ("ValidationException", 400, "This model doesn't support the video field.", RequestRefused, False, "video field"),
    ("ExpiredTokenException", 403, EXPIRED, NoCredentials, False, "Sign in again"),
    ("UnrecognizedClientException", 403, "The security token is invalid", NoCredentials, False, "AWS_ACCESS_KEY_ID"),
    ("InvalidSignatureException", 403, "The signature does not match", NoCredentials, False, "belong together"),
    ("InvalidSignatureException", 403, "Signature expired: 20261120T1 is now earlier than", NoCredentials, False, "clock"),
    ("UnknownOperationException", 404, "", RequestRefused, False, "not Amazon Bedrock"),
    ("RequestEntityTooLargeException", 413, "", RequestTooLarge, False, "fewer analyses"),
    ("NewThrottlingThing", 429, "", Throttled, False, "Service Quotas"),
    ("NewServerThing", 502, "", ServiceDown, False, "trouble"),
    ("NewClientThing", 400, "because", RequestRefused, False, 'AWS says: "because"'),
    ("408", 408, "", ModelTimedOut, True, "may have billed"),
    ("", 401, "", NoCredentials, False, "credentials"),
]


@pytest.mark.parametrize(("code", "status", "words", "kind", "billed", "told"), CASES)
def test_each_error_of_aws_is_one_of_ours(
    code: str, status: int, words: str, kind: type[SpillwayError], billed: bool, told: str
) -> None:
    error = fault_of(Said(code, words, status, "request-7"), ASKED)
    assert type(error) is kind
    assert told in str(error)
    assert "{" not in str(error)
    assert may_be_billed(error) is billed
    if isinstance(error, CallFault):
        assert error.request_id == "request-7"


@pytest.mark.parametrize("name", ["ModelAccessDeniedException", "VideoTooLargeException"])
def test_what_aws_does_not_have_is_not_in_the_table(name: str) -> None:
    assert name not in faults.BY_CODE


def test_the_access_sentence_says_what_to_enable_and_where_and_names_nobody() -> None:
    words = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: bedrock:InvokeModel"
    assert str(fault_of(Said("AccessDeniedException", words, 403), ASKED)) == (
        "AWS refuses this account Nova 2 Lite (us.amazon.nova-2-lite-v1:0) in us-east-1. Open Amazon Bedrock → Model access in "
        "that region and enable the model, and let the role or user have bedrock:InvokeModel for the model and its inference "
        'profile, then try again. AWS says: "User: this identity is not authorized to perform: bedrock:InvokeModel"'
    )


def test_a_used_up_quota_is_asked_for_less_often_than_a_throttled_model() -> None:
    quota, throttle = (
        cast(Throttled, fault_of(Said(code, ""), ASKED)) for code in ("ServiceQuotaExceededException", "ThrottlingException")
    )
    assert quota.delay == QUOTA_DELAY > throttle.delay


def test_every_fault_has_its_place_in_the_policy_tree() -> None:
    ours = [kind for _, kind in inspect.getmembers(faults, inspect.isclass) if issubclass(kind, CallFault)]
    for kind in ours:
        assert kind is CallFault or issubclass(kind, Permanent | Transient)
        assert not (issubclass(kind, Unavailable) and kind.billed), "what is waited out is repeated without end"
        assert not (issubclass(kind, Transient) and kind.billed and kind.repeats is None), kind
