"""The service is put together as the topology says, and says what is wrong with its settings."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nats.js import JetStreamContext

from services.transcribe.app import build, subscriptions
from services.transcribe.handlers import Resources
from shared.blobs import Blobs
from shared.contracts import Priority, Stage
from shared.database import Database
from shared.errors import Invalid
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.delivering import publish, settled, working
from tests.support.library import count, stage_of
from tests.support.sounding import asked_again, proxied
from tests.support.speech import TWO_SENTENCES

pytestmark = pytest.mark.connected


def test_every_event_of_both_consumers_has_a_handler(resources: Resources) -> None:
    bulk, express = subscriptions(resources, workers=3)
    assert (bulk.consumer.durable, bulk.workers) == ("transcribe", 3)
    assert (express.consumer.durable, express.workers) == ("transcribe-express", 1)
    assert build(resources.platform)


def test_an_engine_that_is_not_there_stops_the_start(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_TRANSCRIBE_DIARIZER", "no.such:engine")
    with pytest.raises(Invalid, match="SPILLWAY_TRANSCRIBE_DIARIZER"):
        build(platform)


async def test_what_somebody_waits_for_has_a_worker_of_its_own(
    resources: Resources,
    settings: PlatformSettings,
    database: Database,
    stream: JetStreamContext,
    blobs: Blobs,
    tmp_path: Path,
) -> None:
    _, express = subscriptions(resources, workers=1)
    other = Path(shutil.copy(TWO_SENTENCES, tmp_path))
    bulk = await asked_again(database, await proxied(database, blobs))
    interactive = await asked_again(database, await proxied(database, blobs, audio=other), Priority.INTERACTIVE)
    async with working(settings, database, stream, express):
        await publish(stream, bulk, interactive)
        await settled(stream, "transcribe-express")
    assert (await stage_of(database, interactive.file_id, Stage.TRANSCRIBE)).state == "done"
    assert (await stage_of(database, bulk.file_id, Stage.TRANSCRIBE)).state == "pending"
    assert await count(database, "transcripts") == 1


def test_idle_threads_of_the_model_sleep() -> None:
    program = "import os, services.transcribe.__main__; print(os.environ['OMP_WAIT_POLICY'])"
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "PASSIVE"
