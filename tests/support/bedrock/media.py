"""Media as the models look at them: decoded, so that a file is what it says it is, and measured."""

import hashlib
import io
from dataclasses import dataclass
from typing import Literal

import av
from PIL import Image as Pillow

from tests.support.bedrock.errors import invalid

MOST_PIXELS_OF_A_SIDE = 8000
TOO_LARGE = f"The image dimensions exceed the maximum allowed size of {MOST_PIXELS_OF_A_SIDE}x{MOST_PIXELS_OF_A_SIDE} pixels"
CONTAINERS = {
    "mov,mp4,m4a,3gp,3g2,mj2": {"mp4", "mov", "three_gp", "3gp"},
    "matroska,webm": {"mkv", "webm"},
    "flv": {"flv"},
    "mpeg": {"mpeg", "mpg"},
    "mpegvideo": {"mpeg", "mpg"},
    "asf": {"wmv"},
}
"""Formats that a container, as ffmpeg names it, can be said to have."""
CODECS = {
    "mkv": {"h264"},
    "mov": {"h264", "hevc", "prores"},
    "mp4": {"h264", "hevc", "mpeg4", "vp9", "mpeg2video", "jpeg2000"},
    "webm": {"vp8", "vp9"},
    "flv": {"flv1"},
    "mpeg": {"mpeg1video"},
    "mpg": {"mpeg1video"},
    "wmv": {"msmpeg4v3"},
    "three_gp": {"h264"},
    "3gp": {"h264"},
}
SOUNDS = {"mp3": "mp3", "wav": "wav", "ogg": "ogg"}


@dataclass(frozen=True)
class Media:
    """A picture, a video or a sound that was looked at; `seconds` and sides are 0 where it has none."""

    kind: Literal["image", "video", "audio"]
    digest: str
    inline: bool
    size: int
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    has_sound: bool = False


def look_at_image(body: bytes, said: str, *, inline: bool) -> Media:
    """A picture's measures; raises ValidationException if it is none, another than was said, or too large."""
    try:
        with Pillow.open(io.BytesIO(body)) as image:
            is_, (width, height) = (image.format or "").lower(), image.size
            if max(width, height) <= MOST_PIXELS_OF_A_SIDE:
                image.load()
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise invalid(TOO_LARGE) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise invalid("Could not process image") from error
    if is_ != said:
        raise invalid(
            f"The image was specified using the image/{said} media type, but the image appears to be a image/{is_} image"
        )
    if max(width, height) > MOST_PIXELS_OF_A_SIDE:
        raise invalid(TOO_LARGE)
    return Media("image", _digest(body), inline, len(body), width=width, height=height)


def look_at_video(body: bytes, said: str, *, inline: bool) -> Media:
    """A video's measures; raises ValidationException if it is none, another than was said, or of a codec that is not taken."""
    try:
        with av.open(io.BytesIO(body), mode="r") as container:
            stream = container.streams.video[0]
            if said not in CONTAINERS.get(container.format.name, ()):
                raise invalid(f"The video is not in the format that was specified: {said}")
            if (codec := stream.codec_context.name) not in CODECS[said]:
                raise invalid(f"The video codec {codec} is not supported for the format {said}")
            width, height = stream.codec_context.width, stream.codec_context.height
            has_sound = bool(container.streams.audio)
            next(container.decode(stream))
            container.seek(0, stream=stream)
            seconds = _length(container, stream)
    except (av.error.FFmpegError, IndexError, StopIteration) as error:
        raise invalid("Could not process video: it cannot be decoded") from error
    return Media("video", _digest(body), inline, len(body), seconds, width, height, has_sound)


def look_at_sound(body: bytes, said: str, *, inline: bool) -> Media:
    """A sound's length; raises ValidationException if it is none, or another than was said."""
    try:
        with av.open(io.BytesIO(body), mode="r") as container:
            if container.format.name != SOUNDS[said]:
                raise invalid(f"The audio is not in the format that was specified: {said}")
            seconds = _length(container, container.streams.audio[0])
    except (av.error.FFmpegError, IndexError) as error:
        raise invalid("Could not process audio: it cannot be decoded") from error
    return Media("audio", _digest(body), inline, len(body), seconds, has_sound=True)


def _length(container: av.container.InputContainer, stream: av.VideoStream | av.AudioStream) -> float:
    """Seconds from the first packet's begin to the last one's end."""
    spans = [
        (packet.pts, packet.pts + (packet.duration or 0))
        for packet in container.demux(stream)
        if packet.pts is not None and not packet.is_discard
    ]
    if not spans or stream.time_base is None:
        return 0.0
    return float((max(end for _, end in spans) - min(start for start, _ in spans)) * stream.time_base)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
