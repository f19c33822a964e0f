"""What chaos rounds share: a small library of media, and what becomes of it when nothing goes wrong."""

from pathlib import Path

import psycopg
import pytest

from tests.support import oracle
from tests.support.media import excerpt, tiny_photo, tiny_video
from tests.support.world import world


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Photos, silent, toneful and spoken clips, and files that fail in every way that is quick."""
    folder = tmp_path_factory.mktemp("library")
    for number in range(6):
        tiny_photo(folder / f"photo {number}.jpg", colour=f"#{number * 40:02x}80a0")
    for number in range(4):
        tiny_video(folder / f"clip {number}.mp4", sound=number % 2 == 0)
    spoken = next(path for path in sorted(samples.rglob("*.mp4")) if path.stat().st_size > 0)
    for number in range(3):
        excerpt(spoken, folder / f"speech {number}.wav", start=3.0 * number, seconds=6.0)
    (folder / "empty.mp4").touch()
    (folder / "notes.txt").write_text("not media")
    whole = tiny_video(folder / "whole.mp4").read_bytes()
    (folder / "whole.mp4").unlink()
    (folder / "truncated.mp4").write_bytes(whole[: len(whole) // 2])
    photo = tiny_photo(folder / "torn.png", size=(400, 300))
    photo.write_bytes(photo.read_bytes()[:600])
    return folder


@pytest.fixture(scope="session")
def undisturbed(library: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What becomes of each file of the library when nothing goes wrong."""
    with world(tmp_path_factory.mktemp("undisturbed")) as calm:
        job_id = calm.gateway.import_path(library)
        calm.finished(job_id, within=120)
        with psycopg.connect(calm.settings.database_url.get_secret_value()) as connection:
            assert oracle.loose_ends(connection) == []
            return dict(oracle.outcomes(connection, job_id))
