"""What the tracks of a video or sound file are, in values that people and the proxy go by."""

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream
from pydantic import JsonValue

from services.ingest.metadata.colour import colours, dynamic_range
from services.ingest.metadata.display import Turn, turn
from services.ingest.metadata.opening import Opening
from services.ingest.metadata.timing import is_variable
from services.ingest.metadata.values import count, number, positive, text, without_empty

T = TypeVar("T")

MOST_TRACKS = 64
"""Tracks listed; recorders of many microphones write half as many."""
MOST_CHAPTERS = 200
FIELDS = {2: "top", 3: "bottom", 4: "top", 5: "bottom"}
"""The field that is shown first, by ffmpeg's numbers; 4 and 5 are QuickTime's for fields that are stored interleaved."""
PCM = re.compile(r"pcm_[sfu](\d+)", re.ASCII)


def displayed(video: VideoStream, turned: Turn) -> tuple[int | None, int | None]:
    """Width and height as shown: with square pixels, and upright."""
    width, height = count(video.width), count(video.height)
    if width and (shape := _pixel_shape(video)):
        width = round(width * shape)
    return (height, width) if turned.rotation in {90, 270} else (width, height)


def turned(opening: Opening) -> Turn:
    """How the picture has to be turned."""
    return turn(opening.beside.get("DISPLAYMATRIX", b"")) or Turn(0, mirrored=False)


def picture(video: VideoStream, opening: Opening) -> dict[str, JsonValue]:
    """The picture: see `docs/architecture/metadata.md` for what each value means."""
    context = video.codec_context
    way = turned(opening)
    return without_empty(
        {
            **_coded(video),
            "coded_width": count(video.width),
            "coded_height": count(video.height),
            "pixel_shape": _pixel_shape(video),
            "rotation": way.rotation if opening.frame else None,
            "mirrored": way.mirrored or None,
            "frame_rate": positive(video.average_rate or video.guessed_rate),
            "variable_frame_rate": is_variable(opening.samples),
            "frames": count(video.frames),
            "interlaced": FIELDS.get(context.field_order) or ("unknown" if _is_combed(opening) else None),
            "pixel_format": text(context.pix_fmt),
            "bit_depth": _asked(lambda: max(part.bits for part in (context.format.components if context.format else ()))),
            "colour": colours(context.color_primaries, context.color_trc, context.colorspace, context.color_range),
            **dynamic_range(context.color_trc, opening.beside, text(_asked(lambda: context.codec_tag)) or ""),
            "spherical": "SPHERICAL" in opening.beside or None,
        }
    )


def sound(audio: AudioStream, container: InputContainer) -> dict[str, JsonValue]:
    """The sound of one track."""
    alone = container.bit_rate if len(container.streams) == 1 else None
    coded = _coded(audio)
    written = PCM.match(str(coded.get("codec")))
    return without_empty(
        {
            **coded,
            "bitrate": count(audio.bit_rate or alone),
            "channels": count(audio.channels),
            "layout": _layout(audio),
            "sample_rate": count(audio.rate),
            "bit_depth": int(written[1]) if written else None,
            "language": _language(audio),
        }
    )


def tracks(container: InputContainer) -> list[JsonValue]:
    """Every track, in order, up to a limit."""
    return [_track(stream, container) for stream in list(container.streams)[:MOST_TRACKS]]


def chapters(container: InputContainer) -> list[JsonValue]:
    """Beginnings in seconds, and titles."""
    return [
        without_empty({"start": _seconds(chapter["start"], chapter["time_base"]), "title": _titled(chapter["metadata"])})
        for chapter in container.chapters()[:MOST_CHAPTERS]
    ]


def timecode(container: InputContainer) -> str | None:
    """The timecode at the start, of the container, the picture, or a track of its own."""
    tags = [container.metadata, *(stream.metadata for stream in list(container.streams)[:MOST_TRACKS])]
    return next((found for tag in tags if (found := text(tag.get("timecode") or tag.get("TIMECODE")))), None)


def _track(stream: Stream, container: InputContainer) -> JsonValue:
    details = sound(stream, container) if isinstance(stream, AudioStream) and stream.codec_context else {}
    return without_empty(
        {
            "type": stream.type,
            "codec": _codec(stream),
            "language": _language(stream),
            "title": _titled(stream.metadata),
            "channels": details.get("channels"),
            "layout": details.get("layout"),
            "is_default": bool(stream.disposition & Disposition.default) or None,
            "is_cover": bool(stream.disposition & Disposition.attached_pic) or None,
        }
    )


def _layout(audio: AudioStream) -> str | None:
    layout = text(_asked(lambda: audio.layout.name))
    return None if layout and layout.endswith(" channels") else layout  # how ffmpeg says that it is not known


def _coded(stream: VideoStream | AudioStream) -> dict[str, JsonValue]:
    return {
        "codec": _codec(stream),
        "profile": text(_asked(lambda: stream.profile)),
        "codec_tag": text(_asked(lambda: stream.codec_context.codec_tag)),
        "bitrate": count(stream.bit_rate),
        "start": _seconds(stream.start_time, stream.time_base),
    }


def _pixel_shape(video: VideoStream) -> float | None:
    """Width over height of a pixel, unless it is a square."""
    shape = positive(video.sample_aspect_ratio)
    return None if shape is None or math.isclose(shape, 1.0) else round(shape, 6)


def _asked(question: Callable[[], T]) -> T | None:
    """The answer of a reader that may stumble over what the file says."""
    try:
        return question()
    except (AttributeError, LookupError, TypeError, ValueError):
        return None


def _codec(stream: Stream) -> str | None:
    return text(stream.codec_context.codec.canonical_name) if stream.codec_context else None


def _language(stream: Stream) -> str | None:
    language = text(stream.metadata.get("language"))
    return None if language == "und" else language


def _titled(tags: dict[str, str]) -> str | None:
    return text(tags.get("title") or tags.get("TITLE"))


def _seconds(ticks: int | None, base: Fraction | None) -> float | None:
    return None if ticks is None or not base else number(round(float(ticks * base), 6))


def _is_combed(opening: Opening) -> bool:
    return opening.frame is not None and opening.frame.interlaced_frame
