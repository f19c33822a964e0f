"""The nova service, killed while it waits for an answer: what was paid for stays, and what was under way is counted."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from nats.js import JetStreamContext

from shared.contracts import Stage
from tests.support.bedrock import Fault, Trouble
from tests.support.delivering import publish
from tests.support.library import stage_of
from tests.support.processes import service
from tests.support.studio import Studio
from tests.support.waiting import until_so

pytestmark = [pytest.mark.connected, pytest.mark.timeout(400)]

ENVIRONMENT = {
    "SPILLWAY_ANALYST": "bedrock",
    "SPILLWAY_NOVA_MODEL": "lite",
    "SPILLWAY_BEDROCK_CONCURRENCY": "1",
    "SPILLWAY_ACK_WAIT": "2",
}


async def test_only_the_call_that_was_under_way_is_paid_twice_and_it_is_counted(
    studio: Studio, stack_environment: dict[str, str], stream: JetStreamContext, tmp_path: Path
) -> None:
    film = await studio.video(2400.0, "We built a grotto.")
    slow = Fault(Trouble.SLOW)
    studio.bedrock.script(Fault(Trouble.SLOW, seconds=0.0), slow)

    async def settled() -> bool:
        return (await stage_of(studio.platform.database, film.id, Stage.ANALYSE)).state != "pending"

    with service("nova", {**stack_environment, **ENVIRONMENT}, tmp_path / "killed.log"):
        await publish(stream, film.transcribed)
        assert await asyncio.to_thread(slow.gate.reached, 60.0), (tmp_path / "killed.log").read_text()
    slow.gate.open()
    with service("nova", {**stack_environment, **ENVIRONMENT}, tmp_path / "successor.log"):
        await until_so(settled, within=200.0)

    assert (await stage_of(studio.platform.database, film.id, Stage.ANALYSE)).state == "done"
    ledger = await studio.ledger()
    assert Counter(row["state"] for row in ledger) == {"answered": 4, "lost": 1}
    [lost] = [row for row in ledger if row["state"] == "lost"]
    assert lost["usd"] == lost["usd_reserved"] > 0
    paid = Counter(row["question"] for row in ledger)
    assert [question for question, times in paid.items() if times > 1] == [lost["question"]]
    assert len(studio.bedrock.billed) == 5
    [run] = await studio.runs(film)
    assert (run["state"], run["chunks_done"], run["chunks"]) == ("done", 3, 3)
