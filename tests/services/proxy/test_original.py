"""Originals are used only as long as they are what was imported."""

import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from services.proxy.original import require_unchanged
from services.proxy.renditions import Source
from shared.contracts import Kind
from shared.errors import BadMedia

SENTENCE = "The file was moved or changed after it was imported; import its folder again."


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (path := tmp_path / "clip.mp4").write_bytes(b"content")
    status = path.stat()
    return Source(UUID(int=1), 1, Kind.VIDEO, path, status.st_size, status.st_mtime_ns, None)


def test_an_unchanged_original_is_fine(source: Source) -> None:
    require_unchanged(source)


def test_a_changed_one_is_not(source: Source) -> None:
    with pytest.raises(BadMedia, match=SENTENCE):
        require_unchanged(replace(source, size=8))
    os.utime(source.path, ns=(0, 0))
    with pytest.raises(BadMedia, match=SENTENCE):
        require_unchanged(source)


def test_one_that_is_gone_is_not(source: Source) -> None:
    source.path.unlink()
    with pytest.raises(BadMedia, match=SENTENCE):
        require_unchanged(source)
    with pytest.raises(BadMedia, match=SENTENCE):
        require_unchanged(replace(source, path=source.path / "below"))
