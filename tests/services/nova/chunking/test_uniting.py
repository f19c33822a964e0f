"""Values that say the same."""

import pytest

from services.nova.analyst import Project
from services.nova.chunking.uniting import blended, fact, facts, same, words
from services.nova.provenance import Fact
from tests.support.chunked import fact as said
from tests.support.chunked import seen


@pytest.mark.parametrize(
    ("one", "other"),
    [("Boulders", "boulder"), ("LED light", "led  lights"), ("滝", "滝"), ("…", "… "), ("Smith's pool", "smith pool")],
)
def test_neither_case_nor_plural_nor_marks_tell_texts_apart(one: str, other: str) -> None:
    assert same(one) == same(other)


@pytest.mark.parametrize(("one", "other"), [("pump", "pump room"), ("…", "!"), ("12 ft", "14 ft")])
def test_other_words_do(one: str, other: str) -> None:
    assert same(one) != same(other)


def test_the_most_trusted_fact_wins_and_only_those_that_agree_are_its_evidence() -> None:
    found = fact(
        [
            said("Austin", 0.5, "sign"),
            Fact(),
            said("Dallas", 0.7, "truck"),
            said("austin", 0.6, "speech"),
            said("Dallas", 0.2, "map"),
        ]
    )
    assert found == Fact(value="Dallas", evidence=(seen("truck"), seen("map")), confidence=0.7)
    assert fact([Fact(), Fact()]) == Fact()
    assert fact([]) == Fact()


def test_of_facts_as_trusted_the_first_wins() -> None:
    assert fact([said("Austin", 0.5), said("Dallas", 0.5)]).value == "Austin"


def test_lists_of_facts_become_one_with_each_value_once_the_most_trusted_first() -> None:
    found = facts([(said("pump", 0.4, "a"), Fact()), (said("filter", 0.6), said("Pumps", 0.9, "b"))])
    assert [(one.value, one.confidence, one.evidence) for one in found] == [
        ("Pumps", 0.9, (seen("a"), seen("b"))),
        ("filter", 0.6, (seen("filter"),)),
    ]


def test_words_that_stand_in_many_lists_come_first_and_no_more_than_may_be() -> None:
    assert words([("pool", "Boulders"), ("slide", "boulder"), ("boulder",)], 10) == ("Boulders", "pool", "slide")
    assert words([("a", "b"), ("c",)], 2) == ("a", "c")
    assert words([], 5) == ()


def test_models_are_blended_field_by_field() -> None:
    one = Project(customer_name=said("Smith", 0.5), job_number=said("12", 0.5))
    other = Project(customer_name=said("Jones", 0.6), project_name=said("Lagoon", 0.1))
    assert blended([one, other]) == Project(
        customer_name=said("Jones", 0.6), job_number=said("12", 0.5), project_name=said("Lagoon", 0.1)
    )
