"""Names of tags, collections and searches."""

from uuid import uuid4

import pytest

from shared.errors import Invalid
from shared.labels import LONGEST, id_of, label, label_key


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Grotto   build ", "Grotto build"),
        ("ok", "ok"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("🌊" * LONGEST, "🌊" * LONGEST),
    ],
)
def test_a_name_is_kept_without_spaces_that_nobody_sees(written: str, kept: str) -> None:
    assert label(written) == kept


@pytest.mark.parametrize("written", ["", "   ", "a\nb", "a\tb", "a\x00", "\ud800", "a\u2028b", "x" * (LONGEST + 1)])
def test_what_is_no_name_is_refused_in_words(written: str) -> None:
    with pytest.raises(Invalid, match="name"):
        label(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Grotto", "gROTTO"), ("STRASSE", "straße"), ("\u00c9t\u00e9", "e\u0301te\u0301"), ("a  b", "A b"), ("ﬁne", "FINE")],
)
def test_names_that_differ_only_in_case_or_notation_are_the_same(one: str, other: str) -> None:
    assert label_key(one) == label_key(other)


def test_different_names_stay_different() -> None:
    assert len({label_key(name) for name in ("pond", "ponds", "Pond 2", "pond_2", "pönd")}) == 5


def test_an_id_is_known_from_a_name() -> None:
    known = uuid4()
    assert id_of(str(known)) == known
    assert id_of("pond") is None
