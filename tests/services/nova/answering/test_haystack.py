import pytest

from services.nova.answering.haystack import Haystack, says
from services.nova.names import tokens

SPEECH = "Welcome to the Smiths' residence in Austin, Texas. The grotto's boulders weigh 12 tons."


@pytest.mark.parametrize(
    "phrase",
    ["welcome to the smith", "RESIDENCE in Austin Texas", "The grotto\u2019s boulder", "weigh 12 tons.", "12", "Welcome, to"],
)
def test_words_are_found_whatever_their_case_plural_and_punctuation(phrase: str) -> None:
    assert any(Haystack(tokens(SPEECH)).found(phrase))


@pytest.mark.parametrize("phrase", ["come to the", "in Aust", "welcome the", "grotto boulder weigh 1", "", "...", "Dallas"])
def test_what_is_not_said_is_not_found(phrase: str) -> None:
    assert not any(Haystack(tokens(SPEECH)).found(phrase))


def test_every_place_is_found() -> None:
    assert list(Haystack(["a", "rock", "a", "rocks", "by"]).found("a rock")) == [(0, 1), (2, 3)]
    assert list(Haystack([]).found("a")) == []


def test_scripts_without_spaces_are_searched_within_their_runs() -> None:
    assert any(Haystack(tokens("滝の水が岩を流れる。")).found("岩を流れる"))
    assert any(Haystack(tokens("น้ำตกสวยมาก")).found("สวย"))
    assert not any(Haystack(tokens("滝の水")).found("岩"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SmithResidence_Grotto", "Smith Residence"),
        ("the residence of the Smiths", "Smith Residence"),
        ("job_2024_0812", "2024-0812"),
        ("job 20240812", "2024-0812"),
        ("PRJ-118", "prj118"),
    ],
)
def test_a_text_says_a_value_in_any_order_or_spelling(text: str, value: str) -> None:
    assert says(text, value)


@pytest.mark.parametrize(
    ("text", "value"), [("smithsonian", "Smith"), ("a pool", "Smith Pool"), ("", "x"), ("x", ""), ("x", "!")]
)
def test_a_text_does_not_say_what_it_has_not_got(text: str, value: str) -> None:
    assert not says(text, value)
