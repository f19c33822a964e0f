"""Where the words change: TextTiling's lexical cohesion between neighbouring blocks of sentences."""

from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

from services.nova.local.sentences import Sentence

SMALLEST, LARGEST = 2, 8
"""Sentences in a block."""
BLOCKS = 8
"""Blocks into which a short transcript falls."""


def depths(sentences: Sequence[Sentence]) -> list[float]:
    """For each gap between two sentences how deep cohesion dips there, 0 to 1; one fewer than sentences."""
    size = min(max(len(sentences) // BLOCKS, SMALLEST), LARGEST)
    likeness = _likeness(sentences, size)
    return [_depth(likeness, gap, 2 * size) for gap in range(len(likeness))]


def _likeness(sentences: Sequence[Sentence], size: int) -> list[float]:
    """Cosine of the blocks before and after each gap, words weighed by how few sentences have them."""
    seen = Counter(term for sentence in sentences for term in set(sentence.terms))
    weight = {term: log(1 + len(sentences) / times) for term, times in seen.items()}
    left, right = Counter[str](), Counter[str]()
    for sentence in sentences[:size]:
        right.update(sentence.terms)
    found = []
    for gap in range(len(sentences) - 1):
        _move(sentences, gap, left, right, size)
        found.append(_cosine(left, right, weight))
    return found


def _move(sentences: Sequence[Sentence], gap: int, left: Counter[str], right: Counter[str], size: int) -> None:
    """Moves the blocks one sentence on, so that `left` ends with the sentence before the gap."""
    _take(right, sentences[gap].terms)
    left.update(sentences[gap].terms)
    if gap >= size:
        _take(left, sentences[gap - size].terms)
    if gap + size < len(sentences):
        right.update(sentences[gap + size].terms)


def _take(block: Counter[str], terms: tuple[str, ...]) -> None:
    for term in terms:
        block[term] -= 1
        if not block[term]:
            del block[term]


def _cosine(left: Counter[str], right: Counter[str], weight: dict[str, float]) -> float:
    product = sum(times * right[term] * weight[term] ** 2 for term, times in left.items() if term in right)
    return product / (_length(left, weight) * _length(right, weight)) if product else 0.0


def _length(block: Counter[str], weight: dict[str, float]) -> float:
    return sqrt(sum((times * weight[term]) ** 2 for term, times in block.items()))


def _depth(likeness: list[float], gap: int, reach: int) -> float:
    here = likeness[gap]
    before = _peak(likeness[max(0, gap - reach) : gap + 1][::-1])
    after = _peak(likeness[gap : gap + reach + 1])
    return (before - here + after - here) / 2


def _peak(values: list[float]) -> float:
    """The height reached by climbing from the first value for as long as it goes up."""
    top = values[0]
    for value in values[1:]:
        if value < top:
            break
        top = value
    return top
