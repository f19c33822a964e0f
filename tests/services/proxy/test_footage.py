"""ffmpeg's account of a source, as it really comes."""

import pytest

from services.proxy.footage import Colour, Footage, Picture, Track, footage

PHONE = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:/films/IMG_1.MOV':
  Metadata:
    title           : Stream #0:9: Audio: none of this
  Duration: 00:00:01.00, start: 0.000000, bitrate: 15498 kb/s
  Stream #0:0[0x1](und): Video: hevc (Main 10) (hvc1 / 0x3163), yuv420p10le(tv, bt2020nc/bt2020/arib-std-b67, progressive), \
1920x1080, 15486 kb/s, 30 fps, 30 tbr, 15360 tbn (default)
    Side data:
      Display Matrix: rotation of -90.00 degrees
  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s (default)
Stream mapping:
  Stream #0:0 -> #0:0 (copy)
Output #0, null, to 'pipe:':
  Stream #0:0(und): Video: hevc (Main 10), yuv420p10le(tv), 640x480, q=2-31 (default)
"""

CAMERA = """\
Input #0, mpegts, from 'file:/films/00001.MTS':
  Duration: 00:00:01.01, start: 1.400000, bitrate: 11690 kb/s
  Stream #0:0[0x100]: Video: h264 (Main) ([27][0][0][0] / 0x001B), yuv420p(top first), 1440x1080 [SAR 4:3 DAR 16:9], 25 fps
  Stream #0:1[0x101]: Audio: none, 44100 Hz, mono, start 1.400000
  Stream #0:2[0x102]: Audio: ac3 (AC-3 / 0x332D4341), 44100 Hz, 5.1(side), fltp, 448 kb/s
  Stream #0:3[0x103]: Audio: pcm_s16le, 44100 Hz, 9 channels, s16, 6350 kb/s (default)
"""

ALBUM = """\
[mp3 @ 0x55] Estimating duration from bitrate, this may be inaccurate
Input #0, mp3, from 'file:/music/song.mp3':
  Duration: 00:00:01.04, start: 0.025057, bitrate: 75 kb/s
  Stream #0:0: Audio: mp3 (mp3float), 44100 Hz, mono, fltp, 64 kb/s
  Stream #0:1: Video: mjpeg (Baseline), yuvj444p(pc, bt470bg/unknown/unknown), 160x120 [SAR 1:1 DAR 4:3] (attached pic)
"""


def test_a_phones_video_is_upright_and_hdr() -> None:
    colour = Colour("bt2020nc", "bt2020", "arib-std-b67")
    assert footage(PHONE) == Footage(Picture(1080, 1920, colour), (Track(0, default=True, mono=True),))


def test_a_cameras_pixels_are_made_square_and_tracks_without_a_decoder_left_out() -> None:
    found = footage(CAMERA)
    assert found.picture == Picture(1920, 1080, Colour())
    assert found.tracks == (Track(1), Track(2, default=True, unnamed=9))
    assert found.length_guessed


def test_cover_art_is_no_picture() -> None:
    assert footage(ALBUM) == Footage(None, (Track(0, mono=True),), length_guessed=True)


def test_a_log_without_streams_is_footage_of_nothing() -> None:
    assert footage("Error opening input: Invalid data found when processing input") == Footage()


@pytest.mark.parametrize(
    ("told", "colour"),
    [
        ("yuv420p(tv, bt709, progressive)", Colour("bt709", "bt709", "bt709")),
        ("yuvj420p(pc, bt470bg/unknown/unknown)", Colour("bt470bg")),
        ("yuv420p", Colour()),
        ("yuv444p12le(12 bpc, tv)", Colour()),
        ("gbrp(pc, gbr/bt709/iec61966-2-1, top coded first (swapped))", Colour(None, "bt709", "iec61966-2-1", rgb=True)),
        ("rgb24(pc)", Colour(rgb=True)),
        ("gray10le(tv)", Colour()),
    ],
)
def test_colours_are_read(told: str, colour: Colour) -> None:
    found = footage(f"  Stream #0:0: Video: some (Profile), {told}, 64x48, 25 fps").picture
    assert found == Picture(64, 48, colour)


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ("1280x720, SAR 1:1 DAR 16:9", (1280, 720)),
        ("720x576 [SAR 16:15 DAR 4:3], SAR 64:45 DAR 16:9", (1024, 576)),
        ("720x576 [SAR 0:1 DAR 0:1]", (720, 576)),
    ],
)
def test_the_containers_pixel_shape_counts(shape: str, size: tuple[float, float]) -> None:
    picture = footage(f"  Stream #0:0: Video: vp8, yuv420p(progressive), {shape}, 24 fps").picture
    assert picture is not None
    assert (picture.width, picture.height) == pytest.approx(size)


def test_a_size_of_nothing_is_no_size() -> None:
    assert footage("  Stream #0:0: Video: h264, none, 0x0, 25 fps").picture is None


@pytest.mark.parametrize(("degrees", "turned"), [("90.00", True), ("-90.00", True), ("180.00", False), ("-0.00", False)])
def test_a_quarter_turn_swaps_the_sides(degrees: str, turned: bool) -> None:
    log = f"  Stream #0:0: Video: h264, yuv420p, 64x48\n      Display Matrix: rotation of {degrees} degrees\n"
    assert footage(log).picture == (Picture(48, 64) if turned else Picture(64, 48))


def test_a_rotation_that_is_no_number_is_none() -> None:
    log = "  Stream #0:0: Video: h264, yuv420p, 64x48, 25 fps\n      Display Matrix: rotation of nan degrees"
    assert footage(log).picture == Picture(64, 48)
