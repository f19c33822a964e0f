"""What a reply of a model means before it is read: whether it is whole, and what to do if it is not."""

from typing import Any

from shared.errors import Permanent

AGAIN = "Ask again with the option fresh to pay for another answer."


class CutOff(Permanent):
    """The answer ended at the limit of its length."""

    def __init__(self, tokens: int) -> None:
        super().__init__(
            f"The model's answer was cut off after {tokens} tokens. Ask for fewer analyses at a time, for a brief summary, "
            "or a model that may answer at greater length."
        )


class Withheld(Permanent):
    """A content filter of the provider kept the answer back."""

    def __init__(self) -> None:
        super().__init__(
            "Amazon's content filter withheld the answer about this file. Another model may answer; the file is unharmed."
        )


class Overflowed(Permanent):
    """The question was longer than the model can take in."""

    def __init__(self) -> None:
        super().__init__(
            "The file and its transcript are longer than the model can take in at once. "
            "Choose a model with a larger context, or analyse it without its transcript."
        )


class Unreadable(Permanent):
    """The model gave no answer of the form that was asked for, and could not put it right."""

    def __init__(self, faults: tuple[str, ...], raw: str) -> None:
        super().__init__(
            f"The model's answer is not of the form that was asked for ({'; '.join(faults[:3])}), even after it was asked to "
            f"put it right. It began: {_excerpt(raw)} {AGAIN}"
        )
        self.raw = raw


def text_of(body: Any, stop_reason: str | None, output_tokens: int) -> str:
    """The text of a reply that is whole; raises what says why it is not.

    What the provider calls malformed is read like any other text, and asked about again if it cannot be.
    """
    match stop_reason:
        case "max_tokens":
            raise CutOff(output_tokens)
        case "content_filtered" | "guardrail_intervened":
            raise Withheld
        case "model_context_window_exceeded":
            raise Overflowed
    return str(body["text"])


def _excerpt(raw: str) -> str:
    """So much of an answer as tells what it is like."""
    plain = " ".join(raw.split())
    return f"“{plain[:200]}{'…' if len(plain) > 200 else ''}”" if plain else "with nothing."
