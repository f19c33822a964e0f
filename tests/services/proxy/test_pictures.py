"""Pictures of every shape, colour and pace, made by ffmpeg and taken through it."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shared.media import Limits
from tests.support.converting import brightness, encode, made, pictures, rendered
from tests.support.media import run_ffmpeg, tiny_photo

YUV = ("-pix_fmt", "yuv420p")


def mean_colour(path: Path) -> tuple[float, float, float]:
    red, green, blue = pictures(path)[0].reshape(-1, 3).mean(axis=0)
    return float(red), float(green), float(blue)


@pytest.mark.parametrize(
    ("size", "proxy", "thumbnail"),
    [
        ("641x359", (640, 358), (320, 179)),
        ("2x2", (2, 2), (2, 2)),
        ("3x3", (2, 2), (2, 2)),
        ("64x2", (64, 2), (64, 2)),
        ("1080x1920", (720, 1280), (320, 569)),
        ("1922x1082", (1278, 720), (320, 180)),
        ("6000x40", (4096, 26), (320, 2)),
    ],
)
async def test_any_size_will_do(tmp_path: Path, size: str, proxy: tuple[int, int], thumbnail: tuple[int, int]) -> None:
    picture = f"testsrc2=size={size}:rate=5:duration=0.4"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "ffv1", "-pix_fmt", "yuv444p", tmp_path / "clip.mkv")
    result = await rendered(tmp_path / "clip.mkv", audio=False)
    assert (made(result, "proxy").width, made(result, "proxy").height) == proxy
    assert (made(result, "thumbnail").width, made(result, "thumbnail").height) == thumbnail
    assert pictures(made(result, "thumbnail").path)[0].shape[:2] == thumbnail[::-1]


@pytest.mark.parametrize(("degrees", "corner"), [(90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
async def test_rotation_is_applied(tmp_path: Path, degrees: int, corner: tuple[int, int]) -> None:
    """A white corner tells which way is up: (down, right) of the picture as shown."""
    white = "color=black:size=128x64:rate=5:duration=0.4,drawbox=x=0:y=0:w=64:h=32:c=white:t=fill"
    encode(tmp_path / "lying.mp4", white, *YUV, tone=None)
    run_ffmpeg("-display_rotation", str(degrees), "-i", tmp_path / "lying.mp4", "-c", "copy", tmp_path / "turned.mp4")
    result = await rendered(tmp_path / "turned.mp4", audio=False)
    size = (128, 64) if degrees == 180 else (64, 128)
    assert (made(result, "proxy").width, made(result, "proxy").height) == size
    frame = pictures(made(result, "proxy").path)[0]
    height, width = frame.shape[:2]
    corners = {(down, right): frame[int((0.25 + 0.5 * down) * height), int((0.25 + 0.5 * right) * width)].mean()
               for down in (0, 1) for right in (0, 1)}  # fmt: skip
    assert max(corners, key=lambda place: corners[place]) == corner
    assert sorted(corners.values())[2] < 40


async def test_pixels_that_are_not_square_are_made_square(tmp_path: Path) -> None:
    clip = encode(tmp_path / "wide.mp4", "color=red:size=720x576:rate=5:duration=0.4,setsar=64/45", *YUV, tone=None)
    result = await rendered(clip, audio=False)
    assert (made(result, "proxy").width, made(result, "proxy").height) == (1024, 576)
    with av.open(str(made(result, "proxy").path)) as proxy:
        assert proxy.streams.video[0].sample_aspect_ratio in {None, 1}


async def test_a_picture_that_changes_its_shape_midway_is_not_distorted(tmp_path: Path) -> None:
    circle = "color=black:rate=25:duration=2:size={}x{},drawbox=x=iw/2-50:y=ih/2-50:w=100:h=100:c=white:t=fill"
    for number, (width, height) in enumerate([(320, 180), (240, 240)]):
        encode(tmp_path / f"{number}.ts", circle.format(width, height), *YUV, "-output_ts_offset", str(2 * number), tone=None)
    (tmp_path / "both.ts").write_bytes((tmp_path / "0.ts").read_bytes() + (tmp_path / "1.ts").read_bytes())
    result = await rendered(tmp_path / "both.ts", audio=False)
    frames = pictures(made(result, "proxy").path)
    assert len(frames) == pytest.approx(60, abs=1)
    assert {frame.shape for frame in frames} == {(180, 320, 3)}
    late = frames[-2][..., 0] > 128
    assert late.any(axis=0).sum() == pytest.approx(late.any(axis=1).sum(), abs=3)
    assert [round(cut) for cut in result.cuts or ()] == [2]


async def frame_bars(tmp_path: Path, picture: str, *options: str) -> list[int]:
    """Proxy frame by frame, the grey of a picture that is grey by its time: 10 levels a second."""
    clip = encode(tmp_path / "clip.mkv", picture, *options, *YUV, tone=None)
    result = await rendered(clip, audio=False)
    return [round(luma) for luma in brightness(made(result, "proxy").path)]


async def test_a_variable_frame_rate_keeps_its_time(tmp_path: Path) -> None:
    """Half a second at 30 frames per second, then two at 7.5; what is shown is as bright as it is late."""
    uneven = (
        "color=black:size=64x48:rate=30:duration=1,setpts='if(lt(N,15),N,15+(N-15)*4)/30/TB',format=gray,"
        "geq=lum='20+80*T',format=yuv420p"
    )
    shown = await frame_bars(tmp_path, uneven, "-fps_mode", "passthrough")
    assert len(shown) == pytest.approx(37, abs=2)
    expected = [16 + (20 + 80 * number / 15) * 219 / 255 for number in range(len(shown))]
    assert np.abs(np.array(shown) - expected).max() < 80 * (4 / 30 + 1 / 15)
    assert shown == sorted(shown)


@pytest.mark.parametrize("rate", ["15", "24", "24000/1001", "25", "30", "50", "60"])
async def test_any_frame_rate_keeps_its_time(tmp_path: Path, rate: str) -> None:
    shown = await frame_bars(
        tmp_path, f"color=black:size=64x48:rate={rate}:duration=2,format=gray,geq=lum='20+80*T',format=yuv420p"
    )
    assert len(shown) in {30, 31}
    expected = [16 + (20 + 80 * number / 15) * 219 / 255 for number in range(len(shown))]
    assert np.abs(np.array(shown) - expected)[:30].max() < 80 / 15 + 2
    assert len(set(shown)) >= 29  # none is shown twice while another is left out


async def test_a_gap_without_pictures_takes_time_but_no_memory(tmp_path: Path) -> None:
    """Two minutes of 1800 pictures that are all the same: as many new ones would take 2.5 GB."""
    clip = encode(
        tmp_path / "gap.mkv",
        "testsrc2=size=1280x720:rate=25:duration=2,setpts='if(lt(N,25),N,N+3000)/25/TB'",
        *("-fps_mode", "passthrough", *YUV),
        tone=None,
    )
    result = await rendered(clip, audio=False, limits=Limits(seconds=55, memory=1500 << 20))
    assert made(result, "proxy").duration == pytest.approx(122.0, abs=0.2)


PATCH = "color={}:size=256x144:rate=5:duration=0.4"


@pytest.mark.parametrize(
    ("patch", "options"),
    [
        ("0xC04020", ("-c:v", "libx264", "-pix_fmt", "yuv420p")),
        ("0xC04020", ("-c:v", "libx264", "-pix_fmt", "yuvj420p")),
        ("0xC04020", ("-c:v", "libx264", "-profile:v", "high10", "-pix_fmt", "yuv420p10le")),
        ("0xC04020", ("-c:v", "ffv1", "-pix_fmt", "bgr0")),
        ("0xC04020", ("-c:v", "ffv1", "-pix_fmt", "yuv422p10le")),
    ],
    ids=["8 bits", "full range", "10 bits", "red, green and blue", "10 bits 4:2:2"],
)
async def test_colours_stay_as_they_are(tmp_path: Path, patch: str, options: tuple[str, ...]) -> None:
    encode(tmp_path / "clip.mkv", PATCH.format(patch), *options, tone=None)
    result = await rendered(tmp_path / "clip.mkv", audio=False)
    assert mean_colour(made(result, "thumbnail").path) == pytest.approx((192, 64, 32), abs=6)
    with av.open(str(made(result, "proxy").path)) as proxy:
        assert proxy.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert next(proxy.decode(video=0)).color_range in {0, 1}


@pytest.mark.parametrize("tagged", [True, False])
async def test_the_thumbnail_of_hd_video_has_the_videos_colours(tmp_path: Path, tagged: bool) -> None:
    """JPEG has another matrix than HD video: red would come out as (230, 0, 0)."""
    red = "color=red:size=1280x720:rate=5:duration=0.4,scale=out_color_matrix=bt709,format=yuv420p"
    space = "bt709" if tagged else "unknown"
    encode(tmp_path / "clip.mkv", f"{red},setparams=colorspace={space}", tone=None)
    result = await rendered(tmp_path / "clip.mkv", audio=False)
    assert mean_colour(made(result, "thumbnail").path) == pytest.approx((252, 1, 1), abs=5)


def perceptual(nits: float) -> float:
    """SMPTE ST 2084: the signal, 0 to 1, of a brightness."""
    power = (nits / 10000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def hdr_clip(path: Path, signal: float, transfer: str) -> Path:
    """Grey of one 10-bit signal."""
    level = round(64 + 876 * signal)
    grey = f"color=black:size=128x72:rate=5:duration=0.4,format=yuv420p10le,geq=lum={level}:cb=512:cr=512"
    tags = f"setparams=color_trc={transfer}:color_primaries=bt2020:colorspace=bt2020nc:range=tv"
    return encode(path, f"{grey},{tags}", "-profile:v", "high10", "-crf", "5", tone=None)


@pytest.mark.parametrize(
    ("transfer", "signal", "luma"),
    [
        ("smpte2084", perceptual(1), 40),
        ("smpte2084", perceptual(36.5), 123),
        ("smpte2084", perceptual(203), 202),
        ("smpte2084", perceptual(1000), 235),
        ("arib-std-b67", 0.42, 119),
        ("arib-std-b67", 0.75, 202),
        ("arib-std-b67", 1.0, 235),
    ],
    ids=["PQ black", "PQ grey card", "PQ white", "PQ highlight", "HLG grey", "HLG white", "HLG highlight"],
)
async def test_hdr_is_as_bright_as_it_should_be(tmp_path: Path, transfer: str, signal: float, luma: int) -> None:
    result = await rendered(hdr_clip(tmp_path / "clip.mkv", signal, transfer), audio=False)
    assert brightness(made(result, "proxy").path)[0] == pytest.approx(luma, abs=4)
    with av.open(str(made(result, "proxy").path)) as proxy:
        frame = next(proxy.decode(video=0))
        assert (frame.colorspace, frame.format.name) == (1, "yuv420p")  # BT.709
    with Image.open(made(result, "thumbnail").path) as thumbnail:
        assert thumbnail.convert("L").getpixel((5, 5)) == pytest.approx((luma - 16) * 255 / 219, abs=6)


async def test_hdr_keeps_its_colours(tmp_path: Path) -> None:
    """Red of a quarter of HDR's white in wide colours: still red, and neither grey nor dark."""
    chain = (
        "color=0x806050:size=128x72:rate=5:duration=0.4,format=gbrpf32le,"
        "setparams=color_trc=bt709:color_primaries=bt709:colorspace=gbr:range=pc,zscale=t=linear:npl=203,"
        "zscale=p=bt2020:t=smpte2084:m=bt2020nc:r=tv:npl=203,format=yuv420p10le"
    )
    encode(tmp_path / "clip.mkv", chain, "-profile:v", "high10", "-crf", "5", tone=None)
    result = await rendered(tmp_path / "clip.mkv", audio=False)
    red, green, blue = mean_colour(made(result, "thumbnail").path)
    assert (red, green, blue) == pytest.approx((0x80, 0x60, 0x50), abs=12)


