"""A summary out of the speaker's own sentences, at three lengths."""

from collections.abc import Sequence

from services.nova.analyst import Passage, Summary
from services.nova.local.centrality import central
from services.nova.local.confidence import confidence
from services.nova.local.sentences import Sentence
from services.nova.provenance import Evidence

BRIEF, STANDARD, DETAILED = 1, 4, 10
"""Sentences."""
ALIKE = 0.6
"""Share of common words from which a sentence only repeats another."""
STOPS = tuple(".!?…。！？؟")  # noqa: RUF001 - stops of other scripts
CERTAINTY = 0.8
"""What is quoted was said; whether it is what matters most is a matter of counting words."""


def summarise(sentences: Sequence[Sentence], otherwise: Evidence) -> Summary:
    """The most central sentences in the order in which they were said; without speech, what `otherwise` tells."""
    if not sentences:
        nothing = Passage(text=f"No speech. {otherwise.phrase}", evidence=(otherwise,), confidence=confidence([otherwise]))
        return Summary(brief=nothing, standard=nothing, detailed=nothing)
    ranked = _distinct(sentences, central(sentences, 3 * DETAILED), DETAILED)
    brief, standard, detailed = (_passage(sentences, ranked[:count]) for count in (BRIEF, STANDARD, DETAILED))
    return Summary(brief=brief, standard=standard, detailed=detailed)


def _distinct(sentences: Sequence[Sentence], ranked: list[int], count: int) -> list[int]:
    chosen: list[int] = []
    for at in ranked:
        if len(chosen) == count:
            break
        if not any(_alike(sentences[at], sentences[other]) for other in chosen):
            chosen.append(at)
    return chosen


def _alike(one: Sentence, other: Sentence) -> bool:
    left, right = set(one.terms), set(other.terms)
    together = len(left | right)
    return one.text == other.text or (together > 0 and len(left & right) / together > ALIKE)


def _passage(sentences: Sequence[Sentence], positions: list[int]) -> Passage:
    chosen = [sentences[at] for at in sorted(positions)]
    evidence = tuple(sentence.evidence for sentence in chosen)
    return Passage(text=" ".join(map(_ended, chosen)), evidence=evidence, confidence=confidence(evidence, CERTAINTY))


def _ended(sentence: Sentence) -> str:
    return sentence.text if sentence.text.endswith(STOPS) else f"{sentence.text}."
