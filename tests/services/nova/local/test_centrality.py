from itertools import permutations

from services.nova.local.centrality import GRAPH, central
from services.nova.local.sentences import sentences
from tests.support.material import segments

STORY = [
    "the grotto has a slide.",
    "the slide leaves the grotto behind the waterfall.",
    "the waterfall hides the grotto.",
    "lunch was late.",
]


def test_what_shares_words_with_most_others_comes_first() -> None:
    order = central(sentences(segments(STORY)), 4)
    assert order[0] == 1
    assert order[-1] == 3


def test_equals_come_in_order_of_the_text() -> None:
    assert central(sentences(segments(["red pool.", "blue slide.", "green cave."])), 3) == [0, 1, 2]


def test_sentences_without_telling_words_come_last() -> None:
    assert central(sentences(segments(["it is what it is.", "a grotto."])), 2) == [1, 0]


def test_nothing_and_one() -> None:
    assert central([], 3) == []
    assert central(sentences(segments(["slide."])), 3) == [0]


def test_long_texts_are_ranked_in_blocks_to_the_same_end() -> None:
    filler = [f"{''.join(letters)}." for letters in permutations("bcdfghjk", 4)]
    text = [*filler[:500], *STORY[:3], *filler[500:]]
    assert len(text) > 3 * GRAPH
    assert central(sentences(segments(text)), 1) == [501]
