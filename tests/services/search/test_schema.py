"""Whatever the description allows, and much that it does not, is sent to the gateway: it answers as described, and never fails.

`/api/events` has no end, and is tested in `live/`. `/api/nova/models/refresh` asks AWS, which is not there: 503 is its right
answer. Everything else is begun in earnest, as no service takes it up. An administrator's key opens all that keys can; without
one, everything that is not open answers 401, whatever else is wrong with the request.
"""

import asyncio
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import httpx
import pytest

from services.search import openapi
from shared.database import Database
from tests.support.footage import add_footage

pytestmark = pytest.mark.connected

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
LEFT_OUT = ("/api/events", "/api/nova/models/refresh")
ROOT = Path(__file__).resolve().parents[3]
FEW = 4
"""Cases for each operation, unless more are asked for; then the edges of every parameter are gone through too."""


def command(url: str, description: Path, examples: int, headers: list[str], checks: tuple[str, ...]) -> list[str]:
    """A run of schemathesis that is the same each time."""
    options = {
        "--url": url,
        "--phases": "fuzzing" if examples <= FEW else "coverage,fuzzing",
        "--max-examples": str(examples),
        "--seed": "1",
        "--checks": ",".join(checks),
        "--generation-database": "none",
    }
    given = [text for option in options.items() for text in option]
    left_out = [text for path in LEFT_OUT for text in ("--exclude-path", path)]
    shown = [text for header in headers for text in ("--header", header)]
    flags = ["--no-color", "--no-shrink", "--continue-on-failure"]
    return [sys.executable, "-m", "schemathesis.cli", "run", str(description), *given, *left_out, *shown, *flags]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", ["administrator", "nobody"])
async def test_the_gateway_answers_as_it_says(
    who: str, request: pytest.FixtureRequest, http: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    description = tmp_path / "openapi.json"
    description.write_text(openapi.rendered(), encoding="utf-8")
    async with database.transaction() as connection:
        await add_footage(connection)
    examples = int(request.config.getoption("--schema-examples"))
    headers = [f"Authorization: {http.headers['Authorization']}"] if who == "administrator" else []
    checks = CHECKS if headers else (*CHECKS, "closed_to_nobody")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.support.closed"}
    run = partial(subprocess.run, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    ended = await asyncio.to_thread(run, command(str(http.base_url), description, examples, headers, checks))
    print(told := "\n".join(line[:500] for line in ended.stdout.splitlines()))
    assert ended.returncode == 0, told + ended.stderr
    [cases] = re.findall(r"([0-9]+) generated", told)
    assert int(cases) > 50 * examples
