"""The ffmpeg runs: every output of a file from one decode. Pure: a source goes in, an argument list comes out."""

from collections.abc import Mapping
from typing import Any

from services.proxy.renditions import Source
from services.proxy.shots import CUTS, THRESHOLD
from shared.media_graph import arguments, open_source, output

PROXY, LISTENING, THUMBNAIL, SPEECH = "720p15.mp4", "listening.m4a", "thumbnail.jpg", "16khz.flac"

FRAME_RATE = 15
SIDE = 720
"""Pixels of the proxy's shorter side, so that upright video is as sharp as lying video."""
THUMBNAIL_WIDTH = 320
GOOD_FRAME = 100
"""Frames among which the most typical is the thumbnail where the length is unknown: seven seconds, past most fade-ins."""
STEPS = 8
"""The thumbnail is taken anew so many times on the way to the middle: a file that ends early has one all the same."""

SCALE = f"min(1,{SIDE}/min(iw*sar,ih))"
ALIGNED = {"async": 1, "first_pts": 0}
"""Fills gaps with silence, so that a second of sound is the same second as in the picture."""
BARE = {"map_metadata": -1, "map_chapters": -1}
"""Neither tags nor chapters: they are in the library, and may tell where the person lives."""
SPEECH_FORM = {"ar": 16000, "ac": 1, "sample_fmt": "s16", "c:a": "flac", **BARE}
MP4 = {"movflags": "+faststart", **BARE}
AAC = {"ac": 2, "c:a": "aac", "b:a": "96k"}


def video_encoder() -> Mapping[str, object]:
    """The encoder of proxies and its options."""
    return {"c:v": "libx264", "preset": "veryfast", "crf": 26, "g": 5 * FRAME_RATE}


def video_arguments(source: Source) -> list[str]:
    """One run: proxy, thumbnail, shot cuts, and, if the source has audio, 16 kHz speech audio."""
    media = open_source()
    heard = _sound(media) if source.has_audio else ()
    frames = media["V:0"].filter("fps", FRAME_RATE).filter("scale", w=_even("iw*sar"), h=_even("ih")).filter("setsar", 1)
    large, small = _split(frames.filter("format", "yuv420p"))
    thumbnail, scenes = _split(small.filter("scale", w=f"min({THUMBNAIL_WIDTH},iw)", h=-1))
    # The first frame passes too: an output that gets no frame at all counts as a failure.
    cuts = scenes.filter("select", f"eq(n,0)+gt(scene,{THRESHOLD})").filter("metadata", mode="print", file=CUTS)
    outputs = [
        output(large, *heard[:1], PROXY, **video_encoder(), **(AAC if heard else {}), **MP4),
        output(_thumbnail(thumbnail, source.duration), THUMBNAIL, **{"q:v": 3}, update=1, fps_mode="vfr"),
        output(cuts, "-", f="null", fps_mode="vfr"),
        *(output(track, SPEECH, **SPEECH_FORM) for track in heard[1:]),
    ]
    return arguments(source.path, *outputs)


def audio_arguments(source: Source) -> list[str]:
    """One run: something to listen to, and 16 kHz speech audio. Pictures in the file are cover art and left out."""
    proxy, speech = _sound(open_source())
    return arguments(source.path, output(proxy, LISTENING, **AAC, **MP4), output(speech, SPEECH, **SPEECH_FORM))


def _even(side: str) -> str:
    """The side times the scale, never enlarged, even as H.264 wants it; the small term is for 639.9999."""
    return f"2*max(1,trunc({side}*{SCALE}/2+0.01))"


def _sound(media: Any) -> tuple[Any, Any]:
    """The sound for the proxy and for speech, from one filter: two that share a decoder can make ffmpeg wait for ever."""
    both = media["a:0"].filter("aresample", **ALIGNED).asplit()
    return both[0], both[1]


def _split(stream: Any) -> tuple[Any, Any]:
    both = stream.split()
    return both[0], both[1]


def _thumbnail(frames: Any, duration: float | None) -> Any:
    if not duration:
        return frames.filter("thumbnail", GOOD_FRAME).filter("select", "eq(n,0)")
    middle, step = round(duration / 2, 3), round(duration / 2 / STEPS, 3)
    return frames.filter("select", f"isnan(prev_selected_t)+lt(prev_selected_t,{middle})*gte(t,prev_selected_t+{step})")
