"""The SDK's own errors turned into ours at this edge."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from shared.bedrock import faults
from shared.bedrock.faults import Asked, Said, fault_of
from shared.bedrock.redaction import redacted
from shared.paying.errors import CallFault

NO_CREDENTIALS = (
    "There are no AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE after `aws configure`, "
    "or run Spillway under a role that may use Amazon Bedrock; docs/guides/bedrock.md tells how."
)

UNTRUSTED = "Whoever answers in place of {service} in {region} is not trusted: {words}. If a proxy signs, set AWS_CA_BUNDLE."
UNREACHABLE = (
    "{service} in {region} cannot be reached: {words} Look at the network, and whether SPILLWAY_BEDROCK_REGION is a "
    "region that has it."
)
LOST = (
    "The connection to {service} in {region} ended before {model} had answered; AWS may have billed the call all the "
    "same. The SDK says: {words}"
)

Kinds = tuple[type[Exception], ...]

RULES: tuple[tuple[Kinds, type[CallFault], str], ...] = (
    ((sdk.NoCredentialsError, sdk.PartialCredentialsError, sdk.NoAuthTokenError), faults.NoCredentials, NO_CREDENTIALS),
    (
        (sdk.SSOError, sdk.LoginError, sdk.TokenRetrievalError, sdk.CredentialRetrievalError, sdk.MetadataRetrievalError),
        faults.NoCredentials,
        "The AWS credentials could not be had. Sign in again (aws sso login), then try again. The SDK says: {words}",
    ),
    (
        (sdk.ProfileNotFound, sdk.ConfigParseError, sdk.ConfigNotFound, sdk.InvalidConfigError, sdk.UnknownCredentialError),
        faults.NoCredentials,
        "The AWS settings of this machine are wrong. Mend them, then try again. The SDK says: {words}",
    ),
    ((sdk.SSLError,), faults.ServiceDown, UNTRUSTED),
    ((sdk.EndpointConnectionError, sdk.ConnectTimeoutError, sdk.ProxyConnectionError), faults.Unreachable, UNREACHABLE),
    ((sdk.ParamValidationError,), faults.RequestRefused, "The request for {model} is not one that AWS takes: {words}"),
    ((ResponseParserError,), faults.AnswerUnusable, "What answers in place of {service} is something else: {words}"),
    ((sdk.HTTPClientError, sdk.IncompleteReadError), faults.ConnectionLost, LOST),
    ((sdk.BotoCoreError,), faults.RequestRefused, "AWS's SDK cannot ask {model}: {words}"),
)
"""The first that fits; what the last one catches was never sent."""


@contextmanager
def translated(asked: Asked) -> Iterator[None]:
    """Raise ours in place of the SDK's errors; what they say is passed on without account numbers and secrets."""
    try:
        yield
    except sdk.ClientError as error:
        raise fault_of(said_by(error), asked) from None  # whose text names accounts and identities
    except (sdk.BotoCoreError, ResponseParserError) as error:
        raise fault_of_sdk(error, asked) from None  # as above


def said_by(error: sdk.ClientError) -> Said:
    """An answer of AWS that is an error, taken apart."""
    told, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    return Said(
        code=told.get("Code", ""),
        message=told.get("Message", ""),
        status=metadata.get("HTTPStatusCode", 0),
        request_id=metadata.get("RequestId"),
    )


def fault_of_sdk(error: Exception, asked: Asked) -> CallFault:
    """The error for one of the SDK's own: it could not ask, or got no answer."""
    kind, sentence = next((kind, sentence) for kinds, kind, sentence in RULES if isinstance(error, kinds))
    return kind(sentence.format(**vars(asked), words=redacted(str(error))))
