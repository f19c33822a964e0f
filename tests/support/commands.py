"""The command line as a person uses it, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from cli.local.settings import PROJECT_ROOT


def environment(data: Path, **settings: str) -> dict[str, str]:
    """A person's environment with their data in `data`; nothing of ours but the way to the project."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPILLWAY_")}
    return {**kept, "PYTHONPATH": str(PROJECT_ROOT), "COLUMNS": "200", "SPILLWAY_DATA": str(data), **settings}


def environment_at(gateway: httpx.AsyncClient, data: Path) -> dict[str, str]:
    """The environment of a person who uses this gateway, with the key that its client shows."""
    key = gateway.headers["Authorization"].removeprefix("Bearer ")
    return environment(data, SPILLWAY_URL=str(gateway.base_url).rstrip("/"), SPILLWAY_API_KEY=key)


def spillway(*words: str, env: Mapping[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end; it has no terminal."""
    command = [sys.executable, "-m", "cli", *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=env)


def start(*words: str, env: Mapping[str, str]) -> "subprocess.Popen[str]":
    """Start a command that stays, its words on stderr."""
    command = [sys.executable, "-m", "cli", *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=env)


def answer_of(ran: "subprocess.CompletedProcess[str]") -> Any:
    """The one JSON document on stdout of a command that went well."""
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
