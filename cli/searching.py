"""`./spillway search "words"`: find moments."""

from typing import Annotated

import typer

from cli.console import ANSWERS, print_json
from cli.report import print_moments
from cli.session import session


def search(
    words: Annotated[str, typer.Argument(help="Words that were said, or what the moment is about.")],
    limit: Annotated[int, typer.Option(help="At most this many moments.", min=1, max=100)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Find the moments that answer WORDS, by word and by meaning."""
    with session() as current:
        answer = current.gateway.search(words, limit=limit)
    if as_json:
        print_json(answer)
    else:
        print_moments(answer, ANSWERS)
