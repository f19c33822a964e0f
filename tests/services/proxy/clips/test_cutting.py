"""Clips are cut out of real proxies, whose pictures say which frame they are, and whose sound says when."""

from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proxy.check import examine
from services.proxy.clips.cutter import Cutter
from services.proxy.clips.cutting import Cut, arguments, planned
from services.proxy.framing import FRAME_RATE
from shared.contracts import Kind
from shared.errors import BadMedia
from shared.media import Limits
from tests.support.converting import encode, made, rendered, sound, source_of, unheard
from tests.support.media import run_ffmpeg

SECONDS = 14
COUNTED = "geq=lum='if(lt(X,80),mod({n},16)*14+16,floor({n}/16)*6+16)'"
"""On the left how far the frame's number is beyond a multiple of 16, on the right which multiple."""
NUMBERED = f"color=black:size=160x96:rate={FRAME_RATE}:duration={SECONDS},format=gray,{COUNTED.format(n='N')}"
BEEPS = f"aevalsrc='if(lt(mod(t,1),0.1),0.9*sin(2*PI*1000*t),0)':duration={SECONDS}"
"""A tone for the first tenth of each second."""
LIMITS = Limits(seconds=50)
TAGS = ("-metadata", "title=Our garden", "-metadata", "location=+48.1+011.5/", "-metadata", "comment=/home/anna/film.mp4")

short = partial(Cutter, LIMITS)


