"""What an image worker takes while it works on images of usual sizes, one after the other."""

import sys
from pathlib import Path

import pytest

from tests.bench.image_process import Request, image_process
from tests.support.pictures import gradient

MOST = 80.0
"""MiB beyond what a worker has when idle."""


@pytest.mark.skipif(sys.platform != "linux", reason="measured on Linux only")
def test_a_worker_stays_small(tmp_path: Path) -> None:
    image = gradient(4000, 3000)
    image.save(tmp_path / "photo.jpg")
    image.save(tmp_path / "slow.jpg", progressive=True)
    image.save(tmp_path / "photo.png", compress_level=1)
    with image_process("Spillway", core=0) as process:
        for name in ("photo.jpg", "slow.jpg", "photo.png", "photo.jpg"):
            assert process.ask(Request(str(tmp_path / name), str(tmp_path), 3))["peak"] < MOST
