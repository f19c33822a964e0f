import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from services.ingest.inspection import looking as inspection
from services.ingest.inspection.fingerprint import fingerprint
from services.ingest.inspection.looking import CHANGING, EMPTY, UNKNOWN, inspect
from services.ingest.limits import Limits
from services.ingest.outcome import Candidate, Inspected, Outcome, Rejected
from services.ingest.reasons import FORBIDDEN, GONE, NO_FILE
from shared.contracts import Kind, StageState
from tests.support.media import run_ffmpeg, tiny_photo, tiny_video

LIMITS = Limits(video=1 << 30, image=1 << 20, audio=1 << 30)


def silent() -> None:
    """Hear no sign of life."""


def looked_at(path: Path | bytes, limits: Limits = LIMITS) -> Outcome:
    return inspect(Candidate(os.fsencode(path)), limits, silent)


def taken(path: Path | bytes) -> Inspected:
    outcome = looked_at(path)
    assert isinstance(outcome, Inspected), outcome
    return outcome


def rejected(path: Path | bytes, limits: Limits = LIMITS) -> tuple[StageState, str]:
    outcome = looked_at(path, limits)
    assert isinstance(outcome, Rejected), outcome
    return outcome.state, outcome.reason


def test_a_video_is_taken_with_its_size_time_and_fingerprint(tmp_path: Path) -> None:
    path = tiny_video(tmp_path / "a.mp4")
    found = taken(path)
    copy = tmp_path / "b.mp4"
    copy.write_bytes(path.read_bytes())
    assert (found.size, found.modified_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert found.fingerprint == taken(copy).fingerprint
    assert found.description.kind is Kind.VIDEO
    assert "notes" not in found.description.metadata


def test_a_wrong_name_is_noted_and_the_content_believed(tmp_path: Path) -> None:
    path = tiny_photo(tmp_path / "a.png").rename(tmp_path / "a.mp4")
    found = taken(path)
    assert found.description.kind is Kind.IMAGE
    assert found.description.metadata["notes"] == [
        "The name does not fit the content, which is PNG; Spillway goes by the content."
    ]


def test_an_mp3_behind_a_large_cover_is_recognised(tmp_path: Path) -> None:
    cover = tiny_photo(tmp_path / "cover.png", size=(900, 900))
    tone = ("-f", "lavfi", "-i", "sine=duration=1")
    run_ffmpeg(*tone, "-i", cover, "-map", "0", "-map", "1", "-disposition:v", "attached_pic", tmp_path / "a.mp3")
    found = taken(tmp_path / "a.mp3")
    assert found.description.kind is Kind.AUDIO
    assert found.description.metadata["format"] == "MP3"


def test_what_hides_behind_an_id3_tag_is_recognised(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", tmp_path / "plain.flac")
    tag = b"ID3\x04\0\0" + bytes([0, 0, 0x40, 0]) + bytes(0x40 << 7)
    (tmp_path / "a.flac").write_bytes(tag + (tmp_path / "plain.flac").read_bytes())
    assert taken(tmp_path / "a.flac").description.metadata["format"] == "FLAC"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take UTF-8 names only")
@pytest.mark.parametrize("make", [tiny_video, tiny_photo])
def test_a_name_that_is_no_utf_8_makes_no_difference(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / ("a.mp4" if make is tiny_video else "a.jpg"))
    raw = os.fsencode(tmp_path) + b"/caf\xe9:\xff" + os.fsencode(path.suffix)
    path.rename(os.fsdecode(raw))
    assert taken(raw).path_raw == raw


def test_an_empty_file_fails(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert rejected(tmp_path / "a.mp4") == (StageState.FAILED, EMPTY)


@pytest.mark.parametrize("content", [b"Hello, this is text.", b"%PDF-1.7 ...", b"\0" * 10_000, b"\xff"])
def test_what_is_no_media_is_skipped(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    assert rejected(tmp_path / "a.mp4") == (StageState.SKIPPED, UNKNOWN)


def test_a_damaged_file_fails(tmp_path: Path) -> None:
    content = tiny_video(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(content[: content.index(b"moov")])
    state, reason = rejected(tmp_path / "a.mp4")
    assert state is StageState.FAILED
    assert "damaged or incomplete" in reason


@pytest.mark.parametrize("name", ["a.mp4", "a.jpg", "a.wav"])
def test_a_file_that_is_too_large_fails(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.mp4":
        tiny_video(path)
    elif name == "a.jpg":
        tiny_photo(path)
    else:
        run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", path)
    state, reason = rejected(path, Limits(video=100, image=100, audio=100))
    assert state is StageState.FAILED
    assert "more than the 100 bytes allowed" in reason


def test_a_file_that_has_vanished_fails(tmp_path: Path) -> None:
    assert rejected(tmp_path / "a.mp4") == (StageState.FAILED, GONE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_a_pipe_that_took_a_files_place_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mp4")
    assert rejected(tmp_path / "a.mp4") == (StageState.SKIPPED, NO_FILE)


def test_a_folder_that_took_a_files_place_fails(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").mkdir()
    assert rejected(tmp_path / "a.mp4")[0] in {StageState.FAILED, StageState.SKIPPED}


def test_a_file_that_may_not_be_read_fails(tmp_path: Path) -> None:
    path = tiny_photo(tmp_path / "a.jpg")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert rejected(path) == (StageState.FAILED, FORBIDDEN)


def test_a_file_that_grows_while_it_is_read_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny_photo(tmp_path / "a.jpg")

    def meanwhile(file: io.BufferedReader, alive: Callable[[], None]) -> tuple[bytes, int]:
        with path.open("ab") as copying:
            copying.write(b"more")
        return fingerprint(file, alive)

    monkeypatch.setattr(inspection, "fingerprint", meanwhile)
    assert rejected(path) == (StageState.FAILED, CHANGING)