async def test_wide_colours_without_hdr_are_brought_home(tmp_path: Path) -> None:
    wide = "zscale=p=bt2020:t=bt2020-10:m=bt2020nc:r=tv:pin=bt709:tin=bt709"
    chain = f"color=0xC04020:size=128x72:rate=5:duration=0.4,format=gbrp10le,{wide}"
    encode(tmp_path / "clip.mkv", f"{chain},format=yuv420p10le", "-profile:v", "high10", "-crf", "5", tone=None)
    result = await rendered(tmp_path / "clip.mkv", audio=False)
    assert mean_colour(made(result, "thumbnail").path) == pytest.approx((192, 64, 32), abs=12)


def combing(frame: NDArray[np.uint8]) -> float:
    """How much more neighbouring lines differ than lines two apart: above 1 where two moments are woven together."""
    luma = frame.astype(float).mean(axis=2)
    return float(np.abs(luma[1:-1] - luma[:-2]).mean() / (np.abs(luma[2:] - luma[:-2]).mean() + 0.5))


MOVING = "color=black:size=320x240:rate=50:duration=1,geq=lum='255*between(mod(X-600*T\\,160)\\,0\\,60)':cb=128:cr=128"


@pytest.mark.parametrize(
    ("flags", "woven"), [(("-flags", "+ilme+ildct"), False), ((), True)], ids=["marked as interlaced", "not marked"]
)
async def test_interlaced_video_is_unwoven_only_if_it_says_so(tmp_path: Path, flags: tuple[str, ...], woven: bool) -> None:
    picture = f"{MOVING},interlace,setfield={'tff' if flags else 'prog'}"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "mpeg2video", "-q:v", "2", *flags, tmp_path / "clip.mkv")
    assert combing(pictures(tmp_path / "clip.mkv")[12]) > 2
    result = await rendered(tmp_path / "clip.mkv", audio=False)
    worst = max(combing(frame) for frame in pictures(made(result, "proxy").path)[2:-2])
    assert (worst > 2) is woven


async def test_cover_art_is_not_taken_for_the_film(tmp_path: Path) -> None:
    tiny_photo(tmp_path / "cover.png", size=(400, 300))
    film = encode(tmp_path / "film.mp4", "color=blue:size=128x72:rate=10:duration=1", *YUV, tone=None)
    art = ["-map", "1", "-map", "0", "-c:v:1", "copy", "-c:v:0", "mjpeg", "-disposition:v:0", "attached_pic"]
    run_ffmpeg("-i", film, "-i", tmp_path / "cover.png", *art, tmp_path / "both.mp4")
    result = await rendered(tmp_path / "both.mp4", audio=False)
    assert (made(result, "proxy").width, made(result, "proxy").height) == (128, 72)
    assert made(result, "proxy").duration == pytest.approx(1.0, abs=0.1)
