"""Which sentences stand for the others: LexRank, a random walk over their likeness in words."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.nova.local.sentences import Sentence

GRAPH = 120
"""Sentences in one graph. Of longer texts the best of each block are ranked again, so that cost grows with length only."""
DAMPING = 0.85
STEPS = 30
DIGITS = 6
"""Scores are rounded so that the order does not hang on the last bits, which differ between machines."""


def central(sentences: Sequence[Sentence], count: int) -> list[int]:
    """Positions of the most central sentences, best first; equals in order of the text."""
    chosen = list(range(len(sentences)))
    while len(chosen) > GRAPH:
        blocks = [chosen[at : at + GRAPH] for at in range(0, len(chosen), GRAPH)]
        keep = max(GRAPH // (2 * len(blocks)), 1)
        chosen = sorted(at for block in blocks for at in _best(sentences, block, keep))
    return _best(sentences, chosen, count)


def _best(sentences: Sequence[Sentence], positions: list[int], count: int) -> list[int]:
    scores = _scores([sentences[at].terms for at in positions])
    return [positions[at] for at in np.lexsort((np.arange(len(positions)), -scores))[:count]]


def _scores(texts: list[tuple[str, ...]]) -> NDArray[np.float64]:
    likeness = _likeness(texts)
    size = max(len(texts), 1)
    totals = likeness.sum(axis=1, keepdims=True)
    walk = np.where(totals > 0, likeness / np.where(totals > 0, totals, 1.0), 1.0 / size)
    scores = np.full(len(texts), 1.0 / size)
    for _ in range(STEPS):
        scores = (1 - DAMPING) / size + DAMPING * scores @ walk
    # Sentences without a telling word are nobody's representative.
    told = np.array([bool(text) for text in texts], dtype=np.bool_)
    return np.asarray(np.round(np.where(told, scores, 0.0), DIGITS), dtype=np.float64)


def _likeness(texts: list[tuple[str, ...]]) -> NDArray[np.float64]:
    """Cosine of every pair of different texts by tf-idf, shape (n, n); 0 on the diagonal, so that a loner gathers nothing."""
    seen = Counter(term for text in texts for term in set(text))
    column = {term: at for at, term in enumerate(sorted(seen))}
    weights = np.zeros((len(texts), len(column)))
    for row, text in enumerate(texts):
        for term, times in Counter(text).items():
            weights[row, column[term]] = times * np.log(1 + len(texts) / seen[term])
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    unit = weights / np.where(lengths > 0, lengths, 1.0)
    likeness: NDArray[np.float64] = unit @ unit.T
    np.fill_diagonal(likeness, 0.0)
    return likeness
