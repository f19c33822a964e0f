from typing import Any

import pytest

from services.nova.answering.facts import distinct, fact, match, nothing, one_of, says_place, trust
from services.nova.answering.haystack import says
from services.nova.answering.told import Value
from services.nova.provenance import Evidence, Fact, Source
from tests.services.nova.answering.telling import ground, quote, said, seen, value

SIGHT = Evidence(source=Source.VISUAL, phrase="a rock")
NAME = Evidence(source=Source.FILENAME, phrase="rock")
FOLDER = Evidence(source=Source.PATH, phrase="rocks")


def given(told: Any, *evidence: dict[str, Any], confidence: float = 0.9) -> Value:
    return Value.model_validate(value(told, *evidence, confidence=confidence))


def test_trust_is_the_models_unless_names_are_all_there_is() -> None:
    assert trust(0.9, [SIGHT]) == 0.9
    assert trust(0.9, [NAME, FOLDER]) == 0.4
    assert trust(0.2, [NAME]) == 0.2
    assert trust(0.9, [NAME, SIGHT]) == 0.9
    assert trust(0.9, []) == 0.3
    assert trust(0.1, []) == 0.1
    assert trust(None, [SIGHT]) == 0.85
    assert trust(None, []) == 0.3


@pytest.mark.parametrize("told", ["", "Unknown", "n/a", "N/A", " none ", "null", "not visible"])
def test_words_for_nothing_are_no_values(told: str) -> None:
    assert nothing(told)
    assert fact(given(told, seen()), ground()) == Fact()


def test_a_value_needs_evidence_that_is_found() -> None:
    held = ground()
    assert fact(given("grotto", said("custom grotto")), held).value == "grotto"
    assert fact(given("wall", said("a wall")), held) == Fact()
    assert "1 value had no evidence left, and is unknown." in held.losses.sentences()


def test_a_name_needs_evidence_that_says_it() -> None:
    held = ground()
    assert fact(given("Smith", said("Welcome to the Smith residence")), held, says).value == "Smith"
    assert fact(given("Jones", said("Welcome to the Smith residence")), held, says) == Fact()
    assert held.losses.names == {"Jones"}


def test_one_of_a_list_is_written_as_the_list_has_it() -> None:
    held = ground()
    assert one_of(given("RESIDENTIAL", seen()), ["residential"], held).value == "residential"
    assert one_of(given("private", seen()), ["residential"], held) == Fact()
    assert list(held.losses.sentences()) == ["1 answer is none of the values that there are, and is unknown."]
    assert one_of(given("unknown"), ["residential"], held) == Fact()
    assert match("a-b", ["a c", "A B"]) == "A B"
    assert match("a", []) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("in Austin, Texas", "Texas"),
        ("in Austin, TX", "Texas"),
        ("in Austin, Texas", "TX"),
        ("Austin_TX_pool", "Texas"),
        ("somewhere in the USA", "United States"),
        ("somewhere in the United States", "USA"),
        ("a sign that reads Deutschland", "Germany"),
        ("New York City", "New York"),
    ],
)
def test_places_are_said_in_full_or_short(text: str, place: str) -> None:
    assert says_place(text, place)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("palm trees", "Florida"),
        ("come with us", "US"),
        ("it is in the ground", "Indiana"),
        ("this or that", "OR"),
        ("", "Texas"),
    ],
)
def test_places_that_are_not_said_are_guesses(text: str, place: str) -> None:
    assert not says_place(text, place)


def test_known_values_are_kept_once() -> None:
    facts = [Fact(value=text, evidence=(SIGHT,), confidence=0.5) for text in ("Rock Wall", "rock_wall", "pool")]
    assert [one.value for one in distinct([*facts, Fact()])] == ["Rock Wall", "pool"]


def test_a_value_is_one_line_of_a_length() -> None:
    kept = fact(given("a\n<b>" + "c" * 500, quote("visual", "x")), ground())
    assert kept.value.startswith("a \u2039b\u203accc")
    assert len(kept.value) == 200
