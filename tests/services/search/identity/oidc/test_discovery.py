"""Discovery documents, and the address that a browser is sent to."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from services.search.identity.oidc.discovery import Metadata, authorization_url, challenge_of, metadata_of, place_of
from services.search.identity.oidc.refusals import Refused
from services.search.identity.oidc.settings import OidcSettings

ISSUER = "https://id.example/realm"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "jwks_uri": "https://id.example/keys",
}


def read(**changed: object) -> Metadata:
    document = {name: value for name, value in (DOCUMENT | changed).items() if value is not None}
    return metadata_of(json.dumps(document).encode(), ISSUER)


def test_the_document_is_beneath_the_issuer() -> None:
    assert place_of(ISSUER) == "https://id.example/realm/.well-known/openid-configuration"
    assert place_of("https://id.example/") == "https://id.example/.well-known/openid-configuration"


def test_a_document_without_more_than_it_must_have_is_read() -> None:
    metadata = read(more={"is": "ignored"})
    assert metadata.takes_basic
    assert metadata.userinfo_endpoint is None
    assert not read(token_endpoint_auth_methods_supported=["client_secret_post"]).takes_basic


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": ISSUER + "/"},
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": 7},
        {"token_endpoint": "http://id.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "http://169.254.169.254/"},
    ],
)
def test_a_document_that_leads_astray_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(Refused):
        read(**changed)


def test_what_is_no_document_is_refused() -> None:
    for text in (b"", b"<html>", b"[]", b"\xff"):
        with pytest.raises(Refused):
            metadata_of(text, ISSUER)


def test_the_challenge_is_that_of_the_specification() -> None:
    """The example of RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("endpoint", ["https://id.example/authorize", "https://id.example/authorize?tenant=a"])
def test_the_browser_is_sent_with_all_that_binds_the_answer_to_it(endpoint: str) -> None:
    settings = OidcSettings.model_validate({"issuer": ISSUER, "client_id": "spill & way"})
    url = authorization_url(
        read(authorization_endpoint=endpoint),
        settings,
        state="s",
        nonce="n",
        verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        redirect_uri="https://spillway.example/api/oidc/callback",
    )
    asked = parse_qs(urlsplit(url).query)
    assert url.startswith(endpoint)
    assert asked.pop("tenant", ["a"]) == ["a"]
    assert asked == {
        "response_type": ["code"],
        "client_id": ["spill & way"],
        "redirect_uri": ["https://spillway.example/api/oidc/callback"],
        "scope": ["openid profile email"],
        "state": ["s"],
        "nonce": ["n"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
    }
