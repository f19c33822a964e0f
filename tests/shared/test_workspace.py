"""Temporary folders come and go, also those of processes that were killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from shared.workspace import PREFIX, sweep, workspace


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_folder_is_gone_after_its_block_and_after_a_failure() -> None:
    with workspace() as folder:
        (folder / "file").write_text("x")
    assert not folder.exists()
    with pytest.raises(ValueError, match="on purpose"), workspace() as folder:
        raise ValueError("on purpose")
    assert not folder.exists()


def test_a_sweep_removes_what_the_dead_left_and_nothing_else(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f"{PREFIX}{gone.pid}-abc"
    left.mkdir()
    (left / "proxy.mp4").write_text("x")
    strange = tmp_path / f"{PREFIX}strange"
    strange.mkdir()
    with workspace() as mine:
        sweep()
        assert mine.exists()
        assert mine.name.startswith(f"{PREFIX}{os.getpid()}-")
    assert not left.exists()
    assert strange.exists()
