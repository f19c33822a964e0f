"""Processes are killed, stores wiped, messages doubled; then every accepted file has exactly the results of a calm run."""

import random
import threading
from pathlib import Path

import psycopg
import pytest

from tests.support import oracle
from tests.support.trouble import SCENARIOS
from tests.support.world import world

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

SETTLED_WITHIN = 150.0
"""Seconds: a calm run takes about ten on two cores; leases, restarts and sweeps add up in a bad round."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each scenario once, or as many seeded rounds of random scenarios as asked for."""
    rounds = metafunc.config.getoption("--chaos-rounds")
    if rounds is None:
        cases = [(name, 1) for name in SCENARIOS]
    else:
        first = metafunc.config.getoption("--chaos-seed")
        cases = [(list(SCENARIOS)[seed % len(SCENARIOS)], seed) for seed in range(first, first + rounds)]
    metafunc.parametrize(("scenario_name", "seed"), cases, ids=[f"{name}-{seed}" for name, seed in cases])


def test_nothing_is_lost_doubled_or_stuck(
    scenario_name: str,
    seed: int,
    library: Path,
    undisturbed: dict[str, object],
    tmp_path: Path,
) -> None:
    scenario = SCENARIOS[scenario_name]
    sabotage = {"SABOTEUR_TALLY": str(tmp_path / "tally"), "SABOTEUR_SEED": str(seed), "SABOTEUR_LIMIT": "6"}
    with world(tmp_path, environment=sabotage, modules=scenario.modules()) as troubled:
        with psycopg.connect(troubled.settings.database_url.get_secret_value()) as connection:
            oracle.count_moments(connection)
        job_id = troubled.gateway.import_path(library)
        trouble = threading.Thread(target=scenario.disturb, args=(troubled, random.Random(seed)))
        trouble.start()
        try:
            troubled.finished(job_id, within=SETTLED_WITHIN)
        finally:
            trouble.join()
        troubled.finished(job_id, within=SETTLED_WITHIN)
        with psycopg.connect(troubled.settings.database_url.get_secret_value()) as connection:
            assert oracle.outcomes(connection, job_id) == undisturbed
            assert oracle.loose_ends(connection) == []
            unexpected = {letter for letter in oracle.dead_letters(connection) if letter[1] != "BadMedia"} - scenario.expects
            assert unexpected == set()
            if scenario.is_bloodless:
                assert oracle.moments_written(connection) == oracle.one(connection, "SELECT count(*) FROM moments")
        if scenario.fault == "die_before_ack":
            assert (tmp_path / "tally").stat().st_size == int(sabotage["SABOTEUR_LIMIT"])
