"""`./spillway test`, `lint` and `bench`: for developers."""

import os
import subprocess
import sys

import typer

from cli.local.settings import PROJECT_ROOT

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


def test(context: typer.Context) -> None:
    """Run the tests; arguments go to pytest. Without any, all of them run, on every core."""
    arguments = context.args or ["-n", str(os.cpu_count() or 1), "--dist", "loadgroup"]
    raise typer.Exit(run("pytest", *arguments))


def lint() -> None:
    """Check style, types and the borders between modules."""
    raise typer.Exit(max(run(*linter) for linter in LINTERS))


def bench(context: typer.Context) -> None:
    """Measure a hot path beside its peers: `bench events`, `bench pipeline`."""
    if not context.args or context.args[0] not in {"events", "pipeline"}:
        raise typer.BadParameter("name a benchmark: events or pipeline")
    raise typer.Exit(run(f"tests.bench.{context.args[0]}", *context.args[1:]))


def run(module: str, *arguments: str) -> int:
    """Run a module in the project's folder and with its Python; answers with the exit code."""
    command = [sys.executable, "-m", module.replace("lint-imports", "importlinter.cli"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=False).returncode
