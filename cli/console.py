"""Where words go: answers to stdout, everything else to stderr, so that `--json` can be piped."""

import json
import sys
from typing import NoReturn

from rich.console import Console

STATUS = Console(stderr=True, highlight=False)
"""Progress, logs and errors."""
ANSWERS = Console(highlight=False)
"""What was asked for."""


def print_json(document: object) -> None:
    """Print one JSON document on stdout; names that are no UTF-8 are escaped."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=True) + "\n")
    sys.stdout.flush()


def fail(sentence: str) -> NoReturn:
    """End the program with a sentence that says what is wrong and what to do."""
    STATUS.print(f"[bold red]spillway:[/] {escape_markup(sentence)}", soft_wrap=True)
    sys.exit(1)


def escape_markup(text: str) -> str:
    """Text as it is, where Rich would read brackets as markup."""
    return text.replace("[", r"\[")
