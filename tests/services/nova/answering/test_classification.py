from typing import Any

import pytest

from services.nova.analyst import Classification, Decision
from services.nova.answering.answer import Trade
from services.nova.answering.classification import NO_REASON, NOT_DECIDED, classification
from services.nova.answering.grounding import Ground
from tests.services.nova.answering.telling import TRADE, ground, quote, said, seen, value

SURE = {name: value("Unknown") | {"unknown_reason": "Not to be seen."} for name in TRADE.dimensions}


def told(dimensions: dict[str, Any] | None = None, held: Ground | None = None, **fields: Any) -> Classification:
    answer = Trade.model_validate({"dimensions": SURE | (dimensions or {}), **fields})
    return classification(answer, held or ground(), TRADE)


def family(choice: Any) -> Decision:
    return told({"family": choice}).dimensions["family"]


def test_a_value_with_evidence_stays() -> None:
    decided = family(value("Custom Formal", said("natural stone"), confidence=0.7))
    assert (decided.value, decided.confidence, decided.unknown_reason) == ("Custom Formal", 0.7, None)
    assert decided.evidence[0].start == 4.5


@pytest.mark.parametrize("written", ["custom formal", "CUSTOM  FORMAL", "Custom-Formal", "custom_formal"])
def test_a_value_is_known_however_it_is_written(written: str) -> None:
    assert family(value(written, seen())).value == "Custom Formal"


@pytest.mark.parametrize("written", ["Custom", "Natural Stone", "Custom Formal Genesis"])
def test_what_is_no_value_is_unknown_and_says_what_was_answered(written: str) -> None:
    decided = family(value(written, seen()))
    assert decided == Decision(
        value="Unknown", unknown_reason=f"The model answered \u201c{written}\u201d, which is none of the values that there are."
    )


def test_a_value_without_evidence_is_unknown_and_says_so() -> None:
    decided = family(value("Custom Formal", said("formal wall")))
    assert decided.value == "Unknown"
    assert decided.unknown_reason is not None
    assert "\u201cCustom Formal\u201d, but what it gave as evidence was not found" in decided.unknown_reason


def test_unknown_has_a_reason_and_no_evidence() -> None:
    assert family(value("Unknown", seen()) | {"unknown_reason": "No  scale."}) == Decision(
        value="Unknown", unknown_reason="No scale."
    )
    for choice in (value("unknown"), value("Unknown") | {"unknown_reason": " "}, "Unknown", None):
        assert family(choice) == Decision(value="Unknown", unknown_reason=NO_REASON)


def test_exactly_the_dimensions_of_the_taxonomy_are_answered() -> None:
    answer = Trade.model_validate(
        {"dimensions": {"Tier Level": value("Deluxe (Medium)", seen()), "colour": value("red", seen())}}
    )
    found = classification(answer, ground(), TRADE)
    assert list(found.dimensions) == list(TRADE.dimensions)
    assert found.dimensions["tier_level"].value == "Deluxe (Medium)"
    assert found.dimensions["family"] == Decision(value="Unknown", unknown_reason=NOT_DECIDED)
    assert (found.taxonomy, found.taxonomy_version) == (TRADE.name, TRADE.version)


def test_the_whole_is_as_sure_as_its_dimensions_together() -> None:
    assert told({"family": value("Custom Formal", seen(), confidence=0.8)}).confidence == 0.2


def test_file_names_alone_leave_doubt() -> None:
    assert family(value("Custom Formal", quote("filename", "Grotto"), confidence=0.9)).confidence == 0.4


def test_tags_are_lower_case_each_once_and_ten_at_most() -> None:
    tags = told(
        search_tags=["Grotto", "grotto ", "#Slide", "", "x", "y" * 50, "unknown", *(f"tag {n}" for n in range(20))]
    ).search_tags
    assert tags == ("grotto", "slide", *(f"tag {n}" for n in range(8)))


def test_too_few_tags_are_filled_up_with_what_was_decided() -> None:
    found = told(
        {"family": value("Custom Formal", seen()), "functional_type": value("Grotto", seen())},
        search_tags=["Grotto"],
        building_techniques=[value("crane lift", said("crane placed"))],
    )
    assert found.search_tags == ("grotto", "custom formal", "crane lift")


def test_products_are_named_by_their_evidence() -> None:
    held = ground()
    found = told(
        held=held,
        product_keywords=[
            value("Genesis Deluxe", seen("a box that reads GENESIS DELUXE")),
            value("AquaMax 3000", seen("a box")),
        ],
        search_tags=["aquamax 3000 pump", "a pump"],
    )
    assert [fact.value for fact in found.product_keywords] == ["Genesis Deluxe"]
    assert "aquamax 3000 pump" not in found.search_tags
    assert "a pump" in found.search_tags


def test_lists_of_values_are_kept_to() -> None:
    found = told(
        content_type=value("Building Demonstration", seen()),
        skill_level=value("wizard", seen()),
        building_techniques=[value("Crane Lift", seen()), value("Welding", seen()), value("crane lift", seen()), "mortar work"],
    )
    assert found.content_type.value == "building_demonstration"
    assert not found.skill_level.known
    assert [fact.value for fact in found.building_techniques] == ["crane lift", "welding"]
