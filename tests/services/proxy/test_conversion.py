"""How a conversion goes when something is in its way: no graphics card, no room, no patience."""

import asyncio
import os
import stat
from functools import partial
from pathlib import Path

import pytest

from services.proxy.check import Spoilt
from shared import media
from shared.contracts import Kind
from shared.media import Limits
from shared.media_encoders import Choice, Encoder, EncoderFailed
from shared.media_faults import TookTooLong, TooLarge
from shared.media_nvenc import nvenc_fault
from shared.workspace import workspace
from tests.support.converting import PICTURES, SOUND, encode, made, names, rendered
from tests.support.media import run_ffmpeg

FILM = "testsrc2=size=320x180:rate=25:duration={}"
YUV = ("-pix_fmt", "yuv420p")


async def test_a_graphics_card_that_fails_is_replaced_for_this_file(tmp_path: Path) -> None:
    """As after a card was taken away from a service that runs: here it was never there."""
    if await nvenc_fault() is None:
        pytest.skip("NVENC works on this machine")
    clip = encode(tmp_path / "clip.mkv", FILM.format(1), *YUV)
    result = await rendered(clip, duration=1.0, choice=partial(Choice, Encoder.NVENC))
    assert names(result) == {"proxy", *PICTURES, *SOUND}
    assert made(result, "proxy").recipe == "v2;720p15;x264;crf26"
    assert result.reason is None


@pytest.mark.parametrize("known", ["no card", None], ids=["known at the start", "found out by the file"])
async def test_a_graphics_card_that_must_be_used_is_not_replaced(tmp_path: Path, known: str | None) -> None:
    if await nvenc_fault() is None:
        pytest.skip("NVENC works on this machine")
    clip = encode(tmp_path / "clip.mkv", FILM.format(1), *YUV)
    with pytest.raises(EncoderFailed, match="Set it to auto or x264"):
        await rendered(clip, duration=1.0, choice=partial(Choice, Encoder.NVENC, known, forced=True))


async def test_sound_files_need_no_graphics_card(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", tmp_path / "a.wav")
    result = await rendered(tmp_path / "a.wav", Kind.AUDIO, choice=partial(Choice, Encoder.NVENC, "no card", forced=True))
    assert names(result) == {"proxy", *SOUND}


async def test_how_far_it_is_is_told_in_seconds(tmp_path: Path) -> None:
    told = list[tuple[float, float | None]]()
    clip = encode(tmp_path / "clip.mkv", FILM.format(3), *YUV)
    await rendered(clip, duration=3.0, report=lambda done, total: told.append((done, total)))
    assert told[-1][0] == pytest.approx(3.0, abs=0.2)
    assert {total for _, total in told} == {3.0}
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_no_more_comes_out_than_may(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="raise SPILLWAY_PROXY_OUTPUT_LIMIT"):
        await rendered(encode(tmp_path / "clip.mkv", FILM.format(4), *YUV), limits=Limits(output=50_000))


async def test_it_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    with pytest.raises(TookTooLong, match="raise SPILLWAY_PROXY_TIME_LIMIT"):
        await rendered(encode(tmp_path / "clip.mkv", FILM.format(60), *YUV), limits=Limits(seconds=0.5))


async def test_nothing_is_left_of_a_conversion_that_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    clip = encode(tmp_path / "clip.mkv", FILM.format(120), *YUV)
    under_way = asyncio.Event()
    loop = asyncio.get_running_loop()

    def begun(*_: object) -> None:
        loop.call_soon_threadsafe(under_way.set)

    async def convert() -> None:
        with workspace() as folder:
            (folder / "clip.mkv").symlink_to(clip)
            await rendered(folder / "clip.mkv", report=begun)

    task = asyncio.create_task(convert())
    await under_way.wait()
    assert list((tmp_path / "temporary").glob("*/work/*.mp4"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list((tmp_path / "temporary").iterdir()) == []


async def test_a_proxy_that_lacks_its_end_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that swallows what is written: ffmpeg is content, and the proxy is another, shorter one."""
    short = encode(tmp_path / "short.mp4", FILM.format(2), *YUV)
    program = tmp_path / "ffmpeg"
    program.write_text(f'#!/bin/sh\n"{media.executable()}" "$@" || exit\n[ ! -e 720p15.mp4 ] || cp "{short}" 720p15.mp4\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(media, "executable", lambda: os.fspath(program))
    with pytest.raises(Spoilt, match="The proxy came out with 2 of 6 s"):
        await rendered(encode(tmp_path / "clip.mkv", FILM.format(6), *YUV), duration=6.0)
