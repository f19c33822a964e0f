"""`up` runs everything; other commands use it; bad files are listed with reasons; Ctrl-C leaves nothing running."""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from cli.demo.command import TINY_MODEL
from cli.local.ports import free_ports
from tests.support.commands import answer_of, environment, spillway, start
from tests.support.media import excerpt, run_ffmpeg, tiny_photo, tiny_video

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]

READY_WITHIN = 90.0


class Up:
    """A running `up`, with what it says."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.process = start("up", env=env)
        self.said: list[str] = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_ready(self) -> None:
        """Return once it has said that it is ready, and how to sign in."""
        assert self._ready.wait(READY_WITHIN), "".join(self.said)
        assert any("ready at" in line for line in self.said), "".join(self.said)

    def end(self) -> None:
        """Kill it, if it still runs."""
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as words:
            for line in words:
                if not self._ready.is_set():
                    self.said.append(line)
                if line.startswith("spillway sign in"):
                    self._ready.set()
        self._ready.set()


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    port = str(free_ports(1)[0])
    running = Up(environment(tmp_path_factory.mktemp("up"), SPILLWAY_PORT=port, **TINY_MODEL))
    try:
        running.wait_ready()
        yield running
    finally:
        running.end()


@pytest.fixture(scope="module")
def bad_folder(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Every way in which a file can be bad, and three good ones."""
    folder = tmp_path_factory.mktemp("bad")
    tiny_photo(folder / "good.jpg")
    tiny_video(folder / "silent.mp4", sound=False)
    excerpt(samples / "Marketing/Podcast/episode_07.m4a", folder / "speech.wav", start=0.0, seconds=3.0)
    whole = tiny_video(folder / "whole.mp4", seconds=2.0).read_bytes()
    (folder / "empty.mov").touch()
    (folder / "no_index.mp4").write_bytes(whole[: whole.index(b"moov")])
    (folder / "noise.mp4").write_bytes(whole[:32] + os.urandom(4000))
    (folder / "whole.mp4").rename(folder / "really_a_video.jpg")
    (folder / "words.mp4").write_text("This is not a video.")
    (folder / "notes.txt").write_text("notes")
    torn = tiny_photo(folder / "torn.png", size=(400, 300))
    torn.write_bytes(torn.read_bytes()[:500])
    cover = tiny_photo(folder / ".cover.jpg")
    tone = ["-f", "lavfi", "-i", "sine=frequency=200:duration=1", "-i", str(cover)]
    run_ffmpeg(*tone, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic", folder / "cover_art.mp3")
    run_ffmpeg(
        "-f", "lavfi", "-i", "testsrc=size=64x48:duration=1", "-c:v", "libvpx", "-live", "1", folder / "no_duration.webm"
    )
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "nowhere.mp4").symlink_to(folder / "gone.mp4")
    if sys.platform == "linux":
        tiny_photo(folder / "plain.jpg", colour="red").rename(os.fsdecode(bytes(folder) + b"/caf\xe9.jpg"))
    return folder


@pytest.fixture(scope="module")
def imported(up: Up, bad_folder: Path) -> dict[str, Any]:
    """What became of each file of the bad folder, by name."""
    answer = answer_of(spillway("ingest", str(bad_folder), "--wait", "--json", env=up.env))
    return {file["path"].rpartition("/")[2]: file for file in answer["files"]}


def credentials(up: Up) -> Path:
    return Path(up.env["SPILLWAY_DATA"]) / "credentials.json"


NOT_UTF_8 = "caf\ufffd.jpg"
SEARCHABLE = {"good.jpg", "silent.mp4", "speech.wav", "really_a_video.jpg", "cover_art.mp3", "no_duration.webm", NOT_UTF_8}


def test_good_files_are_searchable_whatever_lies_beside_them(imported: dict[str, Any]) -> None:
    expected = SEARCHABLE if sys.platform == "linux" else SEARCHABLE - {NOT_UTF_8}
    assert {name for name, file in imported.items() if file["stages"]["embed"] == "done"} - {"torn.png"} == expected
    assert imported["really_a_video.jpg"]["kind"] == "video"
    assert imported["cover_art.mp3"]["kind"] == "audio"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty.mov", "empty (0 bytes)"),
        ("no_index.mp4", "damaged or incomplete"),
        ("noise.mp4", "damaged"),
        ("words.mp4", "Not a video, photo or sound file"),
        ("notes.txt", "Not a video, photo or sound file"),
        ("nowhere.mp4", "link leads to a file that is not there"),
    ],
)
def test_bad_files_are_listed_with_a_reason(imported: dict[str, Any], name: str, words: str) -> None:
    assert words in imported[name]["error"]
    assert imported[name]["file_id"] is None


