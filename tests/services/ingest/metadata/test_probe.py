import errno
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.inspection.sniff import AAC, AIFF, AVI, FLAC, MATROSKA, MP3, MP4, MPEG_TS, OGG, WAV, Format, sniff
from services.ingest.metadata.probe import describe_media
from services.ingest.outcome import Description, NotOurs, Refused
from shared.contracts import Kind
from tests.support.media import run_ffmpeg, tiny_photo, tiny_video

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def described(path: Path) -> Description:
    with path.open("rb") as file:
        format_ = sniff(file.read(4096))
        assert format_ is not None
        file.seek(0)
        return describe_media(file, format_)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "h264"), ("a.mov", "h264"), ("a.mkv", "h264"), ("a.avi", "h264"), ("a.mts", "h264"), ("a.m2ts", "h264")],
)
def test_videos_of_every_container_are_described(tmp_path: Path, name: str, codec: str) -> None:
    found = described(tiny_video(tmp_path / name))
    assert found.kind is Kind.VIDEO
    assert (found.width, found.height, found.has_audio) == (64, 48, True)
    assert found.duration == pytest.approx(1.0, abs=0.15)
    video = found.metadata["video"]
    assert isinstance(video, dict)
    assert video["codec"] == codec
    assert video["frame_rate"] == pytest.approx(15.0)


@pytest.mark.parametrize(
    ("name", "format_"),
    [("a.mp3", MP3), ("a.m4a", MP4), ("a.aac", AAC), ("a.wav", WAV), ("a.flac", FLAC), ("a.ogg", OGG), ("a.opus", OGG),
     ("a.aiff", AIFF), ("a.mka", MATROSKA)],
)  # fmt: skip
def test_sound_of_every_container_is_described(tmp_path: Path, name: str, format_: Format) -> None:
    path = tmp_path / name
    run_ffmpeg(*TONE, "-write_xing", "0", path) if name == "a.mp3" else run_ffmpeg(*TONE, path)
    found = described(path)
    assert (found.kind, found.width, found.has_audio) == (Kind.AUDIO, None, True)
    assert found.duration == pytest.approx(1.0, abs=0.25)
    with path.open("rb") as file:
        assert sniff(file.read(4096)) is format_


def test_a_silent_video_has_no_audio(tmp_path: Path) -> None:
    found = described(tiny_video(tmp_path / "a.mp4", sound=False))
    assert (found.kind, found.has_audio) == (Kind.VIDEO, False)


@pytest.mark.parametrize("name", ["a.m4a", "a.flac"])
def test_cover_art_makes_no_video_of_a_sound_file(tmp_path: Path, name: str) -> None:
    cover = tiny_photo(tmp_path / "cover.jpg")
    path = tmp_path / name
    run_ffmpeg(*TONE, "-i", cover, "-map", "0", "-map", "1", "-c:v", "mjpeg", "-disposition:v", "attached_pic", path)
    assert described(path).kind is Kind.AUDIO


def test_sound_alone_in_a_video_container_is_sound(tmp_path: Path) -> None:
    run_ffmpeg(*TONE, tmp_path / "a.mp4")
    assert described(tmp_path / "a.mp4").kind is Kind.AUDIO


