"""What a reply means before it is read."""

import pytest

from services.nova.bedrock.outcomes import CutOff, Overflowed, Unreadable, Withheld, text_of


@pytest.mark.parametrize("reason", ["end_turn", "stop_sequence", "malformed_model_output", None])
def test_what_can_be_read_is_read(reason: str | None) -> None:
    assert text_of({"text": "{}"}, reason, 5) == "{}"


@pytest.mark.parametrize(
    ("reason", "error", "sentence"),
    [
        ("max_tokens", CutOff, "cut off after 5 tokens. Ask for fewer analyses"),
        ("content_filtered", Withheld, "content filter withheld"),
        ("guardrail_intervened", Withheld, "content filter withheld"),
        ("model_context_window_exceeded", Overflowed, "Choose a model with a larger context"),
    ],
)
def test_what_is_not_whole_says_why(reason: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        text_of({"text": "{"}, reason, 5)


def test_an_unreadable_answer_is_shown() -> None:
    error = Unreadable(("chapters is missing.", "elements has to be a list."), "Sure!\n\n Here is your answer")
    assert "chapters is missing.; elements has to be a list." in str(error)
    assert "“Sure! Here is your answer”" in str(error)
    assert "fresh" in str(error)


def test_a_long_answer_is_shown_in_part_and_an_empty_one_named() -> None:
    assert "x" * 200 + "…”" in str(Unreadable(("no JSON",), "x" * 5000))
    assert "It began: with nothing." in str(Unreadable(("no JSON",), "  "))
