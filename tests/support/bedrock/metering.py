"""What a request is charged for: tokens of text by a rough rule, of pictures and frames by what AWS documents."""

import math
import re
from dataclasses import dataclass
from itertools import pairwise

from tests.support.bedrock.catalogue import TOKENS_OF_FRAME, FakeModel

PIECES = re.compile(r"[^\W\d_]{1,6}|\d|[^\w\s]|_")
"""Much as a tokenizer cuts: words into pieces of up to six letters, digits and signs one by one."""
AREAS = (0, 900 * 450, 900 * 900, 1400 * 900, 1800 * 900, 1300 * 1300)
"""Pixels of the pictures for which AWS tells the tokens; those between are taken along the line, larger ones in proportion."""
ENLARGED_TO = 896
"""Pixels of the longer side to which smaller pictures are scaled before they are looked at."""
TOKENS_OF_AREAS = {1: (0, 800, 1300, 1800, 2400, 2600), 2: (0, 515, 1035, 1600, 2060, 2155)}


@dataclass(frozen=True)
class Usage:
    """What one call is charged for; the media's units where they are charged by the piece."""

    input_tokens: int
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    images: int = 0
    video_seconds: float = 0.0
    audio_seconds: float = 0.0


def text_tokens(text: str) -> int:
    """Tokens of a text."""
    return len(PIECES.findall(text))


def video_tokens(model: FakeModel, seconds: float) -> int:
    """Tokens of a video of this length: one frame a second, up to as many as the model looks at."""
    return TOKENS_OF_FRAME * min(math.ceil(round(seconds, 6)), model.most_frames)


def image_tokens(model: FakeModel, width: int, height: int) -> int:
    """Tokens of a picture of this size."""
    known = list(zip(AREAS, TOKENS_OF_AREAS[model.generation], strict=True))
    area = width * height * max(1.0, ENLARGED_TO / max(width, height)) ** 2
    for (small, fewer), (large, more) in pairwise(known):
        if area <= large:
            return math.ceil(fewer + (more - fewer) * (area - small) / (large - small))
    return math.ceil(known[-1][1] * area / known[-1][0])
