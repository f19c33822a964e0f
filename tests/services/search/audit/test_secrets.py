"""What is kept of a request: never a secret, whatever it is called and wherever it stands."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.audit.secrets import (
    LONGEST_VALUE,
    MOST_BYTES,
    TAKEN_OUT,
    clean,
    ids_in,
    is_secret,
    kept_body,
    kept_parameters,
)
from shared.identifiers import new_id

MARK = "hunter2hunter2"
API_KEY = f"spw_Ab12Cd34_{'x' * 43}"

NAMES = [
    *("password", "current", "new", "key", "secret", "token", "client_secret", "api_key", "apiKey", "API-KEY", "passphrase"),
    *("newPassword", "current_password", "password_again", "access_token", "refreshToken", "idToken", "csrf", "Authorization"),
    *("clientsecret", "aws_secret_access_key", "privateKey", "signing_key", "credentials", "Cookie", "PASSWORD", "Pass", "otp"),
    *("\N{FULLWIDTH LATIN SMALL LETTER P}assword", "code", "code_verifier", "client_assertion", "pwd", "bearer", "state"),
]
PLAIN = ["name", "file_ids", "usd", "path", "text", "author", "monkey_business", "options", "language", "compass", "keyword"]

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
plain_documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(PLAIN), inner, max_size=4), max_leaves=8
)
secrets = st.just(MARK) | st.lists(st.just(MARK), min_size=1, max_size=2) | st.fixed_dictionaries({"value": st.just(MARK)})


@st.composite
def with_secrets(draw: st.DrawFn) -> Any:
    """A document in which, at some depth, what is marked stands under the name of a secret."""
    document: Any = {draw(st.sampled_from(NAMES)): draw(secrets), "rest": draw(plain_documents)}
    for _ in range(draw(st.integers(0, 5))):
        document = draw(st.sampled_from([[document], {"options": document}, {"text": [draw(plain_documents), document]}]))
    return document


@given(with_secrets())
def test_no_secret_is_kept(document: Any) -> None:
    kept = kept_body(json.dumps(document).encode())
    assert MARK not in (kept.text or "")
    assert kept.sha256 is None  # by which one could be guessed


@given(plain_documents)
def test_the_rest_is_kept_as_it_was_sent(document: Any) -> None:
    kept = kept_body(json.dumps(document).encode())
    if kept.text is None:
        assert len(json.dumps(document, ensure_ascii=False).encode()) > MOST_BYTES
    else:
        assert json.loads(kept.text) == document


@pytest.mark.parametrize("name", NAMES)
def test_a_secret_is_told_by_its_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", PLAIN)
def test_other_names_are_no_secrets(name: str) -> None:
    assert not is_secret(name)


def test_keys_are_told_by_their_looks() -> None:
    told = clean(f"Look: {API_KEY}, Bearer abc.def and https://ada:hunter2@media.example/x")
    assert told == f"Look: {TAKEN_OUT}, {TAKEN_OUT} and https://{TAKEN_OUT}@media.example/x"
    kept = kept_body(json.dumps({"text": [API_KEY], API_KEY: 1}).encode())
    assert API_KEY not in (kept.text or "")
    assert kept_parameters([("q", API_KEY), ("key", "x"), ("a", "1"), ("a", "2")]) == {
        "q": TAKEN_OUT,
        "key": TAKEN_OUT,
        "a": ["1", "2"],
    }


def test_of_a_large_body_its_size_and_digest_are_kept() -> None:
    raw = json.dumps({"file_ids": ["x" * 36] * 200}).encode()
    kept = kept_body(raw)
    assert (kept.text, kept.bytes, kept.sha256) == (None, len(raw), hashlib.sha256(raw).hexdigest())
    assert kept_body(json.dumps({"text": "x" * (MOST_BYTES - 20)}).encode()).text is not None


@pytest.mark.parametrize("raw", [b'{"password": "x"', b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
def test_of_what_is_no_json_only_the_size_is_kept(raw: bytes) -> None:
    kept = kept_body(raw)
    assert (kept.text, kept.bytes, kept.sha256) == (None, len(raw), None)


def test_what_postgres_cannot_hold_is_written_otherwise() -> None:
    kept = kept_body(b'{"text": "a\\u0000b\\ud800", "much": 1e999, "nan": NaN}')
    assert json.loads(kept.text or "") == {"text": "a\N{REPLACEMENT CHARACTER}b?", "much": "1e999", "nan": "NaN"}


def test_a_deep_document_is_cut_off() -> None:
    kept = kept_body(b"[" * 200 + b"]" * 200)
    assert "too deep" in (kept.text or "")


def test_long_parameters_are_cut_off() -> None:
    assert len(kept_parameters([("q", "x" * 10_000)])["q"]) == LONGEST_VALUE + 1
    assert kept_parameters([(f"p{number}", "x" * 400) for number in range(100)]) == {"": "(too large)"}


def test_ids_are_found_wherever_they_stand() -> None:
    first, second = new_id(), new_id()
    assert ids_in(f"{{'file_id': '{first}'}}", None, f"{second} {first}") == [first, second]
