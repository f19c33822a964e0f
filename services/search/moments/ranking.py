"""From hits of several kinds of search to answers: moments, each once, best first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

RANK_OFFSET = 10
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): how little the first places differ.

With their 60, what two searches find somewhere beats what one is sure of: the gold set is answered worse than by meaning alone.
"""
WEIGHTS: Mapping[str, float] = {"words": 1.0, "meaning": 1.0, "names": 0.6, "some_words": 0.1, "file": 1.0}
"""How much each kind of search counts: names that look alike and moments with only some of the words are guesses.

`file` is no search: it tells files where nothing was looked for in them.
"""
ADJACENT = 1.0
"""Seconds of silence across which two hits are still the same moment."""
SPEECH = "transcript"
"""The field that says when something happens; chapters and elements are derived from it."""


@dataclass(frozen=True)
class Hit:
    """A text that was found. `places` holds its place, from 1, in each kind of search that found it.

    `start` and `end` are seconds, None where the text is about the whole file; `marked` is the text with the words that
    matched marked; `similarity` is the cosine to the query, None if the text was not found by meaning.
    """

    file_id: UUID
    path: str
    kind: str
    field: str
    start: float | None
    end: float | None
    marked: str
    places: Mapping[str, int]
    similarity: float | None
    has_thumbnail: bool
    is_missing: bool = False
    id: int = 0
    captured_at: datetime | None = None
    duration: float | None = None
    has_frames: bool = False


@dataclass(frozen=True)
class Answer:
    """A moment: the hit that tells it best; `score` is what all hits on it come to, as a share of first place everywhere.

    `places` are the best of its hits in each kind of search, `shares` what each of them adds to the score.
    """

    hit: Hit
    score: float
    matched: str
    similarity: float | None
    places: Mapping[str, int]
    shares: Mapping[str, float]


def answers(hits: Iterable[Hit], *, semantic: bool, worded: bool = True, limit: int | None = None) -> list[Answer]:
    """The best moments, best first; `worded` and `semantic` say whether there were searches by words and by meaning at all."""
    by_file = sorted(hits, key=lambda hit: hit.file_id)
    moments = [moment for _, group in groupby(by_file, lambda hit: hit.file_id) for moment in merged(list(group))]
    perfect = fused({search: 1 for search, asked in (("words", worded), ("meaning", semantic)) if asked})
    found = [(fused(best_places(moment)), moment) for moment in moments]
    found.sort(key=lambda scored: (-scored[0], scored[1][0].path, begin(scored[1][0])))
    return [answer_of(moment, perfect) for _, moment in found[:limit]]


def merged(hits: Sequence[Hit]) -> list[list[Hit]]:
    """One file's hits by moment, each led by the hit that tells it best.

    What is less precise joins the best of what says the same more precisely; of neighbours the better one leads.
    """
    best_first = sorted(hits, key=lambda hit: -fused(hit.places))
    moments: list[list[Hit]] = []
    vague = []
    for hit in best_first:
        if any(is_vaguer(hit, other) for other in hits):
            vague.append(hit)
        elif (moment := next((moment for moment in moments if are_neighbours(hit, moment[0])), None)) is not None:
            moment.append(hit)
        else:
            moments.append([hit])
    for hit in sorted(vague, key=lambda hit: (hit.start is None, length(hit))):
        next(moment for moment in moments if any(is_vaguer(hit, other) for other in moment)).append(hit)
    return moments


def best_places(moment: Iterable[Hit]) -> dict[str, int]:
    """The best place of a moment's hits in each kind of search."""
    places: dict[str, int] = {}
    for hit in moment:
        for search, place in hit.places.items():
            places[search] = min(place, places.get(search, place))
    return places


def answer_of(moment: Sequence[Hit], perfect: float) -> Answer:
    """A moment as its leading hit tells it, with what the others add; `perfect` is what first place everywhere comes to."""
    worded, meant = any(by_words(hit) for hit in moment), any("meaning" in hit.places for hit in moment)
    matched = "both" if worded and meant else "meaning" if meant else "keyword"
    similarity = max((hit.similarity for hit in moment if hit.similarity is not None), default=None)
    places = best_places(moment)
    shares = {search: fused({search: place}) / perfect for search, place in places.items()}
    return Answer(moment[0], min(1.0, fused(places) / perfect), matched, similarity, places, shares)


def fused(places: Mapping[str, int]) -> float:
    """Reciprocal rank fusion of places that count from 1."""
    return sum(WEIGHTS[search] / (RANK_OFFSET + place) for search, place in places.items())


def is_vaguer(hit: Hit, other: Hit) -> bool:
    """Whether `other`, of the same file, says when it is what `hit` says less precisely.

    Words that only the whole file has are not put into the mouth of a moment that none of them is said in.
    """
    if hit.start is None:
        return other.start is not None and (by_words(other) or not by_words(hit))
    if other.start is None or hit.field == other.field or not overlap(hit, other):
        return False
    if SPEECH in (hit.field, other.field):
        return other.field == SPEECH
    return length(other) < length(hit)


def by_words(hit: Hit) -> bool:
    """Whether a text was found by what it says, not only by what it means."""
    return bool(hit.places.keys() - {"meaning"})


def are_neighbours(hit: Hit, other: Hit) -> bool:
    """Whether two hits of one file are next to each other in time, or both about the whole file."""
    if hit.start is None or other.start is None:
        return hit.start is None and other.start is None
    return overlap(hit, other, slack=ADJACENT)


def overlap(hit: Hit, other: Hit, *, slack: float = 0.0) -> bool:
    """Whether two timed hits share time, or with `slack` seconds between them would."""
    return max(begin(hit), begin(other)) < min(finish(hit), finish(other)) + slack


def begin(hit: Hit) -> float:
    """Start of a timed hit, in seconds."""
    return hit.start or 0.0


def finish(hit: Hit) -> float:
    """End of a timed hit, in seconds; its start where no end is known."""
    return max(begin(hit), hit.end or 0.0)


def length(hit: Hit) -> float:
    """Seconds that a timed hit covers."""
    return finish(hit) - begin(hit)
