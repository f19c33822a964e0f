"""`./spillway test`, `lint` and `bench`: for developers."""

import os
import subprocess
import sys
from collections.abc import Sequence

import typer

from cli.local.programs import in_wheel
from cli.local.settings import PROJECT_ROOT

BENCHMARKS = ("events", "images", "list", "load", "pipeline", "transcribe", "ingest", "proxy", "search")
LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "-q", "tests/test_size_budget.py"),
)


def test(context: typer.Context) -> None:
    """Run the tests; arguments go to pytest. Without any, all of them run, on every core."""
    arguments = context.args or ["-n", str(os.cpu_count() or 1), "--dist", "loadfile"]
    raise typer.Exit(run("pytest", *arguments))


def lint() -> None:
    """Check style, types, the borders between modules, and the size budget."""
    raise typer.Exit(max(run(*linter) for linter in LINTERS))


def bench(context: typer.Context) -> None:
    """Measure a hot path beside its peers: `bench events`, `bench pipeline`."""
    if not context.args or context.args[0] not in BENCHMARKS:
        raise typer.BadParameter(f"name a benchmark: {' or '.join(BENCHMARKS)}")
    command = [sys.executable, "-m", f"tests.bench.{context.args[0]}", *context.args[1:]]
    raise typer.Exit(in_project(command))


def run(program: str, *arguments: str) -> int:
    """Run one of the environment's programs in the project's folder; answers with the exit code."""
    return in_project([str(in_wheel(program)), *arguments])


def in_project(command: Sequence[str]) -> int:
    """Run a command in the project's folder, which its Python finds modules in; answers with the exit code."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=False).returncode
