"""Embeddings at once: texts that share words are near each other, media are where their digest puts them."""

import hashlib
from typing import Any

import numpy as np

from tests.support.bedrock.conversation import source_of
from tests.support.bedrock.embedding_requests import Dimension, Parameters, Text, read_single
from tests.support.bedrock.errors import invalid
from tests.support.bedrock.media import Media, look_at_image, look_at_sound, look_at_video
from tests.support.bedrock.metering import PIECES, Usage, text_tokens
from tests.support.bedrock.objects import Objects
from tests.support.bedrock.resources import Resources

MOST_TOKENS = 8172
MOST_SECONDS = 30.0
MOST_STORED = {"text": 1_000_000, "image": 50_000_000, "audio": 100_000_000, "video": 100_000_000}
"""Bytes of one in S3 that is embedded at once."""
MOST_STORED_CHARACTERS = 50_000
LARGEST = 3072


def embed(resources: Resources, body: dict[str, Any]) -> tuple[dict[str, Any], Usage]:
    """What InvokeModel answers to SINGLE_EMBEDDING, with what it is charged as."""
    asked = read_single(body)
    if asked.text:
        return _embedded_text(asked.text, asked.embedding_dimension, resources.objects)
    media = looked_at(asked, resources.objects, MOST_STORED)
    if media.seconds > MOST_SECONDS:
        raise invalid(
            f"The {media.kind} is {media.seconds:.1f} seconds long: "
            f"the maximum for SINGLE_EMBEDDING is {MOST_SECONDS:.0f} seconds."
        )
    found = [
        {"embeddingType": kind, "embedding": vector(f"{kind} {media.digest}", asked.embedding_dimension)}
        for kind in types_of(asked, media)
    ]
    return {"embeddings": found}, charged(media)


def looked_at(asked: Parameters, objects: Objects, most: dict[str, int]) -> Media:
    """The picture, sound or video that shall be embedded; raises ValidationException if it cannot be."""
    for kind, part, look in (
        ("image", asked.image, look_at_image),
        ("audio", asked.audio, look_at_sound),
        ("video", asked.video, look_at_video),
    ):
        if part:
            body, inline = source_of(part.source.given(), objects, f"{kind}/", most[kind])
            return look(body, part.format, inline=inline)
    raise invalid("Malformed input request: there is nothing to embed.")


def types_of(asked: Parameters, media: Media) -> list[str]:
    """Which embeddings one gets: a video's sound apart, if that is asked for and it has one."""
    if asked.video is None:
        return [media.kind.upper()]
    if asked.video.embedding_mode == "AUDIO_VIDEO_COMBINED":
        return ["AUDIO_VIDEO_COMBINED"]
    return ["VIDEO", "AUDIO"] if media.has_sound else ["VIDEO"]


def charged(media: Media) -> Usage:
    """What a picture, a sound or a video is charged as: by the piece or by the second, not by tokens."""
    if media.kind == "image":
        return Usage(0, images=1)
    if media.kind == "audio":
        return Usage(0, audio_seconds=media.seconds)
    return Usage(0, video_seconds=media.seconds)


def vector(text: str, dimension: Dimension) -> list[float]:
    """A unit vector, the sum of one of each word's own; those of fewer dimensions are the beginnings of the largest."""
    words = text.lower().split() or [text]
    total = np.sum([_direction(word) for word in words], axis=0)[:dimension]
    return [float(value) for value in np.round(total / np.linalg.norm(total), 7)]


def _direction(word: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    seed = int.from_bytes(hashlib.sha256(word.strip(".,;:!?\"'()").encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(LARGEST)


def _embedded_text(asked: Text, dimension: Dimension, objects: Objects) -> tuple[dict[str, Any], Usage]:
    text = asked.value if asked.value is not None else stored_text(asked, objects, MOST_STORED["text"])
    if len(text) > MOST_STORED_CHARACTERS:
        raise invalid(f"The text is too long: the maximum is {MOST_STORED_CHARACTERS} characters.")
    kept, cut = truncated(text, asked.truncation_mode)
    found = {"embeddingType": "TEXT", "embedding": vector(kept, dimension), **cut}
    return {"embeddings": [found]}, Usage(text_tokens(kept))


def stored_text(asked: Text, objects: Objects, most: int) -> str:
    """A text that is in S3."""
    assert asked.source
    body, _ = source_of({"s3Location": {"uri": asked.source.s3_location.uri}}, objects, "text/", most)
    return body.decode("utf-8", "replace")


def truncated(text: str, mode: str) -> tuple[str, dict[str, int]]:
    """A text cut at its begin or its end to what the model reads, and how long it is then if it was cut."""
    pieces = list(PIECES.finditer(text))
    if len(pieces) <= MOST_TOKENS:
        return text, {}
    if mode == "NONE":
        raise invalid(f"Input is too long for requested model: {len(pieces)} tokens, of {MOST_TOKENS} at most.")
    kept = text[: pieces[MOST_TOKENS - 1].end()] if mode == "END" else text[pieces[-MOST_TOKENS].start() :]
    return kept, {"truncatedCharLength": len(kept)}
