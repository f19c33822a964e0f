"""Real clips, good and bad, through real ffmpeg."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import av
import pytest

from services.proxy.images import ImageJob, ImageResult
from services.proxy.renderer import ProgressLog, Renderer
from shared.contracts import Kind
from shared.errors import BadMedia
from shared.media import Limits
from shared.media_progress import Progress
from tests.support.converting import PICTURES, SOUND, InProcess, encode, made, names, rendered, source_of, unheard
from tests.support.media import run_ffmpeg, tiny_photo, tiny_video

RED, BLUE = "color=red:size=128x72:rate=10:duration=1", "color=blue:size=128x72:rate=10:duration=1"
SILENT = "The sound is damaged and could not be decoded; the proxy was made without it. Copy the file again to get it."


async def test_a_video_is_made_light_and_complete(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", "testsrc2=size=1920x1080:rate=30:duration=1", "-pix_fmt", "yuv420p")
    result = await rendered(clip, duration=1.0)
    assert names(result) == {"proxy", *PICTURES, *SOUND}
    assert (result.reason, result.cuts) == (None, ())
    with av.open(str(made(result, "proxy").path)) as proxy:
        video, audio = proxy.streams.video[0], proxy.streams.audio[0]
        assert (video.width, video.height, video.codec_context.name) == (1280, 720, "h264")
        assert video.average_rate == 15
        assert (video.codec_context.pix_fmt, audio.codec_context.name) == ("yuv420p", "aac")
        assert audio.codec_context.layout.nb_channels == 2
    with av.open(str(made(result, "audio").path)) as speech:
        context = speech.streams.audio[0].codec_context
        assert (context.name, context.sample_rate, context.layout.nb_channels) == ("flac", 16000, 1)
    thumbnail = made(result, "thumbnail")
    assert (thumbnail.width, thumbnail.height) == (320, 180)
    assert made(result, "proxy").path.read_bytes().index(b"moov") < made(result, "proxy").path.read_bytes().index(b"mdat")


async def test_a_thumbnail_comes_out_even_if_the_length_is_a_lie(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", RED, "-pix_fmt", "yuv420p", tone=None)
    result = await rendered(clip, audio=False, duration=60.0)
    assert made(result, "thumbnail").bytes > 0
    assert result.reason is not None
    assert result.reason.startswith("The file is damaged or incomplete: 1 of its 60 s could be read.")


async def test_an_audio_file_with_cover_art_is_sound_only(tmp_path: Path) -> None:
    tiny_photo(tmp_path / "cover.png")
    cover = ["-i", str(tmp_path / "cover.png"), "-map", "0:a", "-map", "1:v", "-disposition:v", "attached_pic", "-c:v", "mjpeg"]
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", *cover, tmp_path / "song.mp3")
    result = await rendered(tmp_path / "song.mp3", Kind.AUDIO, duration=1.0)
    assert names(result) == {"proxy", *SOUND}
    assert (made(result, "proxy").content_type, made(result, "proxy").width) == ("audio/mp4", None)
    assert result.cuts is None


async def test_cover_art_is_no_film(tmp_path: Path) -> None:
    tiny_photo(tmp_path / "cover.png")
    art = ["-i", str(tmp_path / "cover.png"), "-map", "0", "-map", "1", "-c:v", "mjpeg", "-disposition:v:0", "attached_pic"]
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", *art, tmp_path / "song.mp4")
    with pytest.raises(BadMedia, match="The file has no picture"):
        await rendered(tmp_path / "song.mp4", Kind.VIDEO)


@pytest.mark.parametrize("codec", [b"A_XXX", b"A_DTS"], ids=["unknown codec", "packets of another codec"])
async def test_broken_sound_is_left_out_and_said_so(tmp_path: Path, codec: bytes) -> None:
    clip = encode(tmp_path / "clip.mkv", RED, "-pix_fmt", "yuv420p", "-c:a", "ac3")
    clip.write_bytes(clip.read_bytes().replace(b"A_AC3", codec))
    result = await rendered(clip, duration=1.0)
    assert names(result) == {"proxy", *PICTURES}
    assert result.reason == SILENT
    assert made(result, "proxy").duration == pytest.approx(1.0, abs=0.1)


async def test_a_video_that_breaks_off_gives_what_there_is(tmp_path: Path) -> None:
    clip = tiny_video(tmp_path / "clip.mp4", seconds=6.0)
    run_ffmpeg("-i", clip, "-c", "copy", "-movflags", "+faststart", tmp_path / "cut.mp4")
    content = (tmp_path / "cut.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) // 2])
    result = await rendered(tmp_path / "cut.mp4", duration=6.0)
    assert result.reason is not None
    assert "of its 6 s could be read" in result.reason
    assert 0 < (made(result, "proxy").duration or 0) < 5


def cut_off(path: Path) -> Path:
    content = tiny_video(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def filled(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", [Kind.VIDEO, Kind.AUDIO])
@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"No film at all.\n" * 50, bytes(range(256)) * 40])
async def test_what_is_no_media_fails_with_a_sentence(tmp_path: Path, content: bytes, kind: Kind) -> None:
    with pytest.raises(BadMedia) as failed:
        await rendered(filled(tmp_path / "clip.mp4", content), kind)
    assert str(failed.value).endswith(".")


async def test_a_video_without_its_index_fails_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadMedia, match="its index is missing"):
        await rendered(cut_off(tmp_path / "clip.mp4"))


async def test_a_name_may_be_any_bytes(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/-caf\xe9.mp4"))
    tiny_video(tmp_path / "plain.mp4").rename(path)
    assert names(await rendered(path)) == {"proxy", *PICTURES, *SOUND}


async def test_an_original_that_changed_is_not_worked_on(tmp_path: Path) -> None:
    source, images = source_of(tiny_photo(tmp_path / "photo.jpg"), Kind.IMAGE), InProcess()
    with pytest.raises(BadMedia, match="moved or changed"):
        await Renderer(images, limits=Limits(), pixels=10**8).render(replace(source, size=1), tmp_path, unheard)
    assert images.jobs == []


async def test_an_original_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    class Meddling(InProcess):
        async def render(self, job: ImageJob) -> ImageResult:
            result = await super().render(job)
            job.source.write_bytes(b"something else")
            return result

    path = tiny_photo(tmp_path / "photo.jpg")
    source = source_of(path, Kind.IMAGE)
    with pytest.raises(BadMedia, match="moved or changed"):
        await Renderer(Meddling(), limits=Limits(), pixels=10**8).render(source, tmp_path, unheard)


async def test_a_photo_gets_its_two_pictures(tmp_path: Path) -> None:
    result = await rendered(tiny_photo(tmp_path / "photo.jpg", size=(2000, 1500)), Kind.IMAGE, audio=False)
    assert [(made.name, made.width, made.height) for made in result.renditions] == [
        ("image", 1195, 896),
        ("thumbnail", 320, 240),
    ]
    assert made(result, "image").path.name == "nova.jpg"


def test_progress_is_noted_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = list[dict[str, object]]()
    monkeypatch.setattr("services.proxy.renderer.log", Recorder(lines))
    clock = iter([0.0, 5.0, 11.0, 11.0, 12.0, 30.0, 30.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    report = ProgressLog("file")
    for seconds in (1.0, 2.0, 3.0, 4.0):
        report(Progress(seconds, seconds / 10, 2.0))
    assert [line["seconds"] for line in lines] == [2.0, 4.0]
    assert lines[0] == {"file_id": "file", "seconds": 2.0, "share": 0.2, "speed": 2.0}


@dataclass
class Recorder:
    lines: list[dict[str, object]]

    def info(self, event: str, **values: object) -> None:
        self.lines.append(values)
