"""Video and sound, read by PyAV: streams, duration, and the tags that recorders write."""

import contextlib
import math
from typing import IO, Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from pydantic import JsonValue

from services.ingest import capture
from services.ingest.metadata import count, plain, positive, text, without_empty
from services.ingest.outcome import Description, NotOurs, Refused
from services.ingest.sniff import Format
from shared.contracts import Kind

STILL = Disposition.attached_pic | Disposition.timed_thumbnails
"""Cover art and chapter pictures: they come as a video stream, and make no video of a sound file."""
CONTAINER_TAGS = frozenset({
    "major_brand", "minor_version", "compatible_brands", "encoder", "creation_time", "handler_name", "vendor_id", "language",
})  # fmt: skip
"""Tags about the file rather than about what it shows."""
LONGEST_DURATION = 366 * 24 * 3600.0
"""Seconds; a year of footage in one file is a damaged header."""

NOTHING_INSIDE = "The file holds neither picture nor sound that can be read."
UNKNOWN_CODEC = "The picture is in a codec that cannot be read here, or is damaged; convert the video to H.264 or ProRes."


def describe_media(file: IO[bytes], format_: Format) -> Description:
    """Kind, duration, picture and sound of a file that is read through `file`; raises Refused."""
    try:
        # The demuxer is named, so that none that opens other files (playlists) can be tricked into answering.
        with av.open(file, "r", format=format_.code, metadata_errors="replace") as container:
            return _description(container)
    except (av.FFmpegError, EOFError, ValueError) as error:
        raise Refused(_damage(error, format_)) from error


def _description(container: InputContainer) -> Description:
    video = next((stream for stream in container.streams.video if _is_moving(stream)), None)
    audio = next((stream for stream in container.streams.audio if _is_audible(stream)), None)
    if video is None and audio is None:
        raise NotOurs(NOTHING_INSIDE)
    if video is not None and video.codec_context is None:
        raise Refused(UNKNOWN_CODEC)
    tags = _tags(container, video, audio)
    captured = _captured(tags)
    latitude, longitude = _place(tags) or (None, None)
    rotation = _rotation(container, video) if video else None
    width, height = _displayed(video, rotation) if video else (None, None)
    metadata: dict[str, JsonValue] = {
        "container": container.format.name,
        "bitrate": count(container.bit_rate) if video else None,
        "video": _video(video, rotation) if video else None,
        "audio": _audio(audio, container) if audio else None,
        "captured_zone": captured.zone if captured else None,
        "tags": without_empty({name: plain(value) for name, value in tags.items() if name not in CONTAINER_TAGS}),
    }
    return Description(
        kind=Kind.VIDEO if video else Kind.AUDIO,
        duration=_duration(container),
        width=width,
        height=height,
        captured_at=captured.at if captured else None,
        latitude=latitude,
        longitude=longitude,
        camera=capture.camera(*(tags.get(f"com.apple.quicktime.{tag}") or tags.get(tag) for tag in ("make", "model"))),
        has_audio=audio is not None,
        metadata=without_empty(metadata),
    )


def _is_moving(stream: VideoStream) -> bool:
    return not stream.disposition & STILL


def _is_audible(stream: AudioStream) -> bool:
    # A demuxer that was given noise still announces a stream, of which it knows nothing.
    return stream.codec_context is not None and bool(stream.rate) and bool(stream.channels)


def _duration(container: InputContainer) -> float | None:
    lengths = [container.duration / av.time_base] if container.duration else []
    lengths += [float(track.duration * track.time_base) for track in container.streams if track.duration and track.time_base]
    return next((seconds for seconds in map(positive, lengths) if seconds and seconds <= LONGEST_DURATION), None)


def _rotation(container: InputContainer, video: VideoStream) -> int | None:
    """Degrees by which a player turns the picture, clockwise; PyAV tells them with a decoded frame only."""
    video.thread_type = "NONE"  # threads would each take a frame before the first comes out
    with contextlib.suppress(av.FFmpegError, EOFError, ValueError, StopIteration):
        frame = next(container.decode(video))
        return round(-frame.rotation) % 360
    return None


def _displayed(video: VideoStream, rotation: int | None) -> tuple[int | None, int | None]:
    width, height = count(video.width), count(video.height)
    if width and (shape := positive(video.sample_aspect_ratio)) and not math.isclose(shape, 1.0):
        width = round(width * shape)
    return (height, width) if rotation in {90, 270} else (width, height)


def _video(stream: VideoStream, rotation: int | None) -> dict[str, JsonValue]:
    return without_empty(
        {
            "codec": _codec(stream),
            "coded_width": count(stream.width),
            "coded_height": count(stream.height),
            "rotation": rotation,
            "frame_rate": positive(stream.average_rate or stream.guessed_rate),
            "bitrate": count(stream.bit_rate),
            "pixel_format": text(stream.pix_fmt),
        }
    )


def _audio(stream: AudioStream, container: InputContainer) -> dict[str, JsonValue]:
    return without_empty(
        {
            "codec": _codec(stream),
            "channels": count(stream.channels),
            "sample_rate": count(stream.rate),
            "bitrate": count(stream.bit_rate or (container.bit_rate if len(container.streams) == 1 else None)),
            "language": text(stream.metadata.get("language")),
        }
    )


def _codec(stream: VideoStream | AudioStream) -> str | None:
    return text(stream.codec_context.codec.canonical_name) if stream.codec_context else None


def _tags(container: InputContainer, *streams: VideoStream | AudioStream | None) -> dict[str, Any]:
    """The container's tags, and those of the streams that it lacks itself; names in lower case, as writers differ in it."""
    merged: dict[str, Any] = {}
    for tags in (container.metadata, *(stream.metadata for stream in streams if stream)):
        for name, value in tags.items():
            merged.setdefault(name.casefold(), value)
    return merged


def _captured(tags: dict[str, Any]) -> capture.Moment | None:
    for name in ("com.apple.quicktime.creationdate", "creation_time", "date_recorded", "date"):
        if found := capture.moment(tags.get(name)):
            return found
    return None


def _place(tags: dict[str, Any]) -> capture.Place | None:
    return capture.place_of_iso6709(tags.get("com.apple.quicktime.location.iso6709") or tags.get("location"))


def _damage(error: Exception, format_: Format) -> str:
    said = text(getattr(error, "strerror", None) or str(error))
    return (
        f"The file looks like {format_.name} but cannot be read: it is damaged or incomplete ({said}). "
        "Copy it again from where it came."
    )
