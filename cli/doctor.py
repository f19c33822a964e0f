"""`./spillway doctor`: what is present, missing or misconfigured, in words."""

from typing import Annotated

import typer
from rich.text import Text

from cli.checks import CHECKS, Finding, State, bedrock
from cli.console import ANSWERS, print_json
from cli.key_checks import credentials

SIGNS = {
    State.GOOD: Text("✓", style="green"),
    State.NOTE: Text("!", style="yellow"),
    State.BAD: Text("✗", style="bold red"),
}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False) -> None:
    """Look at everything that Spillway needs; exit code 1 if something would keep it from working."""
    findings = [*(check() for check in CHECKS), credentials(), *bedrock()]
    if as_json:
        print_json({"findings": [vars(finding) for finding in findings]})
    else:
        show(findings)
    raise typer.Exit(int(any(finding.state is State.BAD for finding in findings)))


def show(findings: list[Finding]) -> None:
    """A line per finding, and the verdict."""
    for finding in findings:
        ANSWERS.print(Text.assemble(SIGNS[finding.state], " ", (f"{finding.name}: ", "bold"), finding.sentence), soft_wrap=True)
    bad = sum(finding.state is State.BAD for finding in findings)
    verdict = Text(f"{bad} to be mended", style="bold red") if bad else Text("Ready: try ./spillway demo", style="bold green")
    ANSWERS.print(verdict)
