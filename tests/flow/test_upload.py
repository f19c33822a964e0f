"""Files that are sent come into the library by the same chain as files of a folder, or are refused in words."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.demo.command import TINY_MODEL
from tests.support.commands import environment, spillway
from tests.support.media import excerpt, tiny_photo, tiny_video

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    folder = tmp_path_factory.mktemp("card")
    (folder / "DCIM").mkdir()
    tiny_video(folder / "falls.mp4")
    tiny_video(folder / "DCIM" / "falls.mp4", seconds=2.0)
    tiny_photo(folder / "DCIM" / "pool.jpg")
    excerpt(samples / "Marketing/Podcast/episode_07.m4a", folder / "speech.wav", start=0.0, seconds=3.0)
    (folder / "twin.mp4").write_bytes((folder / "falls.mp4").read_bytes())
    (folder / "notes.mp4").write_text("This is not a video.")
    (folder / "empty.mov").touch()
    if sys.platform == "linux":
        tiny_photo(folder / "plain.jpg", colour="red").rename(os.fsdecode(bytes(folder) + b"/caf\xe9.jpg"))
    return folder


@pytest.fixture(scope="module")
def uploaded(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> "subprocess.CompletedProcess[str]":
    env = environment(tmp_path_factory.mktemp("upload"), **TINY_MODEL)
    return spillway("upload", str(folder), "--json", env=env)


@pytest.fixture(scope="module")
def results(uploaded: "subprocess.CompletedProcess[str]", folder: Path) -> dict[str, dict[str, Any]]:
    """What became of each file, by its path in the folder."""
    uploads = json.loads(uploaded.stdout)["uploads"]
    return {upload["path"].removeprefix(f"{folder}/"): upload for upload in uploads}


def test_every_good_file_becomes_searchable(results: dict[str, dict[str, Any]]) -> None:
    stored = {name: result["file"] for name, result in results.items() if result.get("state") == "stored"}
    good = {"falls.mp4", "DCIM/falls.mp4", "DCIM/pool.jpg", "speech.wav"} | ({"caf\ufffd.jpg"} & {*results})
    assert good <= {*stored, "falls.mp4"}
    assert {file["stages"]["embed"] for file in stored.values()} == {"done"}
    assert {file["stages"]["proxy"] for file in stored.values()} == {"done"}
    assert stored["speech.wav"]["stages"]["transcribe"] == "done"
    assert {file["path"] for name, file in stored.items() if name.endswith("falls.mp4")} <= {
        "uploads/falls.mp4",
        "uploads/falls (2).mp4",
    }


def test_the_same_content_is_kept_once(results: dict[str, dict[str, Any]]) -> None:
    states = {results[name]["state"]: results[name] for name in ("falls.mp4", "twin.mp4")}
    assert set(states) == {"stored", "duplicate"}
    assert states["duplicate"]["file"]["file_id"] == states["stored"]["file"]["file_id"]
    assert "already" in states["duplicate"]["note"]


def test_what_is_refused_is_refused_in_words(
    results: dict[str, dict[str, Any]], uploaded: "subprocess.CompletedProcess[str]"
) -> None:
    assert "Not a video, photo or sound file" in results["notes.mp4"]["error"]
    assert "empty (0 bytes)" in results["empty.mov"]["error"]
    assert [name for name, result in results.items() if result["error"]] == ["empty.mov", "notes.mp4"]
    assert uploaded.returncode == 1
