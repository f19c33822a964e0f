import pytest

from cli.demo.training.scoring import is_runaway, normal_words, word_errors


@pytest.mark.parametrize(
    ("spoken", "heard", "errors"),
    [
        ("the blue river", "the blue river", 0),
        ("the blue river", "the green river", 1),
        ("the blue river", "the river", 1),
        ("the river", "the blue river", 1),
        ("the blue river", "", 3),
        ("", "the river", 2),
        ("one two three", "two three one", 2),
    ],
)
def test_word_errors_are_the_fewest_changes(spoken: str, heard: str, errors: int) -> None:
    assert word_errors(spoken.split(), heard.split()) == errors


def test_case_and_punctuation_do_not_count() -> None:
    assert normal_words(" The river, our City.\n") == ["the", "river", "our", "city"]


def test_runaway_is_far_more_than_was_said() -> None:
    assert not is_runaway(["a"] * 4, ["a"] * 9)
    assert is_runaway(["a"] * 4, ["a"] * 10)
