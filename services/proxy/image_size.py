"""How large an image's renditions are. Pure: sizes are (width, height) in pixels."""

from shared.errors import BadMedia

Size = tuple[int, int]

SIDE, LONGEST, THUMBNAIL_WIDTH = 896, 16384, 320
"""Pixels of the image's shorter side, and of the thumbnail's width. No side is longer than programs that show it can take."""

SPARE = 2
"""A JPEG is decoded at no less than so many times its final size: shrinking coefficients blurs and rings, Lanczos does not."""


def fitted(size: Size) -> Size:
    """The size of the image rendition."""
    return _scaled(size, min(SIDE / min(size), LONGEST / max(size)))


def thumbnail(size: Size) -> Size:
    """The size of the thumbnail of an image rendition."""
    return _scaled(size, THUMBNAIL_WIDTH / size[0])


def decoded_share(size: Size) -> int:
    """How many times smaller (1, 2, 4 or 8) a JPEG of this size is decoded."""
    excess = size[0] / fitted(size)[0] / SPARE
    return max(share for share in (1, 2, 4, 8) if share <= max(1.0, excess))


def require_size(size: Size, pixels: int) -> None:
    """Raise BadMedia if an image has more than so many pixels."""
    if size[0] * size[1] > pixels:
        raise BadMedia(
            f"The image has {size[0]} by {size[1]} pixels, more than the {pixels / 1e6:.0f} million that are decoded. "
            "Make it smaller, or raise SPILLWAY_PROXY_IMAGE_PIXELS."
        )


def _scaled(size: Size, scale: float) -> Size:
    """A size at a scale, never enlarged and never nothing."""
    scale = min(scale, 1.0)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
