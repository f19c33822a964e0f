"""What is read together stays small: the budget of CONTRIBUTING, for every Python file of the project."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("shared", "services", "cli", "deploy", "tests")
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts)


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def violations(path: Path, source: str) -> list[str]:
    lines = len(source.splitlines())
    found = [f"{name} has {length} lines" for name, length in functions(source) if length > LONGEST_FUNCTION]
    if lines > LONGEST_FILE:
        found.append(f"the file has {lines} lines")
    if path.stem in NAMES_THAT_SAY_NOTHING:
        found.append(f"{path.name} says nothing of what is in it")
    return found


def test_every_file_is_in_the_budget() -> None:
    files = python_files()
    over = {path.relative_to(ROOT).as_posix(): violations(path, path.read_text(encoding="utf-8")) for path in files}
    assert len(files) > 50
    assert {path: found for path, found in over.items() if found} == {}


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("good.py", "def f():\n" + "    x = 1\n" * 59, []),
        ("long.py", "async def f():\n" + "    x = 1\n" * 60, ["f has 61 lines"]),
        ("nested.py", "class A:\n    def g(self):\n" + "        x = 1\n" * 70, ["g has 71 lines"]),
        ("large.py", "x = 1\n" * 401, ["the file has 401 lines"]),
        ("utils.py", "", ["utils.py says nothing of what is in it"]),
    ],
)
def test_what_is_over_the_budget_is_found(name: str, source: str, found: list[str]) -> None:
    assert violations(Path(name), source) == found
