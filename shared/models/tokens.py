"""How many tokens video, images and text come to, by the rules of the catalogue."""

import math
from itertools import pairwise
from typing import NamedTuple

from shared.errors import Invalid
from shared.models.catalogue import Model
from shared.models.rates import ImageRule

CHARACTERS_PER_TOKEN = 3.8
"""Of English prose. Today's tokenizers have 4 to 4.5; Nova's own is not published, so that a little more is assumed: an
estimate may be too high, not too low."""
CHARACTERS_PER_TOKEN_OF_NOTATION = 1.9
"""Of JSON and the like, if each sign and digit is a token; most tokenizers join some of them, and have up to 3."""


class Tokens(NamedTuple):
    """The cheaper and the dearer reading of a rule; the same where a provider says one thing."""

    low: int
    high: int


def video_tokens(model: Model, seconds: float) -> Tokens:
    """Of so many seconds of video in one request; raises Invalid if the model takes none."""
    if model.video is None:
        raise Invalid(f"{model.name} takes no video.")
    rule = model.video
    frames = math.ceil(round(max(seconds, 0.0) * rule.frames_per_second, 6))
    high = min(frames, rule.most_frames) * rule.tokens_per_frame
    low = min(frames, rule.capped_at or rule.most_frames) * rule.tokens_per_frame
    return Tokens(low, high)


def image_tokens(model: Model, width: int, height: int) -> Tokens:
    """Of an image of so many pixels; raises Invalid if the model takes none."""
    if model.image is None:
        raise Invalid(f"{model.name} takes no images.")
    by_size = _by_area(model.image, width, height)
    return Tokens(min(model.image.flat or by_size, by_size), max(model.image.flat or 0, by_size))


def unknown_image_tokens(model: Model) -> Tokens:
    """Of an image whose size is not known: from the least to the most among the examples."""
    if model.image is None:
        raise Invalid(f"{model.name} takes no images.")
    examples = model.image.examples
    return Tokens(model.image.flat or examples[0].tokens, examples[-1].tokens)


def text_tokens(characters: int) -> int:
    """Of so many characters of English prose, rounded up."""
    return math.ceil(characters / CHARACTERS_PER_TOKEN)


def notation_tokens(characters: int) -> int:
    """Of so many characters of JSON, rounded up."""
    return math.ceil(characters / CHARACTERS_PER_TOKEN_OF_NOTATION)


def _by_area(rule: ImageRule, width: int, height: int) -> int:
    """On the line between the two examples next in area; in proportion to the area below the first and above the last."""
    scale = max(1.0, rule.enlarged_to / max(width, height, 1))
    area = width * height * scale * scale
    first, last = rule.examples[0], rule.examples[-1]
    if area <= first.area:
        return math.ceil(first.tokens * area / first.area)
    for lower, upper in pairwise(rule.examples):
        if area <= upper.area:
            share = (area - lower.area) / (upper.area - lower.area)
            return math.ceil(lower.tokens + share * (upper.tokens - lower.tokens))
    return math.ceil(last.tokens * area / last.area)
