"""Thumbnail, sprite and shots of real clips."""

import re
from pathlib import Path

import numpy as np
import pytest

from shared.contracts import Kind
from tests.support.converting import encode, made, pictures, rendered
from tests.support.media import run_ffmpeg, tiny_photo

YUV = ("-pix_fmt", "yuv420p", "-crf", "12")
SHOT = "testsrc2=size=320x180:rate=25:duration={}"
CUE = re.compile(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)")


def seconds(clock: str) -> float:
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


async def test_cuts_are_found(tmp_path: Path) -> None:
    parts = "color=red:size=128x72:rate=10:duration=1[a];color=blue:size=128x72:rate=10:duration=1[b]"
    clip = encode(
        tmp_path / "cuts.mp4", f"{parts};color=lime:size=128x72:rate=10:duration=1[c];[a][b][c]concat=n=3", *YUV, tone=None
    )
    assert (await rendered(clip, audio=False, duration=3.0)).cuts == pytest.approx((1.0, 2.0), abs=0.07)


async def test_shots_of_equal_brightness_are_told_apart_by_colour(tmp_path: Path) -> None:
    grey = "color=gray:size=128x72:rate=25:duration=1,format=yuv444p,geq=lum=110:cb={}:cr={}"
    clip = encode(tmp_path / "cuts.mp4", f"{grey.format(90, 160)}[a];{grey.format(160, 90)}[b];[a][b]concat", *YUV, tone=None)
    assert (await rendered(clip, audio=False)).cuts == pytest.approx((1.0,), abs=0.07)


@pytest.mark.parametrize(
    "bad",
    [
        f"{SHOT},eq=brightness=-0.9",
        f"{SHOT},eq=brightness=0.9",
        f"{SHOT},boxblur=12",
        "color=gray:size=320x180:rate=25:duration={}",
    ],
    ids=["black", "blown out", "blurred", "nothing to see"],
)
async def test_the_thumbnail_is_of_the_good_part(tmp_path: Path, bad: str) -> None:
    """Four bad seconds, one good one, three bad ones: the middle is bad."""
    still = f"{SHOT},loop=loop=-1:size=1,trim=duration=1,hue=h=90"
    parts = f"{bad.format(4)}[a];{still.format(1)}[b];{bad.format(3)}[c];[a][b][c]concat=n=3,format=yuv420p"
    result = await rendered(encode(tmp_path / "clip.mp4", parts, *YUV, tone=None), audio=False, duration=8.0)
    thumbnail = pictures(made(result, "thumbnail").path)[0].astype(int)
    clip = pictures(tmp_path / "clip.mp4")
    distances = [np.abs(thumbnail - clip[at].astype(int)).mean() for at in range(0, 200, 5)]
    assert 100 <= int(np.argmin(distances)) * 5 < 125
    assert min(distances) < 12


async def test_the_thumbnail_is_not_of_a_transition(tmp_path: Path) -> None:
    """Two still pictures, one becoming the other for the two seconds in the middle."""
    for name, colour in (("a.png", "steelblue"), ("b.png", "darkred")):
        tiny_photo(tmp_path / name, colour=colour, size=(320, 180))
    stills = ["-loop", "1", "-t", "4", "-i", str(tmp_path / "a.png"), "-loop", "1", "-t", "4", "-i", str(tmp_path / "b.png")]
    fade = "[0]format=yuv420p[a];[1]format=yuv420p,hflip[b];[a][b]xfade=duration=2:offset=2"
    run_ffmpeg(*stills, "-filter_complex", fade, "-c:v", "libx264", *YUV, tmp_path / "clip.mp4")
    result = await rendered(tmp_path / "clip.mp4", audio=False, duration=6.0)
    assert result.cuts == ()
    thumbnail = pictures(made(result, "thumbnail").path)[0].astype(int)
    clip = pictures(tmp_path / "clip.mp4")
    assert min(np.abs(thumbnail - clip[at].astype(int)).mean() for at in (10, len(clip) - 10)) < 4


@pytest.mark.parametrize("size", ["320x180", "180x320", "640x40"])
async def test_every_tile_of_the_sprite_shows_its_moment(tmp_path: Path, size: str) -> None:
    grey = f"color=black:size={size}:rate=25:duration=5,format=gray,geq=lum='20+40*T',format=yuv420p"
    result = await rendered(encode(tmp_path / "clip.mp4", grey, *YUV), duration=5.0)
    vtt, sheet = made(result, "sprite_vtt"), pictures(made(result, "sprite").path)[0]
    assert (vtt.content_type, made(result, "sprite").content_type) == ("text/vtt", "image/jpeg")
    assert sheet.shape[:2] == (made(result, "sprite").height, made(result, "sprite").width)
    cues = [cue.groups() for cue in CUE.finditer(vtt.path.read_text())]
    assert len(cues) == 25
    assert seconds(cues[0][0]) == 0.0
    assert seconds(cues[-1][1]) == pytest.approx(made(result, "proxy").duration, abs=0.001)
    for number, (start, end, image, *box) in enumerate(cues):
        assert image == "/api/files/00000000-0000-0000-0000-000000000001/renditions/sprite"
        left, top, width, height = map(int, box)
        assert left + width <= sheet.shape[1]
        assert top + height <= sheet.shape[0]
        assert seconds(start) == pytest.approx(number * 0.2, abs=0.001)
        assert number == 24 or end == cues[number + 1][0]
        tile = sheet[top : top + height, left : left + width]
        assert tile.mean() == pytest.approx(20 + 40 * seconds(start), abs=6)
        assert tile.std() < 4


async def test_renditions_say_what_they_are_made_with(tmp_path: Path) -> None:
    video = await rendered(encode(tmp_path / "clip.mp4", SHOT.format(1), *YUV), duration=1.0)
    assert {made.name: made.recipe for made in video.renditions} == {
        "proxy": "v2;720p15;x264;crf26",
        "thumbnail": "v2;320;of100",
        "sprite": "v2;160;100",
        "sprite_vtt": "v2;160;100",
        "audio": "v2;16kHz;mono;flac",
        "waveform": "v2;160;4000;8bit",
    }
    (tmp_path / "photo").mkdir()
    photo = await rendered(tiny_photo(tmp_path / "photo" / "a.jpg"), Kind.IMAGE)
    assert all(made.recipe for made in photo.renditions)
