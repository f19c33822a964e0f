import pytest

from services.nova.local.cohesion import depths
from services.nova.local.sentences import sentences
from tests.support.material import segments

RIVER = ["the river is blue.", "a bridge over the river.", "the blue bridge.", "river and bridge."]
MUSIC = ["a guitar and a piano.", "the singer has a guitar.", "piano for the singer.", "guitar, piano, singer."]


def test_the_deepest_dip_is_where_the_topic_shifts() -> None:
    found = depths(sentences(segments([*RIVER, *MUSIC])))
    assert len(found) == 7
    assert found.index(max(found)) == 3


@pytest.mark.parametrize("texts", [[], ["one river."], ["it is.", "it was."], ["river.", "music.", "rocket."]])
def test_without_repeated_words_nothing_dips(texts: list[str]) -> None:
    assert not any(depths(sentences(segments(texts))))


def test_one_topic_is_shallow() -> None:
    assert max(depths(sentences(segments(["the river and the bridge."] * 8)))) == pytest.approx(0)
