"""ffmpeg run for real: its arguments, progress, limits, failures, and that none of it is left behind."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared import media
from shared.media import Limits, run
from shared.media_faults import DiskFull, Killed, MediaFailed, Stalled, TookTooLong, TooLarge
from shared.media_graph import arguments, lasting, open_source, output
from shared.media_progress import Progress
from shared.platform import is_alive, kill, start_group
from tests.support.media import run_ffmpeg, tiny_video
from tests.support.waiting import until

ENDLESS = ["-re", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=15", "-f", "null", "-"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Process ids of every ffmpeg that is started."""
    start, pids = start_group, list[int]()

    def noted(*positional: Any, **options: Any) -> "subprocess.Popen[bytes]":
        process = start(*positional, **options)
        pids.append(process.pid)
        return process

    monkeypatch.setattr(media, "start_group", noted)
    yield pids
    for pid in pids:
        assert not is_alive(pid)


def copied(source: Path, name: str = "copy.mkv") -> list[str]:
    stream = open_source()
    return arguments(source, output(stream["V:0"], name, c="copy"))


async def test_a_run_makes_its_outputs_in_the_folder(tmp_path: Path, started: list[int]) -> None:
    source = tiny_video(tmp_path / "clip.mp4")
    (folder := tmp_path / "work").mkdir()
    seen = list[Progress]()
    await run(copied(source), folder, duration=1.0, on_progress=seen.append)
    assert (folder / "copy.mkv").stat().st_size > 0
    assert seen[-1].seconds == pytest.approx(1.0, abs=0.1)
    assert seen[-1].fraction == pytest.approx(1.0, abs=0.1)
    assert len(started) == 1


@pytest.mark.parametrize("name", [b"-i.mp4", b"caf\xe9 \xff.mp4", b"a:b'c\"[d],e%d.mp4", b"new\nline.mp4"])
async def test_any_name_will_do(tmp_path: Path, name: bytes) -> None:
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    tiny_video(tmp_path / "plain.mp4").rename(source)
    await run(copied(source), tmp_path)
    assert (tmp_path / "copy.mkv").stat().st_size > 0


async def test_a_relative_source_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_video(tmp_path / "clip.mp4")
    (folder := tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)
    await run(copied(Path("clip.mp4")), folder)
    assert (folder / "copy.mkv").exists()


