"""What has to be done to a picture's colours so that every screen shows them right: 8 bits, BT.709. Pure.

HDR is tone-mapped: its reference white of 203 cd/m² (ITU-R BT.2408) comes out near white, what is darker keeps its brightness
relative to it, and highlights are compressed rather than cut off.
"""

from typing import Any

from services.proxy.footage import Colour, Picture

HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
"""Transfer functions of HDR."""
WHITE, PEAK = 203, 1000
"""Brightness of HDR's reference white, and the brightest that is expected to matter, in cd/m²."""
HD_LINES = 720
"""From this height on, a picture that does not say its colour space is meant in BT.709; below, in BT.601."""


def is_hdr(colour: Colour) -> bool:
    """Whether a picture has to be tone-mapped."""
    return colour.transfer in HDR


def declared(picture: Picture) -> dict[str, str]:
    """The colour space for `setparams`: as the source says, and as is customary where it does not."""
    colour = picture.colour
    if is_hdr(colour):
        usual = {"colorspace": "bt2020nc", "color_primaries": "bt2020"}
    elif min(picture.width, picture.height) >= HD_LINES:
        usual = {"colorspace": "bt709"}
    else:
        usual = {}
    told = {"colorspace": colour.matrix, "color_primaries": colour.primaries, "color_trc": colour.transfer}
    named = {**usual, **{option: name for option, name in told.items() if name}}
    if colour.rgb:
        named.pop("colorspace", None)
    return named


def scaling(colour: Colour) -> dict[str, str]:
    """Options for the `scale` filter: the range of all video, and a known matrix for what was red, green and blue."""
    return {"out_range": "tv", **({"out_color_matrix": "bt709"} if colour.rgb else {})}


def shown(frames: Any, colour: Colour) -> Any:
    """The frames in colours that any screen shows; only what is HDR or has the wide colours of BT.2020 is touched."""
    if is_hdr(colour):
        linear = frames.filter("zscale", t="linear", npl=WHITE, p="bt709").filter("format", "gbrpf32le")
        mapped = linear.filter("tonemap", "mobius", desat=0, peak=round(PEAK / WHITE, 3))
        return mapped.filter("zscale", t="bt709", m="bt709", r="tv")
    if colour.primaries == "bt2020":
        return frames.filter("zscale", t="bt709", p="bt709", m="bt709", r="tv")
    return frames
