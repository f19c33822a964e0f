"""Whether a request is signed, by whom, and rightly: AWS's Signature Version 4, computed anew by botocore."""

import re
from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.support.bedrock.errors import AwsError
from tests.support.bedrock.protocol import HttpRequest

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, *"
    r"SignedHeaders=(?P<headers>[^,]+), *Signature=(?P<signature>[0-9a-f]{64})"
)


def check_signature(request: HttpRequest, credentials: Credentials) -> str:
    """The region that a request is signed for; raises what AWS answers to one that is not signed by these credentials."""
    given = request.headers.get("authorization")
    if not given:
        raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token")
    found = AUTHORIZATION.fullmatch(given)
    if not found or "x-amz-date" not in request.headers:
        raise AwsError("IncompleteSignatureException", "Authorization header requires Credential, SignedHeaders and Signature.")
    if found["key"] != credentials.access_key:
        raise AwsError("UnrecognizedClientException", "The security token included in the request is invalid.")
    if found["service"] != "bedrock" or _signature(request, credentials, found.groupdict()) != found["signature"]:
        raise AwsError(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        )
    return found["region"]


def _signature(request: HttpRequest, credentials: Credentials, given: Mapping[str, str]) -> str:
    headers = {name: request.headers[name] for name in given["headers"].split(";") if name in request.headers}
    host = request.headers.get("host", "")
    again = AWSRequest(request.method, f"http://{host}{request.target}", headers=headers, data=request.body)
    again.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(credentials, given["service"], given["region"])
    canonical = signer.canonical_request(again)
    return str(signer.signature(signer.string_to_sign(again, canonical), again))