async def test_a_bad_file_fails_with_a_sentence_and_the_log(tmp_path: Path) -> None:
    whole = tiny_video(tmp_path / "whole.mp4").read_bytes()
    (source := tmp_path / "cut off.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaFailed, match="its index is missing") as failed:
        await run(copied(source), tmp_path)
    assert "moov atom not found" in failed.value.log


@pytest.mark.parametrize(
    "content",
    ["ffconcat version 1.0\nfile whole.mp4\n", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nwhole.mp4\n#EXT-X-ENDLIST\n"],
)
async def test_a_list_cannot_make_ffmpeg_read_other_files(tmp_path: Path, content: str) -> None:
    tiny_video(tmp_path / "whole.mp4")
    (source := tmp_path / "list.mp4").write_text(content)
    with pytest.raises(MediaFailed):
        await run(copied(source), tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
async def test_a_full_disk_is_not_the_files_fault(tmp_path: Path) -> None:
    source = tiny_video(tmp_path / "clip.mp4")
    full = arguments(source, output(open_source()["V:0"], "/dev/full", c="copy", f="matroska"))
    with pytest.raises(DiskFull):
        await run(full, tmp_path)


async def test_a_run_that_takes_too_long_is_ended(tmp_path: Path, started: list[int]) -> None:
    with pytest.raises(TookTooLong):
        await run(ENDLESS, tmp_path, limits=Limits(seconds=0.3))
    assert len(started) == 1


async def test_a_cancelled_run_leaves_no_process(tmp_path: Path, started: list[int]) -> None:
    seen = list[Progress]()
    task = asyncio.create_task(run(ENDLESS, tmp_path, on_progress=seen.append))
    await until(lambda: bool(seen))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_alive(started[0])


async def test_a_run_that_something_else_kills_is_to_be_tried_again(tmp_path: Path, started: list[int]) -> None:
    seen = list[Progress]()
    task = asyncio.create_task(run(ENDLESS, tmp_path, on_progress=seen.append))
    await until(lambda: bool(seen))
    kill(started[0])
    with pytest.raises(Killed):
        await task


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
async def test_memory_is_limited(tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "color=size=4096x2304:rate=1:duration=1", "-c:v", "libx264", "-preset", "ultrafast"]
    hungry = [*picture, "-f", "null", "-"]
    await run(hungry, tmp_path)
    with pytest.raises(MediaFailed, match="needs more memory"):
        await run(hungry, tmp_path, limits=Limits(memory=300 << 20))


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is POSIX")
async def test_a_run_gives_way_to_others(tmp_path: Path, started: list[int]) -> None:
    seen = list[int]()
    task = asyncio.create_task(
        run(ENDLESS, tmp_path, on_progress=lambda _: seen.append(os.getpriority(os.PRIO_PROCESS, started[0])))
    )
    await until(lambda: bool(seen))
    task.cancel()
    await asyncio.wait([task])
    assert seen[0] == 10


async def test_a_talkative_run_is_remembered_by_its_end_only(tmp_path: Path) -> None:
    talkative = ["-loglevel", "debug", "-f", "lavfi", "-i", "testsrc2=duration=1", "-f", "null", "-"]
    log = (await run(talkative, tmp_path)).log
    assert len(log.splitlines()) <= media.LOG_LINES
    assert len(log) <= media.LOG_LINES * (media.LOG_LINE + 1)


async def test_all_that_a_run_says_can_be_had(tmp_path: Path) -> None:
    source = tiny_video(tmp_path / "clip.mp4")
    assert (await run(copied(source), tmp_path)).log == ""
    told = (await run(copied(source), tmp_path, account=True)).log
    assert "\n  Stream #0:0" in told
    assert "[info]" not in told


async def test_a_run_says_how_much_came_out(tmp_path: Path) -> None:
    ran = await run(copied(tiny_video(tmp_path / "clip.mp4", seconds=2.0)), tmp_path)
    assert ran.seconds == pytest.approx(2.0, abs=0.1)


async def test_a_run_keeps_errors_only_and_hears_of_sound_that_changes(tmp_path: Path) -> None:
    for number, channels in enumerate(("2", "6")):
        tone = ["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "ac3", "-ac", channels, "-output_ts_offset", str(number)]
        run_ffmpeg(*tone, tmp_path / f"{number}.ts")
    (tmp_path / "both.ts").write_bytes((tmp_path / "0.ts").read_bytes() + (tmp_path / "1.ts").read_bytes())
    for name, changed in (("0.ts", False), ("both.ts", True)):
        sound = open_source()["a:0"].filter("aresample", 8000)
        ran = await run(arguments(tmp_path / name, output(sound, "a.wav")), tmp_path)
        assert ran.sound_changed is changed
        assert "Stream" not in ran.log


async def test_a_run_that_writes_too_much_is_ended(tmp_path: Path, started: list[int]) -> None:
    endless = ["-f", "lavfi", "-i", "testsrc2=size=640x480:rate=30", "-c:v", "rawvideo", "-f", "avi", "large.avi"]
    with pytest.raises(TooLarge, match=r"stopped at 1 MB, .* raise SPILLWAY_PROXY_OUTPUT_LIMIT"):
        await run(endless, tmp_path, limits=Limits(seconds=30, output=1_000_000))
    assert len(started) == 1


async def test_a_run_is_measured_at_its_end_too(tmp_path: Path) -> None:
    """What comes out after the last word of its progress; here that is all, as it tells of its progress elsewhere."""
    arguments = ["-progress", os.devnull, *copied(tiny_video(tmp_path / "clip.mp4"))]
    (folder := tmp_path / "work").mkdir()
    await run(arguments, folder)
    size = (folder / "copy.mkv").stat().st_size
    await run(arguments, folder, limits=Limits(output=size))
    with pytest.raises(TooLarge):
        await run(arguments, folder, limits=Limits(output=size - 1))


async def test_what_tells_of_the_end_is_kept_whatever_is_said_after_it(tmp_path: Path) -> None:
    """A sound file that turns into noise is one long complaint; that nothing came of it is a warning before a crash."""
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=10", "-c:a", "flac", tmp_path / "tone.mkv")
    run_ffmpeg("-i", tmp_path / "tone.mkv", "-c", "copy", "-bsf:a", "noise=amount=1", tmp_path / "noise.mkv")
    sound = lasting(open_source()["a:0"].filter("aresample", 8000), "anull").filter("volume", 2)
    with pytest.raises(MediaFailed) as failed:
        await run(arguments(tmp_path / "noise.mkv", output(sound, "a.wav")), tmp_path)
    assert "No filtered frames" in failed.value.log


async def test_what_lies_in_the_folder_below_is_not_what_came_out(tmp_path: Path) -> None:
    (tmp_path / "original").mkdir()
    source = tiny_video(tmp_path / "original" / "clip.mp4")
    await run(copied(source), tmp_path)
    size = (tmp_path / "copy.mkv").stat().st_size
    await run(copied(source), tmp_path, limits=Limits(output=size))
    with pytest.raises(TooLarge):
        await run(copied(source), tmp_path, limits=Limits(output=size - 1))


PARENT = """
import asyncio, sys
from pathlib import Path
from shared import media

start = media.start_group
def told(*arguments, **options):
    process = start(*arguments, **options)
    print(process.pid, flush=True)
    return process
media.start_group = told
asyncio.run(media.run(sys.argv[2:], Path(sys.argv[1])))
"""


def test_no_run_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, tmp_path, *ENDLESS], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    assert is_alive(child)
    kill(parent.pid)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are POSIX")
async def test_a_run_that_stands_still_is_ended(tmp_path: Path, started: list[int]) -> None:
    content = tiny_video(tmp_path / "whole.mkv", seconds=3.0).read_bytes()
    os.mkfifo(tmp_path / "slow.mkv")
    trickle = os.open(tmp_path / "slow.mkv", os.O_RDWR)
    os.write(trickle, content[: len(content) // 2])
    with pytest.raises(Stalled):
        await run(copied(tmp_path / "slow.mkv"), tmp_path, limits=Limits(seconds=30, stall=1.0))
    os.close(trickle)
    assert len(started) == 1
