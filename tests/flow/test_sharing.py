"""A span shared with a guest, through every service: cut though its worker is killed, played, withdrawn and removed."""

import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from shared.blobs import Blobs
from shared.clips import PREFIX
from shared.platform import run_async
from tests.support.world import World, world

pytestmark = [pytest.mark.flow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Every service; clips that nobody shares are looked for each second."""
    with world(tmp_path_factory.mktemp("sharing"), environment={"SPILLWAY_PROXY_CLIP_CLEANING_INTERVAL": "1"}) as running:
        yield running


def awaited(look: Callable[[], Any], *, within: float = 120.0) -> Any:
    """What a look brings once it brings anything; raises TimeoutError."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise TimeoutError(f"nothing after {within} s")


def test_a_guest_gets_the_span_and_nothing_when_it_is_withdrawn(running: World, samples: Path) -> None:
    gateway = running.gateway
    gateway.import_path(next(samples.rglob("grotto_walkthrough.mp4")))

    def proxied() -> Any:
        return next((file for file in gateway.files_at("grotto_walkthrough") if file["stages"]["proxy"] == "done"), None)

    file = awaited(proxied)
    share = gateway.post("/api/shares", {"file_id": file["id"], "starts": 2.0, "ends": 5.0, "label": "The grotto"})
    running.supervisor.kill("proxy")
    token = share["link"].partition("#")[2]

    def shown() -> Any:
        answer = httpx.get(f"{gateway.address}/api/shared", headers={"Authorization": f"Share {token}"}, trust_env=False).json()
        assert answer["state"] in {"preparing", "ready"}
        return answer["medium"]

    medium = awaited(shown)
    clip = httpx.get(medium["url"], trust_env=False).content
    with av.open(BytesIO(clip), "r") as container:
        assert len([*container.decode(video=0)]) == 3 * 15
    assert gateway.get("/api/shares")["shares"][0]["uses"] == 1
    assert stored(running) == 1
    gateway.delete(f"/api/shares/{share['id']}")
    refused = httpx.get(f"{gateway.address}/api/shared", headers={"Authorization": f"Share {token}"}, trust_env=False)
    assert refused.status_code == 410
    awaited(lambda: stored(running) == 0)
    assert httpx.get(medium["url"], trust_env=False).status_code == 404


def stored(running: World) -> int:
    """How many clips there are."""

    async def counted() -> int:
        return sum([len(page) async for page in Blobs(running.settings).stored(PREFIX)])

    return run_async(counted())
