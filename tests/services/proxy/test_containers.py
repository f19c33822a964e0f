"""Files of every format, with clocks that start anywhere and jump, with little in them or nothing."""

from pathlib import Path

import av
import numpy as np
import pytest

from services.proxy.video import longest
from shared.contracts import Kind
from shared.errors import BadMedia
from tests.support.converting import PICTURES, SOUND, brightness, encode, made, names, rendered, speech
from tests.support.media import run_ffmpeg

FILM = "testsrc2=size=128x72:rate=25:duration=2"
YUV = ("-pix_fmt", "yuv420p")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.avi", ("-c:v", "mpeg4", "-c:a", "mp3")),
        ("b.avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-c:a", "pcm_s16le")),
        ("a.mkv", ("-c:v", "libx265", "-x265-params", "log-level=error", "-c:a", "libopus")),
        ("a.mts", ("-f", "mpegts", "-c:a", "ac3", "-output_ts_offset", "5000")),
        ("a.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus")),
        ("a.mov", ("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s24le")),
        ("a.3gp", ("-c:v", "libx264", "-c:a", "aac")),
    ],
)
async def test_every_container_will_do(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    result = await rendered(encode(tmp_path / name, FILM, *YUV, *options, tone="sine=duration=2"), duration=2.0)
    assert names(result) == {"proxy", *PICTURES, *SOUND}
    assert result.reason is None
    assert made(result, "proxy").duration == pytest.approx(2.0, abs=0.15)
    assert len(brightness(made(result, "proxy").path)) == pytest.approx(30, abs=2)
    assert len(speech(result)) / 16000 == pytest.approx(2.0, abs=0.15)


async def test_a_webm_that_does_not_say_its_length_is_made_whole(tmp_path: Path) -> None:
    live = ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1")
    encode(tmp_path / "live.webm", FILM, *live, tone="sine=duration=2")
    with av.open(str(tmp_path / "live.webm")) as container:
        assert container.duration is None
    result = await rendered(tmp_path / "live.webm", duration=None)
    assert made(result, "proxy").duration == pytest.approx(2.0, abs=0.1)
    assert made(result, "sprite_vtt").path.read_text().count("-->") == 10


async def joined(tmp_path: Path, first: int, second: int) -> Path:
    """Two seconds that begin at one time of the clock, then two that begin at another."""
    for number, offset in enumerate([first, second]):
        options = (*YUV, "-g", "25", "-c:a", "aac", "-output_ts_offset", str(offset))
        encode(tmp_path / f"{number}.ts", FILM, *options, tone="sine=duration=2")
    (tmp_path / "joined.ts").write_bytes((tmp_path / "0.ts").read_bytes() + (tmp_path / "1.ts").read_bytes())
    return tmp_path / "joined.ts"


@pytest.mark.parametrize(("first", "second", "told"), [(0, 9000, 9002.0), (9000, 0, 86447.0), (7000, 7002, 4.0)])
async def test_a_clock_that_jumps_adds_nothing(tmp_path: Path, first: int, second: int, told: float) -> None:
    result = await rendered(await joined(tmp_path, first, second), duration=told)
    assert made(result, "proxy").duration == pytest.approx(4.0, abs=0.15)
    assert len(speech(result)) / 16000 == pytest.approx(4.0, abs=0.15)
    wrong = f"The file's own clock is wrong: it is 4 s long, not {told:.0f} s."
    assert result.reason == (None if told == 4.0 else wrong)


async def test_a_gap_of_a_day_is_not_filled_with_pictures_for_hours(tmp_path: Path) -> None:
    assert longest(1000) == 600
    assert longest(10_000_000) == 800_000
    gap = "testsrc2=size=64x48:rate=25:duration=2,setpts='if(lt(N,25),N,N+2000000)/25/TB'"
    clip = encode(tmp_path / "gap.mkv", gap, "-fps_mode", "passthrough", "-crf", "40", *YUV, tone=None)
    result = await rendered(clip, audio=False, duration=80002.0)
    assert made(result, "proxy").duration == longest(clip.stat().st_size)
    assert result.reason is not None


async def test_one_frame_is_a_video(tmp_path: Path) -> None:
    result = await rendered(encode(tmp_path / "one.mp4", FILM, *YUV, "-frames:v", "1", tone=None), audio=False, duration=0.04)
    assert names(result) == {"proxy", *PICTURES}
    assert len(brightness(made(result, "proxy").path)) == 1
    assert made(result, "sprite_vtt").path.read_text().count("-->") == 1
    assert made(result, "proxy").duration == pytest.approx(1 / 15, abs=0.001)


@pytest.mark.parametrize("container", ["mkv", "avi", "ts"])
async def test_a_video_without_a_frame_fails_with_a_sentence(tmp_path: Path, container: str) -> None:
    clip = encode(tmp_path / "clip.mp4", FILM, *YUV)
    run_ffmpeg("-i", clip, "-c", "copy", "-bsf:v", "noise=drop=1", tmp_path / f"empty.{container}")
    with pytest.raises(BadMedia, match="could be decoded"):
        await rendered(tmp_path / f"empty.{container}")


@pytest.mark.parametrize("container", ["mkv", "ts", "mp3"])
async def test_a_sound_file_without_sound_fails_with_a_sentence(tmp_path: Path, container: str) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "mp3", tmp_path / "tone.mkv")
    run_ffmpeg("-i", tmp_path / "tone.mkv", "-c", "copy", "-bsf:a", "noise=drop=1", tmp_path / f"empty.{container}")
    with pytest.raises(BadMedia) as failed:
        await rendered(tmp_path / f"empty.{container}", Kind.AUDIO)
    assert str(failed.value).endswith(".")


async def test_a_video_of_which_no_frame_decodes_is_told_to_be_damaged(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", FILM, *YUV, "-c:v", "ffv1", tmp_path / "whole.mkv")
    run_ffmpeg("-i", tmp_path / "whole.mkv", "-c", "copy", "-bsf:v", "noise=amount=1", tmp_path / "spoilt.mkv")
    with pytest.raises(BadMedia, match="The file is damaged: no picture could be decoded"):
        await rendered(tmp_path / "spoilt.mkv", audio=False)


async def test_a_sound_file_of_which_nothing_decodes_is_told_to_be_damaged(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-bitexact", tmp_path / "tone.flac")
    content = (tmp_path / "tone.flac").read_bytes()
    frames = content.index(b"\xff\xf8") + 4
    (tmp_path / "tone.flac").write_bytes(content[:frames] + bytes(len(content) - frames))
    with pytest.raises(BadMedia, match="The file is damaged: no sound could be decoded"):
        await rendered(tmp_path / "tone.flac", Kind.AUDIO)


async def test_damage_in_the_middle_costs_no_more_than_itself(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.ts", "testsrc2=size=320x180:rate=25:duration=4", *YUV, "-g", "25", tone="sine=duration=4")
    content = np.frombuffer(clip.read_bytes(), np.uint8).copy()
    middle = slice(len(content) // 2, len(content) // 2 + len(content) // 16)
    content[middle] = np.random.default_rng(1).integers(0, 255, content[middle].shape, np.uint8)
    clip.write_bytes(content.tobytes())
    result = await rendered(clip, duration=4.0)
    assert made(result, "proxy").duration == pytest.approx(4.0, abs=0.3)
    assert len(brightness(made(result, "proxy").path)) == pytest.approx(60, abs=4)
    assert len(speech(result)) / 16000 == pytest.approx(4.0, abs=0.3)
