"""Which value a file is given where its parts were given several."""

from services.nova.analyst import Decision
from services.nova.chunking.placing import disagreements, placed
from tests.support.chunked import classified, decision, fact, seen, undecided


def decided(*decisions: Decision) -> Decision:
    found = placed([classified(dimensions={"family": one}) for one in decisions])
    assert found is not None
    return found.dimensions["family"]


def test_the_value_with_most_weight_wins() -> None:
    found = decided(decision("grotto", 0.5, "a"), decision("slide", 0.9, "b"), decision("grotto", 0.7, "c"))
    assert (found.value, found.evidence) == ("grotto", (seen("a"), seen("c")))
    assert found.confidence == round(0.7 * 1.2 / 2.1, 2), "the part that says otherwise makes it doubtful"


def test_parts_that_agree_are_trusted_as_the_most_trusted() -> None:
    assert decided(decision("grotto", 0.5), decision("grotto", 0.7), undecided("It is dark.")).confidence == 0.7


def test_of_values_with_the_same_weight_the_one_with_the_stronger_evidence_wins() -> None:
    assert decided(decision("grotto", 0.3, "a"), decision("grotto", 0.3, "b"), decision("slide", 0.6)).value == "slide"
    two = Decision(value="slide", evidence=(seen("a"), seen("b")), confidence=0.6)
    assert decided(decision("grotto", 0.6), two).value == "slide"
    assert decided(decision("slide", 0.6), decision("grotto", 0.6)).value == "grotto", "at last by the alphabet"


def test_any_value_wins_over_unknown() -> None:
    found = decided(undecided("It is dark."), undecided("It is dark."), decision("grotto", 0.0))
    assert (found.value, found.unknown_reason) == ("grotto", None)


def test_unknown_everywhere_stays_so_with_every_reason_once() -> None:
    found = decided(undecided("It is dark."), undecided("Nobody speaks."), undecided("It is dark."))
    assert (found.value, found.unknown_reason) == ("Unknown", "It is dark. Nobody speaks.")


def test_what_only_one_part_decided_counts() -> None:
    found = placed(
        [classified(dimensions={"family": decision("grotto")}), classified(dimensions={"tier_level": decision("2")})]
    )
    assert found is not None
    assert [(name, one.value) for name, one in found.dimensions.items()] == [("family", "grotto"), ("tier_level", "2")]
    assert found.confidence == 0.8


def test_parts_that_disagree_are_named() -> None:
    parts = [
        classified(dimensions={"tier_level": one, "family": decision("grotto")}) for one in (decision("2"), decision("3", 0.9))
    ]
    parts += [classified(dimensions={"tier_level": decision("2"), "family": undecided("It is dark.")})]
    assert disagreements(parts) == ("The parts of the file disagree about tier_level: 2 in 2, 3 in 1.",)
    assert disagreements(parts[:1]) == ()


def test_what_makes_it_findable_is_united() -> None:
    one = classified(
        search_tags=("rock", "pool"), product_keywords=(fact("pump", 0.5, "a"),), skill_level=fact("beginner", 0.4)
    )
    other = classified(
        search_tags=(*(f"tag {number}" for number in range(9)), "Rocks"),
        product_keywords=(fact("Pumps", 0.4, "b"), fact("liner", 0.9)),
        building_techniques=(fact("stacking"),),
        skill_level=fact("expert", 0.6),
        content_type=fact("tutorial"),
    )
    found = placed([one, other])
    assert found is not None
    assert (found.search_tags[0], len(found.search_tags)) == ("rock", 10)
    assert [(term.value, len(term.evidence)) for term in found.product_keywords] == [("liner", 1), ("pump", 2)]
    assert (found.skill_level.value, found.content_type.value) == ("expert", "tutorial")
    assert [term.value for term in found.building_techniques] == ["stacking"]


def test_nothing_classified_stays_so() -> None:
    assert placed([]) is None
