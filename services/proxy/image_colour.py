"""Whatever an image's pixels stand for, as 8-bit sRGB on white."""

import functools
from itertools import product

import pyvips

WHITE = 255
ICC = "icc-profile-data"
PROFILE_LIMIT = 8 << 20
"""Bytes of a colour profile that is read; those of printing presses have three million."""
SMALL = 1 << 16
"""Bytes up to which a profile may be sRGB, which has no tables; so many are kept to be recognised."""
SPACES = {"srgb": b"RGB ", "b-w": b"GRAY", "cmyk": b"CMYK"}
SPACE = slice(16, 20)
"""Where a profile says what kind of colours it is for, and how."""

DEEP = frozenset({"char", "short", "int", "uint", "float", "double"})
"""Numbers without an agreed black and white."""
MEASURED = frozenset({"lab", "labq", "labs", "lch", "xyz", "scrgb", "rgb16", "grey16", "yxy", "cmc", "hsv"})
"""Interpretations that say exactly which colour is meant."""
FINITE = 1e30

CUBE = bytes(value for colour in product(range(0, 256, 51), repeat=3) for value in colour)
"""Colours from black to white, to try a profile on."""


def readied(image: pyvips.Image) -> pyvips.Image:
    """Cheap steps that have to come before scaling, row by row: to 8 bits, transparency on white, no bands to spare."""
    if image.interpretation in MEASURED:
        image = image.colourspace("srgb")
    is_ink = image.interpretation == "cmyk"
    if image.format in DEEP:
        return _finite(image.extract_band(0))
    if image.format != "uchar":
        image = image.cast("uchar", shift=True).copy(interpretation=image.interpretation)
    if image.hasalpha():
        image = image.flatten(background=0 if is_ink else WHITE)
    if is_ink:
        return image
    bands, interpretation = (3, "srgb") if image.bands >= 3 else (1, "b-w")
    if (image.bands, image.interpretation) == (bands, interpretation):
        return image
    return image.extract_band(0, n=bands).copy(interpretation=interpretation)


def into_srgb(image: pyvips.Image) -> pyvips.Image:
    """A readied image in sRGB, of three bands; a profile that cannot be used counts as none."""
    if image.format in DEEP:
        image = _stretched(image.copy_memory())
    if (profile := _profile(image)) and not (len(profile) <= SMALL and _is_srgb(profile)):
        try:
            return image.icc_transform("srgb", embedded=True, black_point_compensation=True)
        except pyvips.Error:
            pass  # damaged, which shows before the first pixel
    if image.interpretation == "cmyk":
        return _inks_as_light(image)
    return image if image.interpretation == "srgb" else image.colourspace("srgb")


def _finite(image: pyvips.Image) -> pyvips.Image:
    """Without what is no number: it would spread over its neighbours."""
    return (image.abs() < FINITE).ifthenelse(image, 0)


def _stretched(image: pyvips.Image) -> pyvips.Image:
    """From the least to the greatest value that occurs."""
    low, high = image.min(), image.max()
    scale = 255.0 / (high - low) if high > low else 0.0
    return image.linear(scale, -low * scale, uchar=True).copy(interpretation="b-w")


def _inks_as_light(image: pyvips.Image) -> pyvips.Image:
    """Inks without a profile: each takes its share of the light away, as every viewer shows them."""
    light = image.invert()
    shown = light.extract_band(0, n=3) * light.extract_band(3) / 255.0
    return shown.rint().cast("uchar").copy(interpretation="srgb")


def _profile(image: pyvips.Image) -> bytes | None:
    """The profile that the image brings, if it is one for such images: libvips would put one of its own in its place."""
    if image.get_typeof(ICC) == 0:
        return None
    profile: bytes = image.get(ICC)
    return profile if profile[SPACE] == SPACES[image.interpretation] and len(profile) <= PROFILE_LIMIT else None


@functools.lru_cache(maxsize=64)
def _is_srgb(profile: bytes) -> bool:
    """Whether a profile is sRGB under whatever name: it changes no colour. Most are, and are not worth the conversion."""
    if profile[SPACE] != SPACES["srgb"]:
        return False
    cube = pyvips.Image.new_from_memory(CUBE, len(CUBE) // 3, 1, 3, "uchar").copy(interpretation="srgb")
    cube.set_type(pyvips.GValue.blob_type, ICC, profile)
    try:
        return bool((cube.icc_transform("srgb", embedded=True) - cube).abs().max() <= 1)
    except pyvips.Error:
        return False
