"""The commands as they are typed."""

import subprocess
import sys

import pytest

from cli.app import COMMANDS, application
from cli.local.settings import PROJECT_ROOT


def spillway(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(PROJECT_ROOT), "COLUMNS": "200", **environment},
    )


def test_help_names_every_command() -> None:
    ran = spillway("--help")
    assert ran.returncode == 0
    assert all(f" {name} " in ran.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_found_alone(name: str) -> None:
    assert [command.name for command in application([name]).registered_commands] == [name]


def test_a_search_does_not_wait_for_what_only_an_installation_needs() -> None:
    script = (
        "import sys, cli.searching; print([name for name in ('boto3', 'psycopg', 'nats', 'faststream') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT)
    assert ran.stdout.strip() == "[]"


def test_a_path_that_is_not_there_is_a_usage_error() -> None:
    ran = spillway("ingest", "/no/such/folder")
    assert ran.returncode == 2
    assert "does not exist" in ran.stderr


def test_a_bench_without_a_name_says_which_there_are() -> None:
    ran = spillway("bench")
    assert ran.returncode == 2
    assert "events" in ran.stderr
