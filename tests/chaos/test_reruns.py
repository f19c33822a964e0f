"""What is in the library is worked on again while things go wrong: files keep their ids, and have what a calm run gives."""

import random
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support import oracle
from tests.support.oracle import Outcome
from tests.support.trouble import SCENARIOS
from tests.support.world import World, world

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]

TROUBLES = ("services killed", "NATS wiped", "Postgres killed", "everything twice and out of order")
SETTLED_WITHIN = 150.0
"""Seconds, as for a first import."""


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_is_done_again_is_done_once(trouble: str, library: Path, undisturbed: dict[str, object], tmp_path: Path) -> None:
    scenario = SCENARIOS[trouble]
    folder, elsewhere = tmp_path / "card" / library.name, tmp_path / "archive" / library.name
    shutil.copytree(library, folder)
    elsewhere.parent.mkdir()
    with world(tmp_path / "data", environment={"SABOTEUR_SEED": "7"}, modules=scenario.modules()) as troubled:
        first = troubled.gateway.import_path(folder)
        troubled.finished(first, within=SETTLED_WITHIN)
        before = ids(troubled)
        folder.rename(elsewhere)
        rescan = troubled.gateway.rescan(elsewhere)
        batch = troubled.gateway.begin_batch("transcribe", {"filter": {}, "force": True})["job_id"]
        disturbing = threading.Thread(target=scenario.disturb, args=(troubled, random.Random(7)))
        disturbing.start()
        try:
            settled(troubled, lambda: troubled.gateway.scan_status("rescan", rescan)["state"] == "reported")
            troubled.gateway.apply_scan("rescan", rescan)
            settled(troubled, lambda: troubled.gateway.scan_status("rescan", rescan)["state"] == "done")
            settled(troubled, lambda: troubled.gateway.batch(batch)["finished"])
        finally:
            disturbing.join()
        settled(troubled, lambda: not loose_ends(troubled))
        assert ids(troubled) == before
        assert by_name(outcomes(troubled, first)) == by_name(undisturbed)


def settled(troubled: World, is_so: Callable[[], bool]) -> None:
    """Wait until something holds; whatever answers may be among the victims. Raises TimeoutError."""
    deadline, last = time.monotonic() + SETTLED_WITHIN, ""
    while time.monotonic() < deadline:
        try:
            if is_so():
                return
        except Exception as error:
            last = repr(error)
        time.sleep(0.2)
    raise TimeoutError(f"not so after {SETTLED_WITHIN} s ({last}); logs are in {troubled.logs}")


def connected(troubled: World) -> "psycopg.Connection[Any]":
    return psycopg.connect(troubled.settings.database_url.get_secret_value())


def ids(troubled: World) -> dict[str, object]:
    """Each file's id, by its name."""
    with connected(troubled) as connection:
        return {Path(path).name: file_id for file_id, path in connection.execute("SELECT id, path FROM files").fetchall()}


def loose_ends(troubled: World) -> list[str]:
    with connected(troubled) as connection:
        return oracle.loose_ends(connection)


def outcomes(troubled: World, job_id: str) -> Mapping[str, object]:
    with connected(troubled) as connection:
        assert oracle.one(connection, "SELECT count(*) FROM files WHERE path LIKE '%/card/%'") == 0
        return oracle.outcomes(connection, job_id)


def by_name(found: Mapping[str, object]) -> dict[str, Outcome]:
    """What became of the library's files, by their names."""
    return {Path(path).name: outcome for path, outcome in found.items() if isinstance(outcome, Outcome)}
