from services.nova.analyst import ElementKind
from services.nova.lexicon import denial_words, everyday, name_words, number_words, places, things


def test_names_are_compared_in_lower_case() -> None:
    for _, words in name_words():
        assert all(word == word.lower() for word in words)


def test_every_kind_of_element_has_terms() -> None:
    assert set(things().elements) == set(ElementKind)
    assert all(things().elements.values())


def test_ambiguous_places_are_among_the_places() -> None:
    assert places().ambiguous_abbreviations <= set(places().states)
    assert places().ambiguous_states <= set(places().states.values())


def test_yaml_reads_no_word_as_a_truth_value() -> None:
    assert {"no", "not"} <= denial_words().negators
    assert {"yes", "no", "on", "off"} <= everyday()
    assert "on" in name_words().never_names


def test_numbers_count_up_from_zero() -> None:
    assert number_words().index("twelve") == 12
