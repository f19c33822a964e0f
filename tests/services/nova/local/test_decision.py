import pytest

from services.nova.local.decision import QUOTES, decide
from services.nova.local.facts import Facts
from services.nova.provenance import Evidence, Source
from services.nova.taxonomy import Dimension, Reason, Rule

DIMENSION = Dimension(
    values=("Both", "Wet", "Dry"),
    rules=(
        Rule(value="Both", when=(("rain", "hail"), ("sun",))),
        Rule(value="Wet", when=(("rain",),), unless=("roof",), certainty=0.5),
        Rule(value="Dry", when=(("not rain",),)),
    ),
    reasons=(Reason(text="It rains on a roof.", when=(("rain",),)), Reason(text="Nobody spoke of rain.")),
)


def said(*names: str) -> Facts:
    evidence = {name.removeprefix("not "): (Evidence(source=Source.TRANSCRIPT, phrase=name),) for name in names}
    absent = {name.removeprefix("not ") for name in names if name.startswith("not ")}
    return Facts(
        {name: pieces for name, pieces in evidence.items() if name not in absent}, {name: evidence[name] for name in absent}
    )


@pytest.mark.parametrize(
    ("known", "value", "phrases"),
    [
        (said("rain", "sun"), "Both", ["rain", "sun"]),
        (said("hail", "sun"), "Both", ["hail", "sun"]),
        (said("rain"), "Wet", ["rain"]),
        (said("not rain"), "Dry", ["not rain"]),
        (said("rain", "roof"), "Unknown", []),
        (said("sun"), "Unknown", []),
    ],
)
def test_the_first_rule_that_holds(known: Facts, value: str, phrases: list[str]) -> None:
    decision = decide(DIMENSION, known)
    assert decision.value == value
    assert [piece.phrase for piece in decision.evidence] == phrases


def test_the_first_reason_that_fits() -> None:
    assert decide(DIMENSION, said("rain", "roof")).unknown_reason == "It rains on a roof."
    assert decide(DIMENSION, said()).unknown_reason == "Nobody spoke of rain."


def test_a_rule_of_thumb_is_less_sure() -> None:
    assert decide(DIMENSION, said("rain")).confidence < decide(DIMENSION, said("not rain")).confidence


def test_few_quotes_show_every_clause() -> None:
    many = tuple(Evidence(source=Source.TRANSCRIPT, phrase=f"rain {number}") for number in range(20))
    sun = Evidence(source=Source.TRANSCRIPT, phrase="sun")
    decision = decide(DIMENSION, Facts({"rain": many, "sun": (sun,)}, {}))
    assert len(decision.evidence) == QUOTES
    assert sun in decision.evidence
