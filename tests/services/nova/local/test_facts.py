from services.nova.local.facts import Facts, fact_lexicons, facts
from services.nova.taxonomy import Cue, Dimension, Range, Reason, Taxonomy
from tests.support.material import reading

TAXONOMY = Taxonomy(
    name="garden",
    version=1,
    dimensions={"none": Dimension(values=(), rules=(), reasons=(Reason(text="Nothing is asked."),))},
    facts={
        "pond": Cue(phrases=("pond",)),
        "large": Cue(phrases=("huge",), names=("large",), sizes=(Range(dimension="width", at_least=20),)),
        "varied": Cue(phrases=("pond", "bridge", "bench"), at_least=2),
    },
)


def found(*sentences: str, path: str = "x.mp4") -> Facts:
    return facts(TAXONOMY, fact_lexicons(TAXONOMY), reading(*sentences, path=path))


def test_present_absent_and_not_spoken_of() -> None:
    known = found("a pond", "it is not huge")
    assert set(known.present) == {"pond"}
    assert set(known.absent) == {"large"}
    assert known.evidence("not large")[0].phrase == "it is not huge"
    assert known.evidence("large") == known.evidence("not pond") == ()


def test_a_fact_that_is_said_once_and_denied_once_holds() -> None:
    assert set(found("there is no pond here yet.", "and here is the pond.").present) == {"pond"}


def test_the_strongest_source_decides_and_weaker_ones_may_agree() -> None:
    denied, agreed = found("there is no pond", path="pond.mp4"), found("a pond", path="pond.mp4")
    assert "pond" not in denied.present
    assert len(agreed.evidence("pond")) == 2


def test_some_words_count_in_names_only() -> None:
    assert "large" in found(path="large.mp4").present
    assert "large" not in found("by and large").present


def test_different_phrases_are_counted() -> None:
    assert "varied" not in found("a pond, a pond").present
    assert "varied" in found("a pond and a bench").present


def test_sizes_make_facts() -> None:
    assert "large" in found("twenty feet wide").present
    assert "large" not in found("nineteen feet wide").present
