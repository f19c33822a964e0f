"""Which identity tokens are believed."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from services.search.identity.oidc.id_tokens import LEEWAY, REGISTRY, Expected, UnknownKey, key_set, verified
from services.search.identity.oidc.refusals import Reason, Refused
from tests.support.oidc.hostile import a_key, an_ec_key, signed, unsigned

NOW = 1_700_000_000
KEY = a_key("one")
KEYS = key_set({"keys": [KEY.as_dict(private=False)]})
EXPECTED = Expected("https://id.example", "spillway", "nonce-1", "access-1", NOW)
CLAIMS: Mapping[str, Any] = {
    "iss": "https://id.example",
    "sub": "subject-1",
    "aud": "spillway",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": "nonce-1",
}


def claims(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in (dict(CLAIMS) | changed).items() if value is not None}


def coded(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def encoded(part: object) -> bytes:
    return coded(json.dumps(part).encode())


def half_hash(access_token: str, name: str = "sha256") -> str:
    digest = hashlib.new(name, access_token.encode()).digest()
    return coded(digest[: len(digest) // 2]).decode()


def test_a_token_that_is_all_right_is_believed() -> None:
    assert verified(signed(claims(), KEY), KEYS, EXPECTED) == CLAIMS


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["spillway"]},
        {"aud": ["other", "spillway"], "azp": "spillway"},
        {"azp": "spillway"},
        {"at_hash": half_hash("access-1")},
        {"iat": NOW + LEEWAY},
        {"exp": NOW - LEEWAY + 1},
        {"nbf": NOW},
        {"email": "x" * 1000},
    ],
)
def test_so_is_one_that_may_differ(changed: dict[str, Any]) -> None:
    assert verified(signed(claims(**changed), KEY), KEYS, EXPECTED)["sub"] == "subject-1"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://id.example/"}, Reason.PROVIDER_WRONG),
        ({"iss": None}, Reason.PROVIDER_WRONG),
        ({"iss": ["https://id.example"]}, Reason.PROVIDER_WRONG),
        ({"aud": "other"}, Reason.PROVIDER_WRONG),
        ({"aud": None}, Reason.PROVIDER_WRONG),
        ({"aud": []}, Reason.PROVIDER_WRONG),
        ({"aud": ["other", "spillway"]}, Reason.PROVIDER_WRONG),
        ({"aud": ["other", "spillway"], "azp": "other"}, Reason.PROVIDER_WRONG),
        ({"azp": "other"}, Reason.PROVIDER_WRONG),
        ({"azp": ""}, Reason.PROVIDER_WRONG),
        ({"nonce": "nonce-2"}, Reason.PROVIDER_WRONG),
        ({"nonce": None}, Reason.PROVIDER_WRONG),
        ({"nonce": "\ud800"}, Reason.PROVIDER_WRONG),
        ({"sub": None}, Reason.PROVIDER_WRONG),
        ({"sub": ""}, Reason.PROVIDER_WRONG),
        ({"sub": 1}, Reason.PROVIDER_WRONG),
        ({"sub": "s" * 256}, Reason.PROVIDER_WRONG),
        ({"exp": None}, Reason.PROVIDER_WRONG),
        ({"exp": "tomorrow"}, Reason.PROVIDER_WRONG),
        ({"exp": float("nan")}, Reason.PROVIDER_WRONG),
        ({"exp": NOW - LEEWAY}, Reason.CLOCKS_DIFFER),
        ({"iat": None}, Reason.PROVIDER_WRONG),
        ({"iat": NOW + LEEWAY + 1}, Reason.CLOCKS_DIFFER),
        ({"nbf": NOW + LEEWAY + 1}, Reason.CLOCKS_DIFFER),
        ({"at_hash": half_hash("access-2")}, Reason.PROVIDER_WRONG),
        ({"at_hash": "\ud800"}, Reason.PROVIDER_WRONG),
    ],
)
def test_what_is_not_for_this_sign_in_is_refused(changed: dict[str, Any], reason: Reason) -> None:
    text = jwt.encode({"alg": "RS256", "kid": "one"}, claims(), KEY)
    if changed:
        payload = json.dumps(claims(**changed))
        text = jws.serialize_compact({"alg": "RS256", "kid": "one"}, payload, KEY)
    with pytest.raises(Refused) as raised:
        verified(text, KEYS, EXPECTED)
    assert raised.value.reason is reason


def test_a_token_that_nobody_signed_is_refused() -> None:
    for token in (unsigned(claims()), unsigned(claims()) + "x"):
        with pytest.raises(Refused):
            verified(token, KEYS, EXPECTED)


def test_a_shared_secret_signs_nothing() -> None:
    public = json.dumps(KEY.as_dict(private=False)).encode()
    for secret in (b"s3cret" * 10, public, KEY.as_pem(private=False)):
        parts = b".".join(encoded(part) for part in ({"alg": "HS256", "kid": "one"}, claims()))
        token = f"{parts.decode()}.{coded(hmac.digest(secret, parts, 'sha256')).decode()}"
        with pytest.raises(Refused):
            verified(token, KEYS, EXPECTED)
    shared = OctKey.import_key(b"s3cret" * 10)
    with pytest.raises(Refused):
        verified(jwt.encode({"alg": "HS256"}, claims(), shared, algorithms=["HS256"]), KeySet([shared]), EXPECTED)


def test_a_changed_token_and_another_key_are_not_known() -> None:
    head, body, signature = signed(claims(), KEY).split(".")
    forged = f"{head}.{encoded(claims(sub='somebody else')).decode()}.{signature}"
    for token in (forged, signed(claims(), a_key("one")), signed(claims(), a_key("two")), f"{head}.{body}."):
        with pytest.raises(UnknownKey):
            verified(token, KEYS, EXPECTED)


def test_a_key_of_another_kind_verifies_nothing() -> None:
    nameless = key_set({"keys": [{name: value for name, value in KEY.as_dict(private=False).items() if name != "alg"}]})
    token = jwt.encode({"alg": "ES256", "kid": "one"}, claims(), an_ec_key("one"))
    for keys in (KEYS, nameless):
        with pytest.raises((UnknownKey, Refused)):
            verified(token, keys, EXPECTED)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("PS256", RSAKey.generate_key(2048, {"kid": "one"})),
        ("ES256", ECKey.generate_key("P-256", {"kid": "one"})),
        ("ES384", ECKey.generate_key("P-384", {"kid": "one"})),
        ("EdDSA", OKPKey.generate_key("Ed25519", {"kid": "one"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "one"})),
    ],
)
def test_other_algorithms_with_private_keys_are_believed(algorithm: str, key: RSAKey | ECKey | OKPKey) -> None:
    hashes = {"ES384": "sha384", "EdDSA": "sha512", "Ed25519": "sha512"}
    told = claims(at_hash=half_hash("access-1", hashes.get(algorithm, "sha256")))
    token = jwt.encode({"alg": algorithm, "kid": "one"}, told, key, registry=REGISTRY)
    assert verified(token, key_set({"keys": [key.as_dict(private=False)]}), EXPECTED)["sub"] == "subject-1"


def test_unknown_names_in_the_head_hurt_nobody_but_critical_ones_do() -> None:
    assert verified(sealed({"alg": "RS256", "kid": "one", "acme": "1"}, claims()), KEYS, EXPECTED)
    head = {"alg": "RS256", "kid": "one", "crit": ["acme"], "acme": "1"}
    token = sealed(head, claims())
    with pytest.raises(Refused):
        verified(token, KEYS, EXPECTED)


def sealed(head: object, body: object) -> str:
    """A token that is signed as it stands, without the library's own checks of its head."""
    parts = b".".join(encoded(part) for part in (head, body))
    return b".".join([parts, coded(REGISTRY.get_alg("RS256").sign(parts, KEY))]).decode()


