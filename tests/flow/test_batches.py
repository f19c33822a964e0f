"""An action on every file, through every service: killed on the way, and the object store agrees with the library after it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.local.services import GATEWAY, WORKERS
from shared.blobs import Blobs
from shared.platform import run_async
from tests.support.world import World, world

pytestmark = [pytest.mark.flow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Iterator[World]:
    """Every service, with the samples in the library and searchable."""
    with world(tmp_path_factory.mktemp("batches")) as running:
        running.finished(running.gateway.import_path(samples), within=200)
        yield running


def followed(running: World, job_id: str, *, until: Any, within: float = 200) -> dict[str, Any]:
    """The batch once it is as wanted; raises TimeoutError."""
    deadline, batch = time.monotonic() + within, dict[str, Any]()
    while time.monotonic() < deadline:
        try:
            batch = running.gateway.batch(job_id)
        except Exception as error:  # the gateway is among the victims
            batch = {"error": repr(error)}
        else:
            if until(batch):
                return batch
        time.sleep(0.1)
    raise TimeoutError(f"not as wanted after {within} s: {batch}; logs are in {running.logs}")


def test_every_proxy_is_made_anew_though_every_service_is_killed(imported: World) -> None:
    accepted = imported.gateway.begin_batch("proxy", {"filter": {}, "force": True})
    followed(imported, accepted["job_id"], until=lambda batch: batch["items"]["done"] >= 2)
    for name in (*WORKERS, GATEWAY):
        imported.supervisor.kill(name)
    batch = followed(imported, accepted["job_id"], until=lambda batch: batch["finished"])
    assert batch["items"] == {"pending": 0, "done": accepted["total_files"], "skipped": 0, "failed": 0}
    assert (batch["state"], batch["errors"], batch["eta_seconds"]) == ("done", [], 0.0)


def test_object_store_and_library_agree_and_what_is_lost_is_made_anew(imported: World) -> None:
    gateway, blobs = imported.gateway, Blobs(imported.settings)
    assert reconciled(imported, apply=False)["found"] == {}
    file = next(file for file in gateway.files_at("grotto_walkthrough") if file["kind"] == "video")
    key = next(key for key in keys(blobs, f"proxy/{file['id']}/") if key.endswith(".mp4"))
    run_async(blobs.delete([key]))
    told = reconciled(imported, apply=True)
    assert told["found"]["missing"]["examples"] == [file["path"]]
    batch = followed(imported, told["mending_job_id"], until=lambda batch: batch["finished"])
    assert batch["items"]["done"] == 1
    assert key in keys(blobs, f"proxy/{file['id']}/")
    assert reconciled(imported, apply=False)["found"] == {}


def reconciled(running: World, *, apply: bool) -> dict[str, Any]:
    """A comparison that has reported, and is carried out if that is wanted."""
    job_id = running.gateway.begin_reconciliation(apply=apply)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        told = running.gateway.reconciliation(job_id)
        if told["finished"] or told["state"] == "reported":
            return told
        time.sleep(0.1)
    raise TimeoutError(f"the comparison does not end; logs are in {running.logs}")


def keys(blobs: Blobs, prefix: str) -> list[str]:
    """What is stored there."""

    async def listed() -> list[str]:
        return [stored.key async for page in blobs.stored(prefix) for stored in page]

    found: list[str] = []

    async def collect() -> None:
        found.extend(await listed())

    run_async(collect())
    return found
