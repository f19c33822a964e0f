"""A folder that was imported is moved and looked for: the same files, and nothing is made again."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.commands import answer_of, spillway
from tests.support.media import run_ffmpeg, tiny_photo, tiny_video
from tests.support.world import World, world

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]

MADE = """
    SELECT 'rendition', file_id::text || name, created_at::text FROM renditions
    UNION ALL SELECT 'transcript', id::text, created_at::text FROM transcripts
    UNION ALL SELECT 'analysis', id::text, created_at::text FROM analyses
    UNION ALL SELECT 'event', id::text, created_at::text FROM outbox
        WHERE subject IN ('file.ingested', 'proxy.ready', 'transcript.ready', 'transcript.skipped', 'nova.completed')
    ORDER BY 1, 2
"""


class Home:
    """A running installation, the command line beside it, and its database."""

    def __init__(self, running: World, folder: Path) -> None:
        self._env = running.environment(folder / "client")
        self._database = running.settings.database_url.get_secret_value()
        self.gateway = running.gateway

    def say(self, *words: str) -> Any:
        return answer_of(spillway(*words, "--wait", "--json", env=self._env))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._database) as connection:
            return connection.execute(query.encode()).fetchall()

    def paths(self) -> dict[str, str]:
        """Where each file is, by its id; those that are missing are in brackets."""
        rows = self.ask("SELECT id::text, CASE WHEN missing_since IS NULL THEN path ELSE '(' || path || ')' END FROM files")
        return dict(rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("home")
    with world(folder) as running:
        yield Home(running, folder)


def test_a_moved_folder_keeps_its_files_and_all_that_was_made_of_them(home: Home, tmp_path: Path) -> None:
    first = tmp_path / "first"
    (first / "deep").mkdir(parents=True)
    tiny_photo(first / "pool.jpg")
    tiny_video(first / "deep" / "falls.mp4")
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", first / "deep" / "tone.wav")
    home.say("ingest", str(first))
    before, made = home.paths(), home.ask(MADE)
    assert len(before) == 3
    assert {row[0] for row in made} >= {"rendition", "analysis", "event"}

    def is_at(place: Path) -> None:
        assert home.paths() == {file: path.replace(str(first), str(place)) for file, path in before.items()}
        assert home.ask(MADE) == made

    wedding = tmp_path / "Aniversario Kowalczyk"
    shutil.move(first, wedding)
    found = home.say("rescan", str(wedding))
    assert (found["state"], found["counts"]["moved"], found["counts"]["new"]) == ("done", 3, 0)
    is_at(wedding)
    found = home.gateway.search("Kowalczyk", limit=10)
    assert {moment["file_id"] for moment in found["moments"]} == set(before), "the new name is searchable"

    parent = tmp_path / "archive" / "2025"
    parent.mkdir(parents=True)
    shutil.move(wedding, parent / "wedding")
    assert home.say("rescan", str(tmp_path))["counts"]["moved"] == 3
    is_at(parent / "wedding")

    shutil.move(parent / "wedding", first)
    lost = home.say("rescan", str(parent / "wedding"))
    assert lost["counts"]["missing"] == 3
    assert home.paths() == {file: f"({path.replace(str(first), str(parent / 'wedding'))})" for file, path in before.items()}
    assert home.gateway.search("pool", limit=5)["moments"], "what is missing is still found"
    assert home.say("rescan", str(first))["counts"]["returned"] == 3
    is_at(first)

    shutil.move(first, wedding)
    imported = home.say("ingest", str(wedding))
    assert imported["counts"]["moved"] == 3
    is_at(wedding)
    again = home.say("rescan")
    assert (again["counts"]["unchanged"], again["items"]) == (3, [])