def test_a_single_key_needs_no_name() -> None:
    assert verified(jwt.encode({"alg": "RS256"}, claims(), KEY), KEYS, EXPECTED)
    two = key_set({"keys": [KEY.as_dict(private=False), a_key("two").as_dict(private=False)]})
    with pytest.raises(UnknownKey):
        verified(jwt.encode({"alg": "RS256"}, claims(), KEY), two, EXPECTED)


def test_keys_that_cannot_be_used_are_left_out() -> None:
    good = KEY.as_dict(private=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("joserfc._rfc7518.rsa_key.warnings.warn", lambda *_, **__: None)
        weak = RSAKey.generate_key(1024, {"kid": "weak"}).as_dict(private=False)
    entries = [
        weak,
        {"kty": "RSA", "n": "!", "e": "AQAB"},
        {"kty": "future"},
        {},
        "key",
        None,
        {**good, "use": "enc", "kid": "e"},
    ]
    entries += [{"kty": "oct", "k": "c2VjcmV0"}, good]
    assert [key.kid for key in key_set({"keys": entries})] == ["one"]
    nothing: list[dict[str, object]] = [{}, {"keys": None}, {"keys": "x"}, {"keys": []}]
    for document in nothing:
        assert not key_set(document)


def test_no_keys_at_all_know_nobody() -> None:
    with pytest.raises((UnknownKey, Refused)):
        verified(signed(claims(), KEY), key_set({}), EXPECTED)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3))


@given(
    st.text(max_size=80)
    | st.builds(sealed, JSON | st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "zip"]), JSON), JSON)
)
def test_no_text_is_believed_or_brings_anything_down(text: str) -> None:
    with pytest.raises((UnknownKey, Refused)):
        verified(text, KEYS, EXPECTED)


ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=3)


@given(st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "azp", "at_hash"]), ANY, min_size=1))
def test_no_claims_bring_anything_down(changed: dict[str, Any]) -> None:
    token = sealed({"alg": "RS256", "kid": "one"}, dict(CLAIMS) | changed)
    try:
        told = verified(token, KEYS, EXPECTED)
    except Refused:
        return
    assert (told["iss"], told["nonce"]) == ("https://id.example", "nonce-1")
    assert "spillway" in told["aud"]
