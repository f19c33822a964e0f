"""What a model is shown and told in one call, checked against what Nova takes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.bedrock.catalogue import FakeModel
from tests.support.bedrock.errors import invalid
from tests.support.bedrock.media import Media, look_at_image, look_at_video
from tests.support.bedrock.metering import Usage, image_tokens, text_tokens, video_tokens
from tests.support.bedrock.objects import Objects

MOST_INLINE_IMAGES = {1: None, 2: 5}
MOST_STORED_IMAGES = 1000
MOST_STORED_BYTES = 1_000_000_000
"""Of one file in S3."""
MOST_STORED_BYTES_TOGETHER = 2_000_000_000
UNSUPPORTED = (
    "document",
    "audio",
    "toolUse",
    "toolResult",
    "guardContent",
    "reasoningContent",
    "citationsContent",
    "searchResult",
)
"""Blocks that the fake does not take; AWS takes some of them."""


@dataclass(frozen=True)
class Piece:
    """A block of the prompt: a text, a picture or a video, or a mark up to which the prompt is to be cached (no tokens)."""

    tokens: int
    digest: str
    text: str = ""
    media: Media | None = None
    is_cache_point: bool = False


@dataclass(frozen=True)
class Conversation:
    """The prompt, in the order in which it is read."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """Everything that is said."""
        return "\n\n".join(piece.text for piece in self.pieces if piece.text)

    @property
    def media(self) -> list[Media]:
        """Everything that is shown."""
        return [piece.media for piece in self.pieces if piece.media]

    @property
    def tokens(self) -> int:
        """Of the whole prompt."""
        return sum(piece.tokens for piece in self.pieces)

    @property
    def digest(self) -> str:
        """The same for the same prompt."""
        return _digest("".join(piece.digest for piece in self.pieces))

    def metered(self, cached: set[str]) -> Usage:
        """What its input is charged as; what stands before a cache point is read from the cache, or written to it."""
        points = [at for at, piece in enumerate(self.pieces) if piece.is_cache_point]
        prefixes = [(_digest("".join(one.digest for one in self.pieces[:at])), at) for at in points]
        read = max((at for digest, at in prefixes if digest in cached), default=0)
        written = max(points, default=0)
        cached.update(digest for digest, _ in prefixes)
        reads, writes = (sum(piece.tokens for piece in self.pieces[start:end]) for start, end in ((0, read), (read, written)))
        return Usage(self.tokens - reads - writes, cache_read_tokens=reads, cache_write_tokens=writes)


def conversation(parameters: Mapping[str, Any], model: FakeModel, objects: Objects) -> Conversation:
    """The prompt of a request for Converse; raises ValidationException with the first thing that Nova does not take."""
    _check_output(parameters, model)
    messages = parameters.get("messages") or []
    if not messages or messages[0]["role"] != "user":
        raise invalid(
            "A conversation must start with a user message. Try again with a conversation that starts with a user message."
        )
    blocks = [*_places("system", parameters.get("system", ()))]
    for number, message in enumerate(messages):
        blocks += _places(f"messages.{number}.content", message["content"])
    _check_blocks(blocks, model)
    pieces = tuple(_piece(place, block, model, objects) for place, block in blocks)
    _check_together([piece.media for piece in pieces if piece.media], model)
    found = Conversation(pieces)
    if found.tokens > model.context:
        raise invalid(f"Input is too long for requested model: {found.tokens} tokens, of {model.context} at most.")
    return found


def _check_output(parameters: Mapping[str, Any], model: FakeModel) -> None:
    if model.embeds:
        raise invalid("This action doesn't support the model that you provided. Try again with a supported text or chat model.")
    most = parameters.get("inferenceConfig", {}).get("maxTokens")
    if most is not None and most > model.most_output:
        limit = model.most_output
        raise invalid(
            f"The maximum tokens you requested exceeds the model limit of {limit}. "
            f"Try again with a maximum tokens value that is lower than {limit}."
        )
    extra = parameters.get("additionalModelRequestFields") or {}
    known = {"inferenceConfig": {"topK"}} if model.generation == 1 else {"inferenceConfig": {"topK"}, "reasoningConfig": None}
    for name, value in extra.items():
        if name not in known or (known[name] is not None and set(value) - (known[name] or set())):
            raise invalid(
                f"Malformed input request: #/{name}: extraneous key is not permitted, please reformat your input and try again."
            )
    if parameters.get("toolConfig") or parameters.get("outputConfig"):
        raise invalid(
            "This model doesn't support tool use or structured output here. Remove toolConfig and outputConfig and try again."
        )


def _places(where: str, blocks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((f"{where}.{number}", block) for number, block in enumerate(blocks))


def _check_blocks(blocks: Sequence[tuple[str, Mapping[str, Any]]], model: FakeModel) -> None:
    """What can be told before any of the media is looked at."""
    for place, block in blocks:
        kind = next(iter(block))
        if kind in UNSUPPORTED or (kind in {"image", "video"} and not model.media):
            raise invalid(f"This model doesn't support the {kind} field. Remove {kind} and try again.")
        if kind == "text" and not block["text"].strip():
            raise invalid(
                f"The text field in the ContentBlock object at {place} is blank. Add text to the text field, and try again."
            )
    if sum("video" in block for _, block in blocks) > 1:
        raise invalid("Too many videos in the request: a maximum of 1 video is supported.")


def _check_together(media: Sequence[Media], model: FakeModel) -> None:
    inline, stored = ([one for one in media if one.inline is here] for here in (True, False))
    most = MOST_INLINE_IMAGES[model.generation]
    if most is not None and sum(one.kind == "image" for one in inline) > most:
        raise invalid(f"Too many images in the request: a maximum of {most} images can be given as bytes.")
    if sum(one.kind == "image" for one in stored) > MOST_STORED_IMAGES:
        raise invalid(f"Too many images in the request: a maximum of {MOST_STORED_IMAGES} images is supported.")
    if sum(one.size for one in stored) > MOST_STORED_BYTES_TOGETHER:
        raise invalid(f"The media in S3 are too large together: the maximum is {MOST_STORED_BYTES_TOGETHER} bytes.")


def _piece(place: str, block: Mapping[str, Any], model: FakeModel, objects: Objects) -> Piece:
    if "text" in block:
        text = block["text"]
        return Piece(text_tokens(text), _digest(text), text)
    if "cachePoint" in block:
        return Piece(0, "", is_cache_point=True)
    kind = "video" if "video" in block else "image"
    body, is_inline = source_of(block[kind]["source"], objects, f"{kind}/", MOST_STORED_BYTES)
    look = look_at_video if kind == "video" else look_at_image
    media = look(body, block[kind]["format"], inline=is_inline)
    tokens = video_tokens(model, media.seconds) if kind == "video" else image_tokens(model, media.width, media.height)
    return Piece(tokens, media.digest, media=media)


def source_of(source: Mapping[str, Any], objects: Objects, types: str, most: int) -> tuple[bytes, bool]:
    """The bytes that a source stands for, and whether they came in the request itself; in S3, it has so many at most."""
    if "bytes" in source:
        return source["bytes"], True
    uri = source["s3Location"]["uri"]
    if objects.size(uri) > most:
        raise invalid(f"The S3 object {uri} is too large: the maximum is {most} bytes.")
    return objects.read(uri, (types,)).body, False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
