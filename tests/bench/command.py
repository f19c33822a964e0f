"""A benchmark on the command line: its sizes as options, its report as text or as one JSON document."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.bench.report import Report, as_document, as_text

S = TypeVar("S")


def carried_out(
    name: str,
    description: str | None,
    size: Callable[..., S],
    run: Callable[[S, Callable[[str], None]], Report],
    argv: Sequence[str],
) -> int:
    """Run a benchmark as the arguments say; 0 when every bar is met."""
    parser = argparse.ArgumentParser(prog=f"spillway bench {name}", description=description)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    for option, value in vars(size()).items():
        parser.add_argument(f"--{option}", type=int, default=value, help=f"default {value}")
    options = vars(parser.parse_args(argv))
    as_json = options.pop("json")
    report = run(size(**options), lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(as_document(report), indent=2) if as_json else as_text(report))
    return 0 if report.met else 1
