from services.nova.local.evidenced import Candidate, best, ranked
from services.nova.provenance import Evidence, Fact, Source

WRITTEN = Evidence(source=Source.PATH, phrase="smith_residence")
SAID = Evidence(source=Source.TRANSCRIPT, phrase="the Smith residence", start=0, end=1)


def test_the_best_supported_value_wins() -> None:
    candidates = [Candidate("Jones", WRITTEN), Candidate("Smith", SAID)]
    assert [fact.value for fact in ranked(candidates)] == ["Smith", "Jones"]


def test_case_makes_no_other_value_and_sources_add_up() -> None:
    fact = best([Candidate("Smith", WRITTEN), Candidate("SMITH", SAID), Candidate("smith", SAID)])
    assert (fact.value, fact.evidence) == ("Smith", (WRITTEN, SAID))
    assert fact.confidence > best([Candidate("Smith", SAID)]).confidence


def test_of_equals_the_first() -> None:
    assert best([Candidate("Jones", WRITTEN), Candidate("Smith", WRITTEN)]).value == "Jones"


def test_nothing_is_unknown() -> None:
    assert best([]) == Fact()