def place(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


@pytest.fixture(scope="module")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = encode(tmp_path_factory.mktemp("proxy") / "numbered.mp4", NUMBERED, "-pix_fmt", "yuv420p", tone=BEEPS)
    return made(await rendered(source, duration=float(SECONDS)), "proxy").path


@pytest.fixture(scope="module")
async def listening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("listening") / "beeps.wav"
    run_ffmpeg("-f", "lavfi", "-i", BEEPS, source)
    return made(await rendered(source, Kind.AUDIO, duration=float(SECONDS)), "proxy").path


def shown(clip: Path) -> list[tuple[float, int]]:
    """When each frame is shown, in frames from second 0, and which frame of the source it is."""
    with av.open(str(clip)) as container:
        return [(frame.time * FRAME_RATE, number(frame)) for frame in container.decode(video=0) if frame.time is not None]


def number(frame: av.VideoFrame) -> int:
    grey = frame.to_ndarray(format="gray")
    rest, whole = grey[40:56, 20:60].mean(), grey[40:56, 100:140].mean()
    return round(float(whole - 16) / 6) * 16 + round(float(rest - 16) / 14)


def beeps(clip: Path) -> list[float]:
    """Seconds at which tones begin, by the clip's own clock."""
    with av.open(str(clip)) as container:
        stream = container.streams.audio[0]
        first = next(container.decode(stream)).time or 0.0
        rate = stream.rate
    loud = np.abs(sound(clip).astype(float)) > 3000
    quiet_before = np.array([loud[at] and not loud[max(0, at - rate // 5) : at].any() for at in np.flatnonzero(loud)])
    return [float(at / rate + first) for at in np.flatnonzero(loud)[quiet_before]]


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(0.0, 1.0), (2.0, 4.0), (4.9, 5.1), (6.4, 9.733), (1.01, 1.2), (13.0, 14.0), (13.5, 20.0), (7.0, 7.1), (0.02, 14.0)],
)
async def test_a_clip_is_the_span_to_the_frame(proxy: Path, tmp_path: Path, starts: float, ends: float) -> None:
    clip = await short().cut(proxy, starts, ends, tmp_path / "clip.mp4", unheard)
    frames = shown(clip)
    first, last = round(starts * FRAME_RATE), min(round(ends * FRAME_RATE), SECONDS * FRAME_RATE) - 1
    assert [number for _, number in frames] == list(range(first, last + 1))
    assert [place for place, _ in frames] == pytest.approx(list(range(len(frames))), abs=0.01)


async def test_picture_and_sound_stay_together(proxy: Path, tmp_path: Path) -> None:
    """Tones begin at whole seconds, that is at every fifteenth frame."""
    clip = await short().cut(proxy, 4.4, 8.8, tmp_path / "clip.mp4", unheard)
    frames = shown(clip)
    seconds = [place / FRAME_RATE for place, number in frames if number % FRAME_RATE == 0]
    assert seconds == pytest.approx([0.6, 1.6, 2.6, 3.6])
    assert beeps(clip) == pytest.approx(seconds, abs=0.02)
    found = examine(clip)
    assert found is not None
    assert found.lengths.picture == pytest.approx(4.4, abs=0.01)
    assert found.lengths.sound == pytest.approx(4.4, abs=0.05)


async def test_sound_alone_is_cut_to_the_sample(listening: Path, tmp_path: Path) -> None:
    clip = await short().cut(listening, 4.4, 8.8, tmp_path / "clip.m4a", unheard)
    assert beeps(clip) == pytest.approx([0.6, 1.6, 2.6, 3.6], abs=0.01)
    assert len(sound(clip)) / 48000 == pytest.approx(4.4, abs=0.05)
    with av.open(str(clip)) as container:
        assert [stream.type for stream in container.streams] == ["audio"]


async def test_a_clip_says_nothing_of_where_it_comes_from_and_plays_while_it_is_loaded(proxy: Path, tmp_path: Path) -> None:
    tagged = tmp_path / "tagged.mp4"
    run_ffmpeg("-i", proxy, "-c", "copy", *TAGS, "-metadata:s:v", "title=Camera 7", tagged)
    with av.open(str(tagged)) as container:
        assert container.metadata["title"] == "Our garden"
    clip = await short().cut(tagged, 1.0, 2.0, tmp_path / "clip.mp4", unheard)
    content = clip.read_bytes()
    for word in (b"garden", b"48.1", b"anna", b"Camera", b"tagged", b"Lavf"):
        assert word not in content
    assert content.find(b"moov") < content.find(b"mdat")


async def test_where_the_sound_has_ended_there_is_picture_alone(tmp_path: Path) -> None:
    source = encode(
        tmp_path / "long.mp4", "testsrc=size=64x48:rate=15:duration=6", "-pix_fmt", "yuv420p", tone="sine=duration=2"
    )
    proxy = made(await rendered(source, duration=6.0), "proxy").path
    clip = await short().cut(proxy, 4.0, 5.0, tmp_path / "clip.mp4", unheard)
    with av.open(str(clip)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    both = await short().cut(proxy, 1.0, 5.0, tmp_path / "both.mp4", unheard)
    found = examine(both)
    assert found is not None
    assert found.lengths.picture == pytest.approx(4.0, abs=0.01)
    assert found.lengths.sound == pytest.approx(1.0, abs=0.1)


async def test_a_silent_video_has_silent_clips(tmp_path: Path) -> None:
    source = encode(tmp_path / "silent.mp4", "testsrc=size=64x48:rate=15:duration=3", "-pix_fmt", "yuv420p", tone=None)
    proxy = made(await rendered(source, duration=3.0, audio=False), "proxy").path
    clip = await short().cut(proxy, 1.0, 2.0, tmp_path / "clip.mp4", unheard)
    found = examine(clip)
    assert found is not None
    assert found.lengths.picture == pytest.approx(1.0, abs=0.01)
    assert found.lengths.sound is None


async def test_without_a_proxy_the_original_is_cut_however_unsteady_its_frames_are(tmp_path: Path) -> None:
    """Frames 0 to 89 of a clock of 30 a second, of which between the first and the second second only every sixth is there."""
    source = tmp_path / "unsteady é.mkv"
    unsteady = "select='lt(n,30)+gte(n,60)+not(mod(n,6))'"
    picture = f"color=black:size=160x96:rate=30:duration=3,format=gray,{COUNTED.format(n='N')},{unsteady}"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-fps_mode", "vfr", "-pix_fmt", "yuv420p", *TAGS, source)
    proxy = await short().proxy_of(source_of(source, Kind.VIDEO, 3.0), place(tmp_path, "work"), unheard)
    clip = await short().cut(proxy, 1.2, 2.4, tmp_path / "clip.mp4", unheard)
    frames = shown(clip)
    assert len(frames) == round(1.2 * FRAME_RATE)
    for at, seen in frames:
        expected = 36 + 2 * at
        held = expected - expected % 6 if expected < 60 else expected
        assert seen == pytest.approx(held, abs=2)


async def test_the_sound_of_an_original_is_cut_without_a_proxy_too(tmp_path: Path) -> None:
    source = tmp_path / "beeps.wav"
    run_ffmpeg("-f", "lavfi", "-i", BEEPS, source)
    proxy = await short().proxy_of(source_of(source, Kind.AUDIO, 14.0), place(tmp_path, "work"), unheard)
    clip = await short().cut(proxy, 1.5, 3.5, tmp_path / "clip.m4a", unheard)
    assert beeps(clip) == pytest.approx([0.5, 1.5], abs=0.01)


async def test_past_the_end_there_is_nothing_to_cut(proxy: Path, listening: Path, tmp_path: Path) -> None:
    with pytest.raises(BadMedia, match=r"The picture ends after 14\.0 s, and the span begins at 20\.0 s"):
        await short().cut(proxy, 20.0, 21.0, tmp_path / "clip.mp4", unheard)
    with pytest.raises(BadMedia, match=r"The sound ends after 14\.\d s, and the span begins at 20\.0 s"):
        await short().cut(listening, 20.0, 21.0, tmp_path / "clip.m4a", unheard)
    assert not (tmp_path / "clip.mp4").exists()


async def test_a_proxy_that_is_none_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "proxy.mp4").write_text("no video")
    with pytest.raises(BadMedia, match="Make it anew"):
        await short().cut(tmp_path / "proxy.mp4", 0.0, 1.0, tmp_path / "clip.mp4", unheard)


async def test_how_far_it_is_is_told(proxy: Path, tmp_path: Path) -> None:
    told = list[tuple[float, float | None]]()
    await short().cut(proxy, 1.0, 11.0, tmp_path / "clip.mp4", lambda done, total: told.append((done, total)))
    done, total = told[-1]
    assert done == pytest.approx(10.0, abs=0.2)
    assert total == pytest.approx(10.0)


@given(
    starts=st.floats(0, 100),
    length=st.floats(0.1, 100),
    picture=st.one_of(st.none(), st.floats(0.2, 150)),
    heard=st.one_of(st.none(), st.floats(0.2, 150)),
)
def test_what_is_cut_is_the_span_within_a_frame(
    starts: float, length: float, picture: float | None, heard: float | None
) -> None:
    try:
        cut = planned(starts, starts + length, picture=picture, sound=heard)
    except BadMedia:
        assert starts >= (picture if picture is not None else heard or 0.0)
        return
    assert cut.picture == (picture is not None)
    assert cut.sound == (heard is not None and starts < heard)
    frame = 1 / FRAME_RATE
    assert cut.starts < cut.ends
    assert cut.starts == pytest.approx(starts, abs=frame + 1e-6)
    assert cut.ends == pytest.approx(starts + length, abs=frame + 1e-6)


def test_no_frame_lies_where_it_is_cut() -> None:
    words = arguments(Path("/films/a.mp4"), Cut(30 / 15, 60 / 15, picture=True, sound=True), "clip.mp4")
    assert words[:4] == ["-ss", "1.000000", "-t", "4.000000"]
    graphs = [words[at + 1] for at, word in enumerate(words) if word == "-filter_complex"]
    assert graphs == [
        "[0:V:0]trim=start=0.966667:end=2.966667,setpts=PTS-STARTPTS[seen]",
        "[0:a:0]atrim=start=1.000000:end=3.000000,asetpts=PTS-STARTPTS[heard]",
    ]
