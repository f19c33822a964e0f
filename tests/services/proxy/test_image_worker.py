"""Images in processes of their own: nothing they do reaches the service."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from services.proxy import image_worker
from services.proxy.image_worker import DecoderDied, ImageWorkshop
from services.proxy.images import ImageJob, ImageResult
from services.proxy.settings import ProxySettings
from shared.errors import BadMedia, Transient
from shared.media_faults import TookTooLong
from shared.platform import is_alive, kill
from tests.support.media import tiny_photo
from tests.support.waiting import until

SETTINGS = ProxySettings(workers=1, image_time_limit=30.0)


@pytest.fixture
def workshop() -> Iterator[ImageWorkshop]:
    workshop = ImageWorkshop(SETTINGS)
    yield workshop
    workshop.close()


def job_of(tmp_path: Path) -> ImageJob:
    return ImageJob(tiny_photo(tmp_path / "photo.jpg"), tmp_path / "nova.jpg", tmp_path / "thumbnail.jpg", 10**8)


def hang(job: ImageJob) -> ImageResult:
    job.image.write_text(str(os.getpid()))
    time.sleep(60)
    raise AssertionError


def die(job: ImageJob) -> ImageResult:
    os._exit(3)


def tell(job: ImageJob) -> ImageResult:
    job.image.write_text(str(os.getpid()))
    raise BadMedia("told")


def devour(job: ImageJob) -> ImageResult:
    raise BadMedia(f"got {len(bytes(1 << 30))} bytes")


async def test_an_image_is_rendered_elsewhere(workshop: ImageWorkshop, tmp_path: Path) -> None:
    result = await workshop.render(job_of(tmp_path))
    assert (result.image.width, result.image.height) == (160, 120)
    assert (tmp_path / "nova.jpg").exists()


async def test_what_the_image_is_refused_for_comes_back(workshop: ImageWorkshop, tmp_path: Path) -> None:
    job = job_of(tmp_path)
    job.source.write_bytes(b"no image")
    with pytest.raises(BadMedia, match="This is no image that can be read here"):
        await workshop.render(job)


async def test_a_worker_that_dies_is_replaced(workshop: ImageWorkshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(image_worker, "render", die)
        with pytest.raises(DecoderDied) as died:
            await workshop.render(job_of(tmp_path))
    assert isinstance(died.value, Transient)
    assert (await workshop.render(job_of(tmp_path))).reason is None


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
async def test_a_worker_that_is_killed_while_idle_is_replaced(
    workshop: ImageWorkshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(image_worker, "render", tell)
        with pytest.raises(BadMedia):
            await workshop.render(job)
    pid = int(job.image.read_text())
    kill(pid)
    await until(lambda: not is_alive(pid))
    with suppress(DecoderDied):  # unless its death has been noticed already
        await workshop.render(job)
    assert (await workshop.render(job)).reason is None


async def test_a_worker_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_worker, "render", hang)
    workshop = ImageWorkshop(SETTINGS.model_copy(update={"image_time_limit": 2.0}))
    job = job_of(tmp_path)
    with pytest.raises(TookTooLong):
        await workshop.render(job)
    pid = int(job.image.read_text())
    await until(lambda: not is_alive(pid))
    workshop.close()


async def test_a_cancelled_image_stops_its_worker(
    workshop: ImageWorkshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_worker, "render", hang)
    job = job_of(tmp_path)
    task = asyncio.create_task(workshop.render(job))
    pid = await worker_of(job)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not is_alive(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
async def test_memory_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_worker, "render", devour)
    for mebibytes, error in ((8192, BadMedia), (768, MemoryError)):
        workshop = ImageWorkshop(SETTINGS.model_copy(update={"image_memory_limit": mebibytes}))
        with pytest.raises(error):
            await workshop.render(job_of(tmp_path))
        workshop.close()


PARENT = """
import asyncio, os, sys, time
from pathlib import Path
from services.proxy import image_worker
from services.proxy.images import ImageJob


def hang(job):
    job.image.write_text(str(os.getpid()))
    time.sleep(60)

async def main():
    folder = Path(sys.argv[1])
    workshop = image_worker.ImageWorkshop(image_worker.ProxySettings(workers=1))
    image_worker.render = hang
    await workshop.render(ImageJob(folder / "a", folder / "nova.jpg", folder / "t", 1))

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_no_worker_outlives_a_service_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    parent = subprocess.Popen([sys.executable, tmp_path / "parent.py", tmp_path], env=environment)
    told = tmp_path / "nova.jpg"
    assert eventually(lambda: told.exists() and bool(told.read_text()))
    pid = int(told.read_text())
    assert is_alive(pid)
    kill(parent.pid)
    assert parent.wait(10) == -signal.SIGKILL
    assert eventually(lambda: not is_alive(pid))


async def worker_of(job: ImageJob) -> int:
    await until(lambda: job.image.exists() and bool(job.image.read_text()), within=20)
    return int(job.image.read_text())


def eventually(condition: Callable[[], bool], within: float = 20.0) -> bool:
    deadline = time.monotonic() + within
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()
