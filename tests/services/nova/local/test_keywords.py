from hypothesis import given
from hypothesis import strategies as st

from services.nova.local.keywords import MOST, keywords
from tests.support.material import reading


def test_tags_then_names_then_what_is_said_most() -> None:
    found = keywords(reading("pumps and a filter, the Pumps", path="Smith_Grotto.mp4"), ("two-tier",))
    assert found == ("two-tier", "smith", "grotto", "pumps", "filter")


def test_what_a_name_denies_is_no_keyword() -> None:
    assert keywords(reading(path="grotto_no_slide.mp4"), ()) == ("grotto",)


def test_everyday_words_numbers_and_serials_are_left_out() -> None:
    assert keywords(reading("so it is what it is 2024", path=f"the_2024_{'x' * 60}.mp4"), ()) == ()


@given(st.lists(st.text(max_size=30), max_size=40), st.text(max_size=60))
def test_at_most_twenty_each_once_in_lower_case(texts: list[str], path: str) -> None:
    found = keywords(reading(*texts, path=path), ("Grotto", "grotto"))
    assert len(found) == len(set(found)) <= MOST
    assert found[0] == "grotto"
    assert all(word == word.lower() for word in found)
