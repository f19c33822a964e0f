"""Clips are cut out of real proxies, whose pictures say which frame they are."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from shutil import copy

import av
import pytest

from services.nova.chunking.cutting import cut, keyframes, without_sound
from services.nova.chunking.plan import Chunk, planned
from shared.errors import BadMedia
from tests.support.converting import encode, made, rendered
from tests.support.media import run_ffmpeg, tiny_video

RATE, SECONDS = 15, 36
NUMBERED = (
    f"color=black:size=160x96:rate={RATE}:duration={SECONDS},format=gray,"
    "geq=lum='if(lt(X,80),mod(N,16)*14+16,floor(N/16)*6+16)'"
)
"""On the left how far the frame's number is beyond a multiple of 16, on the right which multiple."""


@pytest.fixture(scope="module")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A proxy as the pipeline makes them, with sound, of a video whose scene never changes for long."""
    source = encode(
        tmp_path_factory.mktemp("proxy") / "numbered.mp4", NUMBERED, "-pix_fmt", "yuv420p", tone=f"sine=duration={SECONDS}"
    )
    return made(await rendered(source, duration=float(SECONDS)), "proxy").path


def frames(clip: Path) -> list[tuple[float, int]]:
    """When each frame is shown, in frames from second 0, and which frame of the source it is."""
    with av.open(str(clip)) as container:
        return [(frame.time * RATE, _number(frame)) for frame in container.decode(video=0) if frame.time is not None]


def _number(frame: av.VideoFrame) -> int:
    grey = frame.to_ndarray(format="gray")
    rest, whole = grey[40:56, 20:60].mean(), grey[40:56, 100:140].mean()
    return round(float(whole - 16) / 6) * 16 + round(float(rest - 16) / 14)


def pictures(path: Path) -> Iterator[tuple[int, str]]:
    """The packets of the picture, by the frame at which they are shown, and what they hold."""
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            if packet.pts is not None and packet.time_base:
                yield round(packet.pts * packet.time_base * RATE), sha256(bytes(packet)).hexdigest()


def test_key_frames_are_where_decoding_finds_them(proxy: Path) -> None:
    with av.open(str(proxy)) as container:
        decoded = [frame.time for frame in container.decode(video=0) if frame.key_frame]
    found = keyframes(proxy)
    assert list(found) == pytest.approx(decoded)
    assert found[0] == 0.0
    assert all(after - before <= 5.0 for before, after in pairwise(found)), (
        "the proxies' recipe asks for one every five seconds"
    )


async def test_clips_begin_with_the_frame_that_the_source_shows_then(proxy: Path, tmp_path: Path) -> None:
    chunks = planned(float(SECONDS), (), keyframes(proxy), window=16.0, overlap=2.0)
    assert len(chunks) > 2
    for chunk in chunks:
        shown = frames(await cut(proxy, chunk, tmp_path))
        assert shown[0] == (0.0, round(chunk.start * RATE))
        assert all(number == round(chunk.start * RATE + place) for place, number in shown), "the clip's clock is the source's"
        numbers = {number for _, number in shown}
        assert numbers >= set(range(round(chunk.start * RATE), round(chunk.end * RATE) - 3)), "nothing is missing"
        assert max(numbers) <= chunk.end * RATE + 6


async def test_clips_are_copies_without_sound(proxy: Path, tmp_path: Path) -> None:
    chunk = planned(float(SECONDS), (), keyframes(proxy), window=16.0, overlap=2.0)[1]
    clip = await cut(proxy, chunk, tmp_path)
    source, first = dict(pictures(proxy)), round(chunk.start * RATE)
    assert all(source[first + place] == held for place, held in pictures(clip))
    with av.open(str(clip)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert clip.read_bytes().find(b"moov") < clip.read_bytes().find(b"mdat")


async def test_a_clip_that_begins_between_key_frames_holds_nothing_from_before(proxy: Path, tmp_path: Path) -> None:
    start = next(after - 0.4 for before, after in pairwise(keyframes(proxy)) if after - before > 1.0)
    clip = await cut(proxy, Chunk(1, start, start + 4.0), tmp_path)
    shown = frames(clip)
    assert abs(shown[0][1] - start * RATE) <= 1
    assert min(place for place, _ in pictures(clip)) == 0
    assert len(shown) == pytest.approx(4 * RATE, abs=1)


async def test_each_chunk_has_a_clip_of_its_own(proxy: Path, tmp_path: Path) -> None:
    clips = {await cut(proxy, Chunk(number, 0.0, 1.0), tmp_path) for number in (1, 2)} | {await without_sound(proxy, tmp_path)}
    assert len(clips) == 3


@pytest.mark.parametrize("name", ["proxy.mp4", "-i %03d é.mp4"])
async def test_the_whole_without_sound_is_the_picture_as_it_is(proxy: Path, tmp_path: Path, name: str) -> None:
    source = Path(copy(proxy, tmp_path / name))
    clip = await without_sound(source, tmp_path)
    assert list(pictures(clip)) == list(pictures(proxy))
    with av.open(str(clip)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def missing(path: Path) -> None:
    assert not path.exists()


def text(path: Path) -> None:
    path.write_text("no video")


def sound_alone(path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", path)


def broken_off(path: Path) -> None:
    whole = tiny_video(path.with_name("whole.mp4")).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize("spoil", [missing, text, sound_alone, broken_off])
async def test_what_cannot_be_read_is_to_be_made_anew(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    spoil(tmp_path / "proxy.mp4")
    with pytest.raises(BadMedia, match=r"proxy of this file cannot be read\. Make it anew with ./spillway batch proxy"):
        keyframes(tmp_path / "proxy.mp4")
    for chunk in (None, Chunk(1, 0.0, 0.5)):
        with pytest.raises(BadMedia, match=r"proxy of this file cannot be read\. Make it anew"):
            await cut(tmp_path / "proxy.mp4", chunk, tmp_path)
