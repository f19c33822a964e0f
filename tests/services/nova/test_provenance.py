import pytest
from pydantic import ValidationError

from services.nova.provenance import Evidence, Fact, Source

SAID = Evidence(source=Source.TRANSCRIPT, phrase="a grotto", start=1, end=2)


def test_a_value_without_evidence_is_refused() -> None:
    with pytest.raises(ValidationError, match="0 pieces of evidence"):
        Fact(value="Grotto")


def test_unknown_with_evidence_is_refused() -> None:
    with pytest.raises(ValidationError, match="1 pieces of evidence"):
        Fact(evidence=(SAID,))


def test_sources_are_named_once() -> None:
    written = Evidence(source=Source.PATH, phrase="grotto")
    assert Fact(value="Grotto", evidence=(SAID, written, SAID)).sources == (Source.TRANSCRIPT, Source.PATH)


@pytest.mark.parametrize("start", [-1.0, float("nan"), float("inf")])
def test_times_are_real(start: float) -> None:
    with pytest.raises(ValidationError):
        Evidence(source=Source.TRANSCRIPT, phrase="x", start=start)
