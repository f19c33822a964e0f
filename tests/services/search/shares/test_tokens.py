"""A token is a link's or nobody's, whatever is done to it."""

import base64
import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.shares.tokens import ID_BYTES, TOKEN, share_of, shown, token_of

SIGNS = string.ascii_letters + string.digits + "-_"
secret_bytes = st.binary(min_size=32, max_size=64)


@given(share_id=st.uuids(), secret=secret_bytes)
def test_a_token_is_its_link_s_again(share_id: UUID, secret: bytes) -> None:
    token = token_of(share_id, secret)
    assert TOKEN.fullmatch(token)
    assert share_of(token, secret) == share_id
    assert token_of(share_id, secret) == token


@given(share_id=st.uuids(), secret=secret_bytes, at=st.integers(0, 63), sign=st.sampled_from(SIGNS))
def test_every_sign_of_it_counts(share_id: UUID, secret: bytes, at: int, sign: str) -> None:
    token = token_of(share_id, secret)
    changed = token[:at] + sign + token[at + 1 :]
    assert (share_of(changed, secret) is None) == (changed != token)


@given(share_id=st.uuids(), secret=secret_bytes, extra=st.text(min_size=1, max_size=3), cut=st.integers(1, 63))
def test_nothing_may_be_added_or_missing(share_id: UUID, secret: bytes, extra: str, cut: int) -> None:
    token = token_of(share_id, secret)
    for wrong in (token + extra, extra + token, token[:-cut], token[cut:], token + "=", f"{token}\n", token.swapcase()):
        assert share_of(wrong, secret) is None or wrong == token


@given(one=st.uuids(), other=st.uuids(), secret=secret_bytes)
def test_the_proof_of_one_link_is_none_of_another(one: UUID, other: UUID, secret: bytes) -> None:
    raw = base64.urlsafe_b64decode(token_of(one, secret))
    forged = base64.urlsafe_b64encode(other.bytes + raw[ID_BYTES:]).decode()
    assert share_of(forged, secret) == (other if one == other else None)


@given(share_id=st.uuids(), secret=secret_bytes, another=secret_bytes)
def test_another_installation_s_token_is_nobody_s(share_id: UUID, secret: bytes, another: bytes) -> None:
    assert (share_of(token_of(share_id, another), secret) is None) == (secret != another)


@given(st.text())
def test_any_text_is_nobody_s(text: str) -> None:
    assert share_of(text, b"s" * 32) is None


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Share abc", "abc"),
        ("share  abc ", "abc"),
        ("Bearer abc", None),
        ("abc", None),
        ("Sharing abc", None),
        ("Share", None),
        ("", None),
        (None, None),
    ],
)
def test_a_token_is_shown_in_its_own_scheme(header: str | None, token: str | None) -> None:
    assert shown(header) == token
