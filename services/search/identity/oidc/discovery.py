"""What a provider says of itself, and the addresses that are made of it."""

import base64
import hashlib
from collections.abc import Sequence
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from services.search.identity.oidc.refusals import Reason, Refused
from services.search.identity.oidc.settings import OidcSettings, is_safe

PLACE = "/.well-known/openid-configuration"


class Metadata(BaseModel):
    """The part of a discovery document that a sign-in needs (OpenID Connect Discovery 1.0)."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: Sequence[str] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def takes_basic(self) -> bool:
        """Whether a client may show its secret in the header, as it should."""
        return "client_secret_basic" in self.token_endpoint_auth_methods_supported


def place_of(issuer: str) -> str:
    """Where the discovery document of an issuer is."""
    return issuer.removesuffix("/") + PLACE


def metadata_of(document: bytes, issuer: str) -> Metadata:
    """The document, if it is this issuer's and leads only where nobody reads along; raises Refused."""
    try:
        metadata = Metadata.model_validate_json(document)
    except ValidationError as error:
        lacking = ", ".join(str(fault["loc"][0]) if fault["loc"] else "JSON" for fault in error.errors())
        raise Refused(Reason.PROVIDER_WRONG, f"its discovery document has no usable {lacking}") from error
    if metadata.issuer != issuer:
        why = f"its discovery document is of {metadata.issuer!r}, and SPILLWAY_OIDC_ISSUER is {issuer!r}; they must be the same"
        raise Refused(Reason.PROVIDER_WRONG, why)
    places = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri, metadata.userinfo_endpoint)
    if unsafe := [place for place in places if place is not None and not is_safe(place)]:
        raise Refused(
            Reason.PROVIDER_WRONG, f"its discovery document leads to {', '.join(unsafe)}, where others may read along"
        )
    return metadata


def challenge_of(verifier: str) -> str:
    """What is told of a PKCE verifier at first (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorization_url(
    metadata: Metadata, settings: OidcSettings, *, state: str, nonce: str, verifier: str, redirect_uri: str
) -> str:
    """Where the browser is sent to sign in."""
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": settings.scopes,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    endpoint = metadata.authorization_endpoint
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
