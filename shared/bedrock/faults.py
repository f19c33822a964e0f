"""What can go wrong with Bedrock: each error of AWS as one of ours, with the sentence that tells a person what to do.

Classes hang in the policy tree of `shared.errors`, and each says whether AWS may have billed the call.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from shared.bedrock.redaction import redacted
from shared.errors import Permanent, SpillwayError, Throttled, Transient, Unavailable
from shared.paying.errors import CallFault

LEAST_DELAY = 1.0
WARMING_DELAY = 10.0
QUOTA_DELAY = 60.0
"""Seconds until the next try after a throttle, while a model is made ready, and when a quota of the account is used up."""


class Unreachable(CallFault, Unavailable):
    """No connection came about, so that nothing was asked."""

    billed: ClassVar[bool] = False


class ServiceDown(CallFault, Transient):
    """Bedrock has trouble of its own."""

    billed: ClassVar[bool] = False


class ModelFailed(CallFault, Transient):
    """The model met an error while it worked (HTTP 424)."""

    billed: ClassVar[bool] = False
    repeats: ClassVar[int | None] = 2
    advice: ClassVar[str] = "Try the file with another model, or look whether it plays to its end."


class ModelTimedOut(CallFault, Transient):
    """The model took longer than AWS lets it (HTTP 408)."""

    repeats: ClassVar[int | None] = 1
    advice: ClassVar[str] = "Ask for fewer analyses at once, or choose a faster model, then try again."


class ConnectionLost(CallFault, Transient):
    """The connection ended before the answer came."""

    repeats: ClassVar[int | None] = 2
    advice: ClassVar[str] = (
        "Look at the network and its proxies: an answer can take an hour, and the line must stay open so long."
    )


class NoCredentials(CallFault, Permanent):
    """AWS does not know who asks."""

    billed: ClassVar[bool] = False


class AccessRefused(CallFault, Permanent):
    """AWS knows who asks, and does not let them."""

    billed: ClassVar[bool] = False


class ModelGone(CallFault, Permanent):
    """There is no such model here, or no longer."""

    billed: ClassVar[bool] = False


class RequestRefused(CallFault, Permanent):
    """AWS does not take the request as it is."""

    billed: ClassVar[bool] = False


class ProfileNeeded(RequestRefused):
    """The model is called through an inference profile only."""


class RequestTooLarge(RequestRefused):
    """More than the model or the request may hold."""


class MediaUnreadable(RequestRefused):
    """AWS cannot read a file in the staging bucket, or write beside it."""


class AnswerUnusable(CallFault, Permanent):
    """What came back is no answer of Bedrock's."""


@dataclass(frozen=True)
class Asked:
    """What was asked for, in words: `model` is the model's name, `action` what IAM calls the operation."""

    model: str
    region: str
    action: str
    service: str = "Amazon Bedrock"


@dataclass(frozen=True)
class Said:
    """What AWS answered instead of the result."""

    code: str
    message: str
    status: int = 0
    request_id: str | None = None


Builder = Callable[[str, str | None], SpillwayError]


@dataclass(frozen=True)
class Rule:
    """An error of ours, and its sentence; `{said}` stands for what AWS says itself."""

    kind: Builder
    sentence: str


def throttled(delay: float) -> Builder:
    """Makes an error that is waited out."""
    return lambda sentence, _: Throttled(sentence, delay)


THROTTLED = Rule(
    throttled(LEAST_DELAY),
    "AWS takes no more requests for {model} in {region} just now; they are sent again, further apart. If it stays so, ask for "
    "more requests and tokens per minute: AWS console → Service Quotas → Amazon Bedrock.",
)
QUOTA = Rule(
    throttled(QUOTA_DELAY),
    "A quota of this AWS account for {model} in {region} is used up; it is tried again each minute. Ask for more: AWS console "
    "→ Service Quotas → Amazon Bedrock. {said}",
)
WARMING = Rule(throttled(WARMING_DELAY), "{model} is being made ready in {region}; it is tried again in a moment.")
DOWN = Rule(ServiceDown, "Amazon Bedrock in {region} has trouble of its own. {said}")
TIMED_OUT = Rule(
    ModelTimedOut, "{model} did not finish in the time that AWS gives it; AWS may have billed the call all the same. {said}"
)
FAILED = Rule(ModelFailed, "{model} met an error while it worked on this. {said}")
DENIED = Rule(
    AccessRefused,
    "AWS refuses this account {model} in {region}. Open Amazon Bedrock → Model access in that region and enable the model, and "
    "let the role or user have {action} for the model and its inference profile, then try again. {said}",
)
GONE = Rule(
    ModelGone,
    "AWS has no {model} in {region}: it is retired, or not offered there. Choose another (./spillway nova models lists "
    "them), or set SPILLWAY_BEDROCK_REGION to a region that has it, then try again. {said}",
)
PROFILE = Rule(
    ProfileNeeded,
    "{model} is only called through an inference profile. Set SPILLWAY_BEDROCK_SCOPE to one that it has (./spillway nova "
    "models lists them), then try again. {said}",
)
TOO_LARGE = Rule(
    RequestTooLarge,
    "This is more than {model} takes in one request. Ask for fewer analyses at once, or choose a model that takes more, then "
    "try again. {said}",
)
MEDIA = Rule(
    MediaUnreadable,
    "Amazon Bedrock cannot use the staging bucket. SPILLWAY_BEDROCK_STAGING_BUCKET must be in {region} and belong to the "
    "account that asks, and the role or user needs s3:GetObject and s3:PutObject on it. {said}",
)
REFUSED = Rule(RequestRefused, "AWS does not take this request for {model}. {said}")
CONFLICT = Rule(RequestRefused, "AWS has this request under another content already. {said}")
UNKNOWN_KEYS = Rule(
    NoCredentials,
    "AWS does not accept the credentials. Look whether AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or the profile) belong "
    "together and are still active, then try again. {said}",
)
EXPIRED = Rule(
    NoCredentials,
    "The AWS credentials have expired. Sign in again (aws sso login, or a new AWS_SESSION_TOKEN), start Spillway again if they "
    "come from its environment, then try again.",
)
CLOCK = Rule(
    NoCredentials,
    "AWS refuses the signature for its time: this machine's clock is wrong. Let it be set by NTP, then try again. {said}",
)
NOT_BEDROCK = Rule(RequestRefused, "What answers at the endpoint is not Amazon Bedrock; unset AWS_ENDPOINT_URL*. {said}")

