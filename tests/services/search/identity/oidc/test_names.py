"""Names of people who come from a provider."""

import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.identity.callers import NO_NAMES
from services.search.identity.oidc.claims import Profile
from services.search.identity.oidc.names import candidates

ISSUER = "https://id.example"


def a_profile(username: str | None = None, email: str | None = None, subject: str = "1") -> Profile:
    return Profile(subject, username, None, email, frozenset())


@pytest.mark.parametrize(
    ("username", "email", "name"),
    [
        ("ada", "lovelace@x.example", "ada"),
        ("Ada.Lovelace", None, "ada.lovelace"),
        ("ada@x.example", None, "ada@x.example"),
        ("Zoë Müller", None, "zoe-muller"),
        ("CORP\\ada", None, "corp-ada"),
        (None, "Ada@X.example", "ada@x.example"),
        ("李", "li@x.example", "li@x.example"),
        ("李", None, "person"),
        ("..", "", "person"),
    ],
)
def test_the_name_is_the_user_name_or_else_the_address(username: str | None, email: str | None, name: str) -> None:
    assert next(candidates(a_profile(username, email), ISSUER)) == name


def test_taken_names_get_a_number_and_at_last_a_mark_of_the_person() -> None:
    names = list(candidates(a_profile("ada"), ISSUER))
    assert names[:3] == ["ada", "ada-2", "ada-3"]
    assert names[8] == "ada-9"
    others = list(candidates(a_profile("ada", subject="2"), ISSUER))
    assert names[:9] == others[:9]
    assert set(names[9:]).isdisjoint(others[9:])


@pytest.mark.parametrize("name", ["nobody", "Local"])
def test_nobody_is_called_what_logs_call_nobody(name: str) -> None:
    assert next(candidates(a_profile(name), ISSUER)) == f"{name.lower()}-2"


@given(st.text(max_size=200), st.text(max_size=200))
def test_every_name_is_one_that_the_table_takes(username: str, email: str) -> None:
    for name in islice(candidates(a_profile(username, email), ISSUER), 20):
        assert re.fullmatch(r"[a-z0-9][a-z0-9._@+-]{0,99}", name)
        assert name not in NO_NAMES
