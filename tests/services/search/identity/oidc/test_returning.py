"""Nobody is sent elsewhere after signing in."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.identity.oidc.returning import LONGEST, is_local


@pytest.mark.parametrize("address", ["/", "/?q=pump", "/search?q=a%20b&kind=video#t=4", "/a//b", "/ärger", "/%5Cevil.example"])
def test_a_path_of_ours_is_gone_to(address: str) -> None:
    assert is_local(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/a\\b",
        "/a b",
        "/a\r\nSet-Cookie: spillway_session=x",
        "/a\x00",
        "/a\x85b",
        "/" + "a" * LONGEST,
    ],
)
def test_what_may_lead_elsewhere_is_not(address: str) -> None:
    assert not is_local(address)


def as_browsers_read(address: str) -> str:
    """An address after what the URL standard does before anything else: blanks at the ends, tabs and line ends, backslashes."""
    return re.sub(r"[\t\r\n]", "", address.strip("".join(map(chr, range(0x21))))).replace("\\", "/")


@given(st.text(alphabet=st.sampled_from("/\\ \t\r\n.:@?#%ae") | st.characters(), max_size=12).map(lambda text: f"/{text}"))
def test_no_accepted_address_has_a_host_of_its_own(address: str) -> None:
    if is_local(address):
        home = "https://spillway.example/page"
        assert urlsplit(urljoin(home, as_browsers_read(address))).netloc == "spillway.example"