BY_CODE: dict[str, Rule] = {
    "ThrottlingException": THROTTLED,
    "TooManyRequestsException": THROTTLED,
    "ModelNotReadyException": WARMING,
    "ServiceQuotaExceededException": QUOTA,
    "ServiceUnavailableException": DOWN,
    "InternalServerException": DOWN,
    "ModelTimeoutException": TIMED_OUT,
    "ModelErrorException": FAILED,
    "AccessDeniedException": DENIED,
    "OptInRequired": DENIED,
    "SubscriptionRequiredException": DENIED,
    "ResourceNotFoundException": GONE,
    "ConflictException": CONFLICT,
    "RequestEntityTooLargeException": TOO_LARGE,
    "UnrecognizedClientException": UNKNOWN_KEYS,
    "InvalidClientTokenId": UNKNOWN_KEYS,
    "InvalidAccessKeyId": UNKNOWN_KEYS,
    "InvalidToken": UNKNOWN_KEYS,
    "InvalidSignatureException": UNKNOWN_KEYS,
    "SignatureDoesNotMatch": UNKNOWN_KEYS,
    "IncompleteSignatureException": UNKNOWN_KEYS,
    "MissingAuthenticationTokenException": UNKNOWN_KEYS,
    "NotAuthorized": UNKNOWN_KEYS,
    "ExpiredTokenException": EXPIRED,
    "ExpiredToken": EXPIRED,
    "TokenRefreshRequired": EXPIRED,
    "RequestExpired": CLOCK,
    "RequestTimeTooSkewed": CLOCK,
    "UnknownOperationException": NOT_BEDROCK,
}

BY_STATUS: dict[int, Rule] = {
    401: UNKNOWN_KEYS,
    403: DENIED,
    404: GONE,
    408: TIMED_OUT,
    413: TOO_LARGE,
    424: FAILED,
    429: THROTTLED,
}

BY_MESSAGE: tuple[tuple[frozenset[str], re.Pattern[str], Rule], ...] = tuple(
    (frozenset(codes.split()), re.compile(pattern, re.IGNORECASE), rule)
    for codes, pattern, rule in (
        ("ValidationException", r"on-demand throughput|inference profile", PROFILE),
        ("ValidationException AccessDeniedException", r"end of its life|end.of.life|marked .* as legacy", GONE),
        ("ValidationException", r"model identifier is invalid|doesn.t support (the|this) model|not supported in", GONE),
        (
            "ValidationException",
            r"too long|too large|too many|context (window|length)|maximum .*(tokens|bytes)|less than or equal to 25000000",
            TOO_LARGE,
        ),
        ("ValidationException AccessDeniedException", r"\bs3\b|bucket|output config", MEDIA),
        ("InvalidSignatureException SignatureDoesNotMatch", r"signature (expired|not yet current)|not yet current", CLOCK),
    )
)
"""What the same code means in several cases is told apart by AWS's words, the first that fits."""


def fault_of(said: Said, asked: Asked) -> SpillwayError:
    """The error for an answer of AWS that is one."""
    rule = rule_for(said)
    words = redacted(said.message)
    sentence = rule.sentence.format(
        model=asked.model, region=asked.region, action=asked.action, said=f'AWS says: "{words}"' if words else ""
    )
    return rule.kind(sentence.strip(), said.request_id)


def rule_for(said: Said) -> Rule:
    """By words where a code means several things, else by code, else by HTTP status."""
    for codes, pattern, rule in BY_MESSAGE:
        if said.code in codes and pattern.search(said.message):
            return rule
    fallback = DOWN if said.status >= 500 else REFUSED
    return BY_CODE.get(said.code) or BY_STATUS.get(said.status) or fallback