def test_a_silent_video_says_why_it_has_no_transcript(imported: dict[str, Any]) -> None:
    assert imported["silent.mp4"]["stages"]["transcribe"] == "skipped"
    assert "no audio track" in imported["silent.mp4"]["reasons"]["transcribe"]


def test_each_file_is_listed_once_despite_a_link_to_its_folder(imported: dict[str, Any], up: Up, bad_folder: Path) -> None:
    again = answer_of(spillway("ingest", str(bad_folder), "--wait", "--json", env=up.env))
    assert len(again["files"]) == len(imported)


def test_a_search_finds_what_was_said_and_where(imported: dict[str, Any], up: Up) -> None:
    answer = answer_of(spillway("search", "welcome from the podcast studio", "--json", env=up.env))
    best = answer["moments"][0]
    assert best["path"].endswith("speech.wav")
    assert best["start"] < 1.0
    assert {"q", "took_ms", "moments"} <= set(answer)
    assert {"file_id", "path", "kind", "start", "end", "field", "score", "snippet"} <= set(best)


def test_a_second_up_on_the_same_data_says_so_and_ends(up: Up) -> None:
    second = spillway("up", env=up.env)
    assert second.returncode == 1
    assert f"process {up.process.pid}" in second.stderr


def test_the_first_sign_in_is_in_a_file_for_its_owner_alone(up: Up) -> None:
    path = credentials(up)
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    first = json.loads(path.read_text())
    assert first["name"] == "admin"
    with httpx.Client(base_url=f"http://127.0.0.1:{up.env['SPILLWAY_PORT']}", trust_env=False) as browser:
        assert browser.get("/api/session").status_code == 401
        assert browser.post("/api/session", json={key: first[key] for key in ("name", "password")}).is_success
        assert browser.get("/api/session").json()["person"]["name"] == "admin"
    assert answer_of(spillway("whoami", "--json", env=up.env))["key_from"] == str(path)


def test_it_says_where_the_password_is_and_not_what_it_is(up: Up) -> None:
    assert up.said[-1] == f"spillway sign in on the page as admin; the password is in {credentials(up)}\n"
    assert json.loads(credentials(up).read_text())["password"] not in "".join(up.said)


def test_who_has_lost_the_key_gets_back_in(up: Up) -> None:
    before = json.loads(credentials(up).read_text())
    assert spillway("people", "recover", "nobody", env=up.env).returncode == 1
    assert json.loads(credentials(up).read_text()) == before
    ran = spillway("people", "recover", "admin", env=up.env)
    assert ran.returncode == 0, ran.stderr
    after = json.loads(credentials(up).read_text())
    assert after["password"] not in ran.stdout + ran.stderr
    assert answer_of(spillway("whoami", "--json", env=up.env))["person"]["name"] == "admin"
    old = {**up.env, "SPILLWAY_API_KEY": before["api_key"]}
    asked = (spillway("whoami", env=old).returncode for _ in range(20))  # the gateway remembers callers for two seconds
    assert 1 in asked


def test_ctrl_c_stops_everything(up: Up) -> None:
    """Last, since it ends what the others use."""
    children = psutil.Process(up.process.pid).children(recursive=True)
    assert len(children) >= 8
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(timeout=60) == 130
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert not (Path(up.env["SPILLWAY_DATA"]) / "run.json").exists()


def test_who_has_lost_the_key_gets_back_in_also_when_nothing_runs(up: Up) -> None:
    """After the end of the others' `up`."""
    before = json.loads(credentials(up).read_text())
    credentials(up).write_text("{")
    ran = spillway("people", "recover", env=up.env)
    assert ran.returncode == 0, ran.stderr
    after = json.loads(credentials(up).read_text())
    assert set(after) == set(before)
    assert after["api_key"] != before["api_key"]
    assert not (Path(up.env["SPILLWAY_DATA"]) / "run.json").exists()