@pytest.mark.parametrize(("turn", "shape"), [(90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
def test_a_rotated_video_is_measured_as_it_is_shown(tmp_path: Path, turn: int, shape: tuple[int, int]) -> None:
    plain = tiny_video(tmp_path / "plain.mp4")
    run_ffmpeg("-display_rotation:v:0", str(-turn), "-i", plain, "-c", "copy", tmp_path / "turned.mp4")
    found = described(tmp_path / "turned.mp4")
    assert (found.width, found.height) == shape
    video = found.metadata["video"]
    assert isinstance(video, dict)
    assert video["rotation"] == turn


def test_what_a_phone_writes_is_found(tmp_path: Path) -> None:
    tags = {
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 12",
        "com.apple.quicktime.creationdate": "2021-05-01T10:00:00+0200",
        "com.apple.quicktime.location.ISO6709": "+48.8577+002.2950+035.0/",
        "title": "The falls",
    }
    options = [part for name, value in tags.items() for part in ("-metadata", f"{name}={value}")]
    run_ffmpeg(*PICTURE, *H264, "-movflags", "use_metadata_tags", *options, tmp_path / "a.mov")
    found = described(tmp_path / "a.mov")
    assert found.camera == "Apple iPhone 12"
    assert found.captured_at == datetime(2021, 5, 1, 8, tzinfo=UTC)
    assert found.metadata["captured_zone"] == "+02:00"
    assert (found.latitude, found.longitude) == (48.8577, 2.295)
    container_tags = found.metadata["tags"]
    assert isinstance(container_tags, dict)
    assert container_tags["title"] == "The falls"


def test_a_video_without_a_duration_has_none(tmp_path: Path) -> None:
    run_ffmpeg(*PICTURE, *H264, "-f", "matroska", "-live", "1", tmp_path / "a.mkv")
    found = described(tmp_path / "a.mkv")
    assert (found.kind, found.duration) == (Kind.VIDEO, None)


def test_pixels_that_are_not_square_count_as_shown(tmp_path: Path) -> None:
    run_ffmpeg(*PICTURE, "-vf", "setsar=4/3", *H264, tmp_path / "a.mp4")
    found = described(tmp_path / "a.mp4")
    assert (found.width, found.height) == (85, 48)


def test_subtitles_alone_are_neither_picture_nor_sound(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    run_ffmpeg("-i", tmp_path / "a.srt", tmp_path / "a.mkv")
    with pytest.raises(NotOurs, match="neither picture nor sound"):
        described(tmp_path / "a.mkv")


def test_a_video_without_its_index_is_refused(tmp_path: Path) -> None:
    content = tiny_video(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(content[: content.index(b"moov")])
    with pytest.raises(Refused, match="looks like MP4 but cannot be read: it is damaged or incomplete"):
        described(tmp_path / "a.mp4")


class OnExt4(io.BytesIO):
    """A file on a disk that knows no place beyond sixteen terabytes; other disks know more."""

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        if place >= 1 << 44:
            raise OSError(errno.EINVAL, "Invalid argument")
        return super().seek(place, whence)


class Failing(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


def test_a_video_that_points_to_no_place_is_damaged_and_not_the_disk(tmp_path: Path) -> None:
    run_ffmpeg(*PICTURE, *H264, "-movflags", "+frag_keyframe+empty_moov", tmp_path / "a.mp4")
    content = bytearray((tmp_path / "a.mp4").read_bytes())
    fragment = content.index(b"tfhd") + 12
    content[fragment : fragment + 8] = (1 << 50).to_bytes(8, "big")
    with pytest.raises(Refused, match="looks like MP4 but cannot be read: it is damaged or incomplete"):
        describe_media(OnExt4(content), MP4)


def test_a_disk_that_fails_is_not_the_files_damage(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output error"):
        describe_media(Failing(tiny_video(tmp_path / "a.mp4").read_bytes()), MP4)


def test_a_picture_in_an_unknown_codec_is_refused_rather_than_left_out(tmp_path: Path) -> None:
    path = tiny_video(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    with pytest.raises(Refused, match="codec that cannot be read here"):
        described(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.mts"])
def test_noise_behind_good_first_bytes_is_refused(tmp_path: Path, name: str) -> None:
    content = tiny_video(tmp_path / name).read_bytes()
    head = content[:12] if name != "a.mts" else b"".join(b"\x47" + bytes([at]) * 187 for at in range(8))
    (tmp_path / name).write_bytes(head + b"\xa5\x5a" * 4000)
    with pytest.raises(Refused):
        described(tmp_path / name)


@pytest.mark.parametrize("format_", [MP3, AAC, WAV, FLAC, OGG, AVI, MPEG_TS])
def test_noise_given_to_any_demuxer_is_refused(tmp_path: Path, format_: Format) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(bytes(range(7, 250)) * 200)
    with noise.open("rb") as file, pytest.raises(Refused):
        describe_media(file, format_)


def test_a_playlist_cannot_make_the_reader_open_other_files(tmp_path: Path) -> None:
    secret = tiny_video(tmp_path / "secret.mp4")
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile {secret.name}\n")
    with playlist.open("rb") as file, pytest.raises(Refused):
        describe_media(file, MP4)
