"""Counts what a transcript got wrong."""

from collections.abc import Sequence


def normal_words(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return "".join(c if c.isalnum() or c == " " else " " for c in text.lower()).split()


def word_errors(spoken: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest wrong, missing and extra words that turn what was spoken into what was heard."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(spoken, 1):
        diagonal, row[0] = row[0], number
        for place, other in enumerate(heard, 1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (word != other))
    return row[-1]


def is_runaway(spoken: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether far more was heard than was said."""
    return len(heard) > 1.5 * len(spoken) + 3
