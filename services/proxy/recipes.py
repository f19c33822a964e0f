"""What each rendition is made with: a short text that changes whenever what comes out would. Pure."""

from collections.abc import Mapping

from services.proxy import candidates, framing, sprite, waveform
from shared.contracts import Kind
from shared.media_encoders import QUALITY, Encoder

GRAPH, IMAGES = "v2", "v2"
"""Counted up when the making of videos and sounds, or of images, changes otherwise than by a number that is named here."""

_SOUND: Mapping[str, str] = {
    "audio": f"{GRAPH};16kHz;mono;flac",
    "waveform": f"{GRAPH};{waveform.FINEST};{waveform.MOST};8bit",
}
_PICTURES: Mapping[str, str] = {
    "thumbnail": f"{GRAPH};{candidates.WIDTH};of{candidates.MOST}",
    "sprite": f"{GRAPH};{sprite.TILE_WIDTH};{candidates.MOST}",
    "sprite_vtt": f"{GRAPH};{sprite.TILE_WIDTH};{candidates.MOST}",
}
_RECIPES: Mapping[Kind, Mapping[str, str]] = {
    Kind.VIDEO: {**_PICTURES, **_SOUND},
    Kind.AUDIO: {"proxy": f"{GRAPH};aac;96k", **_SOUND},
    Kind.IMAGE: {"image": f"{IMAGES};896;q85", "thumbnail": f"{IMAGES};320;q85"},
}


def recipe(kind: Kind, name: str, encoder: Encoder = Encoder.X264) -> str:
    """What a rendition is made with today; the encoder matters for the proxies of videos only."""
    if (kind, name) == (Kind.VIDEO, "proxy"):
        return f"{GRAPH};{framing.SIDE}p{framing.FRAME_RATE};{encoder};{QUALITY[encoder]}"
    return _RECIPES[kind][name]


def is_current(kind: Kind, name: str, made_with: str) -> bool:
    """Whether a rendition would be made the same way today; which of the encoders made a proxy is no matter."""
    if (kind, name) == (Kind.VIDEO, "proxy"):
        return made_with in {recipe(kind, name, encoder) for encoder in Encoder}
    return _RECIPES[kind].get(name) == made_with
