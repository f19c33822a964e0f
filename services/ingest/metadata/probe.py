"""Video and sound, read by PyAV: streams, duration, and the tags that recorders write."""

import errno
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import IO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from pydantic import JsonValue

from services.ingest.inspection.sniff import AVI, WAV, Format
from services.ingest.metadata import capture, riff
from services.ingest.metadata.annotations import merged
from services.ingest.metadata.avchd import recorded
from services.ingest.metadata.capture import Moment
from services.ingest.metadata.opening import opening
from services.ingest.metadata.tracks import chapters, displayed, picture, sound, timecode, tracks, turned
from services.ingest.metadata.values import count, plain, positive, text, without_empty
from services.ingest.metadata.xmp import Xmp, read_xmp
from services.ingest.metadata.zones import captured
from services.ingest.outcome import Description, NotOurs, Refused
from shared.contracts import Kind

STILL = Disposition.attached_pic | Disposition.timed_thumbnails
"""Cover art and chapter pictures: they come as a video stream, and make no video of a sound file."""
CONTAINER_TAGS = frozenset({
    "major_brand", "minor_version", "compatible_brands", "encoder", "creation_time", "handler_name", "vendor_id", "language",
    "duration", "timecode", "bps", "number_of_frames", "number_of_bytes", "source_id", "_statistics_writing_app",
    "_statistics_writing_date_utc", "_statistics_tags",
})  # fmt: skip
"""Tags about the file rather than about what it shows."""
MOST_TAGS = 200
LOCATIONS = ("com.apple.quicktime.location.iso6709", "location", "location-eng")
LENSES = ("com.apple.quicktime.camera.lens_model", "lens_model", "lensmodel")
MAKERS = ("com.apple.quicktime.make", "make", "com.android.manufacturer", "manufacturer")
MODELS = ("com.apple.quicktime.model", "model", "com.android.model")
"""Tags in which recorders write where, through which lens, and with what."""
OPTIONS = {"export_xmp": "1"}
"""MP4's XMP comes as a tag only on request; other demuxers pass over the option."""
LONGEST_DURATION = 366 * 24 * 3600.0
"""Seconds; a year of footage in one file is a damaged header."""

NOTHING_INSIDE = "The file holds neither picture nor sound that can be read."
NO_SUCH_PLACE = "it points to a place in itself that cannot be"
"""What it means when the system refuses to go to the place in the file at which the demuxer wants to read on."""
UNKNOWN_CODEC = "The picture is in a codec that cannot be read here, or is damaged; convert the video to H.264 or ProRes."


def describe_media(file: IO[bytes], format_: Format) -> Description:
    """Kind, duration, tracks and tags of a file that is read through `file`; raises Refused."""
    chunks = dict(riff.chunks(file)) if format_ in {WAV, AVI} else {}
    file.seek(0)
    try:
        # The demuxer is named, so that none that opens other files (playlists) can be tricked into answering.
        with av.open(file, "r", format=format_.code, options=OPTIONS, metadata_errors="replace") as container:
            return _description(container, chunks)
    except (av.FFmpegError, EOFError, ValueError) as error:
        raise Refused(_damage(text(getattr(error, "strerror", None) or str(error)), format_)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise Refused(_damage(NO_SUCH_PLACE, format_)) from error


def _description(container: InputContainer, chunks: Mapping[bytes, bytes]) -> Description:
    video = next((stream for stream in container.streams.video if _is_moving(stream)), None)
    audio = next((stream for stream in container.streams.audio if _is_audible(stream)), None)
    if video is None and audio is None:
        raise NotOurs(NOTHING_INSIDE)
    if video is not None and video.codec_context is None:
        raise Refused(UNKNOWN_CODEC)
    tags = _tags(container, video, audio)
    xmp = read_xmp((tags.pop("xmp", None) or "").encode("utf-8", "replace") or chunks.get(riff.XMP, b""))
    first = opening(container, video) if video else None
    times = captured(_times(tags, xmp, first.messages if first else ()))
    where = _first(tags, LOCATIONS)
    latitude, longitude = capture.place_of_iso6709(where) or xmp.place or (None, None)
    width, height = displayed(video, turned(first)) if video and first else (None, None)
    metadata: dict[str, JsonValue] = {
        "container": container.format.name,
        "bitrate": count(container.bit_rate) if video else None,
        "video": picture(video, first) if video and first else None,
        "audio": sound(audio, container) if audio else None,
        "tracks": tracks(container),
        "chapters": chapters(container),
        "timecode": timecode(container),
        **times.told,
        "lens": _first(tags, LENSES) or xmp.lens,
        "gps": without_empty({"altitude": capture.altitude_of_iso6709(where) or xmp.altitude}),
        "tags": without_empty({name: plain(value) for name, value in tags.items() if name not in CONTAINER_TAGS}),
        "xmp": xmp.fields,
        "ixml": riff.read_ixml(chunks.get(riff.IXML, b"")),
    }
    return Description(
        kind=Kind.VIDEO if video else Kind.AUDIO,
        duration=_duration(container),
        width=width,
        height=height,
        captured_at=times.at,
        latitude=latitude,
        longitude=longitude,
        camera=capture.camera(_first(tags, MAKERS), _first(tags, MODELS)) or xmp.camera,
        has_audio=audio is not None,
        metadata=without_empty({**metadata, **merged(metadata)}),
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


def _tags(container: InputContainer, *streams: VideoStream | AudioStream | None) -> dict[str, str]:
    """The container's tags, and those of the streams that it lacks itself; names in lower case, as writers differ in it."""
    merged_tags: dict[str, str] = {}
    for tags in (container.metadata, *(stream.metadata for stream in streams if stream)):
        for name, value in islice(tags.items(), MOST_TAGS):
            merged_tags.setdefault((text(name) or "").casefold(), value)
    return merged_tags


def _first(tags: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := text(tags.get(name)))), None)


def _times(tags: Mapping[str, str], xmp: Xmp, messages: Iterable[bytes]) -> dict[str, Moment | None]:
    """Times of capture by where they stand, those with a zone first."""
    clock = capture.moment(tags.get("creation_time"))
    return {
        "QuickTime": capture.moment(tags.get("com.apple.quicktime.creationdate")),
        "XMP": xmp.captured,
        "recorder": recorded(messages) or capture.moment(f"{tags.get('date')} {tags.get('creation_time')}"),
        # Counted from an epoch in UTC, whatever the zone in which it was filmed.
        "container": clock and clock._replace(zone=None),
        "tags": capture.moment(tags.get("date_recorded")) or capture.moment(tags.get("date")),
    }


def _damage(said: str | None, format_: Format) -> str:
    return (
        f"The file looks like {format_.name} but cannot be read: it is damaged or incomplete ({said}). "
        "Copy it again from where it came."
    )
