"""Whether an identity token is the provider's, for us, of now, and of this sign-in (OpenID Connect Core 3.1.3.7)."""

import base64
import hashlib
import hmac
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ExpiredTokenError,
    InvalidClaimError,
    InvalidKeyIdError,
    JoseError,
    SecurityWarning,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from services.search.identity.oidc.refusals import Reason, Refused

Claims = dict[str, Any]

LEEWAY = 60
"""Seconds that clocks may differ."""
LONGEST_SUBJECT = 255
"""Characters, as the specification has it."""
HASHES: Mapping[str, str] = {
    "RS256": "sha256",
    "RS384": "sha384",
    "RS512": "sha512",
    "PS256": "sha256",
    "PS384": "sha384",
    "PS512": "sha512",
    "ES256": "sha256",
    "ES384": "sha384",
    "ES512": "sha512",
    "EdDSA": "sha512",
    "Ed25519": "sha512",
}
"""Algorithms that are taken, and the hash of each: signatures with the provider's private key only.

With a shared secret (HS256) whoever knows ours could sign, and with a public key taken for one, everybody.
"""
OF_TIME = ("iat", "nbf")
FAITHLESS = (InvalidKeyIdError, BadSignatureError)
"""What a token looks like that was signed with a key which we have not: the provider may have new ones."""


class Algorithms(JWSRegistry):
    """The library's own, less a warning: Ed25519 is called EdDSA by most providers, and will be."""

    def get_alg(self, name: str) -> Any:
        """What signs and verifies by this name."""
        if name not in HASHES:
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


REGISTRY = Algorithms(strict_check_header=False)  # providers put names of their own into the head, which bind nobody


class UnknownKey(Exception):
    """The token was signed with a key that is not among those given."""


@dataclass(frozen=True)
class Expected:
    """What the token of one sign-in must say; `now` in Unix seconds."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    now: int


def key_set(document: Mapping[str, Any]) -> KeySet:
    """The keys of a JWKS that can verify; one that is broken, weak or for encryption does not spoil the others."""
    listed = document.get("keys")
    keys = (usable(entry) for entry in (listed if isinstance(listed, list) else []))
    return KeySet([key for key in keys if key is not None])


def usable(entry: object) -> Key | None:
    """The key of one entry of a JWKS, if it can verify."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error", SecurityWarning)
        try:
            return JWKRegistry.import_key(entry)
        except (JoseError, SecurityWarning, ValueError, TypeError):
            return None


def verified(token: str, keys: KeySet, expected: Expected) -> Claims:
    """The claims of a token that is all it must be; raises UnknownKey, and Refused with what is wrong."""
    try:
        decoded = jwt.decode(token, keys, registry=REGISTRY)
        require(decoded.claims, expected)
        require_hash(decoded.claims, decoded.header["alg"], expected.access_token)
    except FAITHLESS as error:
        raise UnknownKey(str(error)) from error
    except ExpiredTokenError as error:
        raise Refused(Reason.CLOCKS_DIFFER, "the identity token has expired already") from error
    except InvalidClaimError as error:
        reason = Reason.CLOCKS_DIFFER if error.claim in OF_TIME else Reason.PROVIDER_WRONG
        raise Refused(reason, f"the identity token is not valid: {error}") from error
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise Refused(Reason.PROVIDER_WRONG, f"the identity token is not valid: {error}") from error
    return decoded.claims


def require(claims: Claims, expected: Expected) -> None:
    """Raise the library's errors unless the token is of this issuer, for us, of now, and of this sign-in."""
    JWTClaimsRegistry(
        now=expected.now,
        leeway=LEEWAY,
        iss={"essential": True, "value": expected.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    ).validate(claims)
    if len(claims["sub"]) > LONGEST_SUBJECT:
        raise InvalidClaimError("sub", f"It is longer than {LONGEST_SUBJECT} characters")
    if not hmac.compare_digest(str(claims["nonce"]).encode(), expected.nonce.encode()):
        raise InvalidClaimError("nonce", "It is another sign-in's")
    alone = isinstance(claims["aud"], str) or len(claims["aud"]) == 1
    if claims.get("azp", expected.client_id if alone else None) != expected.client_id:
        raise InvalidClaimError("azp", "It is another client's")


def require_hash(claims: Claims, algorithm: str, access_token: str) -> None:
    """Raise InvalidClaimError if the token belongs to another access token than the one that came with it."""
    if (told := claims.get("at_hash")) is None:
        return
    digest = hashlib.new(HASHES[algorithm], access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not hmac.compare_digest(half, str(told).encode()):
        raise InvalidClaimError("at_hash", "It is another access token's")
