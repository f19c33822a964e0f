from itertools import combinations_with_replacement

from services.nova.local.confidence import NAMES_AT_MOST, confidence
from services.nova.provenance import Evidence, Source


def of(*sources: Source) -> float:
    return confidence(Evidence(source=source, phrase="x") for source in sources)


def test_names_alone_stay_low_until_speech_agrees() -> None:
    alone = of(Source.FILENAME, Source.PATH)
    assert of(Source.FILENAME) < alone <= NAMES_AT_MOST < of(Source.TRANSCRIPT) < of(Source.TRANSCRIPT, Source.FILENAME)


def test_repeating_says_little() -> None:
    assert of(Source.TRANSCRIPT) < of(Source.TRANSCRIPT, Source.TRANSCRIPT) == of(*[Source.TRANSCRIPT] * 3)
    assert of(*[Source.TRANSCRIPT] * 9) < of(Source.TRANSCRIPT, Source.EXIF)


def test_what_is_seen_counts_most() -> None:
    assert max(Source, key=of) is Source.VISUAL


def test_nothing_is_nothing_and_no_evidence_is_certainty() -> None:
    assert of() == 0
    assert all(of(*sources) < 1 for sources in combinations_with_replacement(Source, 3))


def test_a_rule_of_thumb_lowers() -> None:
    assert confidence([Evidence(source=Source.EXIF, phrase="x")], 0.5) == of(Source.EXIF) / 2
