"""What Nova Multimodal Embeddings is asked, and what its answers say."""

import base64
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from shared.errors import Permanent

LONGEST_TEXT = 8192
"""Characters of a text that the model reads."""
LONGEST_CLIP = 30.0
"""Seconds of a video that one vector can stand for."""
LONGEST_VIDEO = 7200.0
"""Seconds of a video that can be given as a whole."""
ENVELOPE = 1000
"""Bytes of a request around the media in it, generously."""
SCHEMA = "nova-multimodal-embed-v1"
PICTURES_ONLY = "AUDIO_VIDEO_SEPARATE"
"""A vector for what is to be seen, apart from what is to be heard: the clips are silent, as speech is embedded by its words."""


class Purpose(StrEnum):
    """What a vector is for; the model makes those that are stored different from those that are asked with."""

    STORE = "GENERIC_INDEX"
    ASK = "GENERIC_RETRIEVAL"


class UnfitVector(Permanent):
    """An answer without the vector that was asked for."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nova Multimodal Embeddings answered with no vector that can be used: {reason}. Try the file again.")


def stored_name(model_id: str, dimensions: int) -> str:
    """The name that is stored with each vector: vectors of another model or length cannot be compared."""
    return f"{model_id.partition('.')[2].partition(':')[0]}-{dimensions}"


def readable(text: str) -> str:
    """The text as far as the model reads it, up to the end of a word."""
    if len(text) <= LONGEST_TEXT:
        return text
    begun = text[: LONGEST_TEXT + 1]
    words, space, _ = begun.rpartition(" ")
    return words.rstrip() if space and words.strip() else begun[:LONGEST_TEXT]


def text_body(text: str, purpose: Purpose, dimensions: int) -> dict[str, JsonValue]:
    """The request for the vector of a text."""
    return _single(purpose, dimensions, text={"truncationMode": "END", "value": text})


def image_body(image: bytes, kind: str, dimensions: int) -> dict[str, JsonValue]:
    """The request for the vector of an image, which is stored; `kind` is png, jpeg, gif or webp."""
    source = {"bytes": base64.b64encode(image).decode()}
    return _single(Purpose.STORE, dimensions, image={"format": kind, "detailLevel": "STANDARD_IMAGE", "source": source})


def clip_body(clip: bytes, dimensions: int) -> dict[str, JsonValue]:
    """The request for the vector of an MP4 of `LONGEST_CLIP` seconds at most, which is stored."""
    source = {"bytes": base64.b64encode(clip).decode()}
    return _single(Purpose.STORE, dimensions, video={"format": "mp4", "embeddingMode": PICTURES_ONLY, "source": source})


def segments_body(uri: str, dimensions: int) -> dict[str, JsonValue]:
    """The request for the vectors of all segments of an MP4 in a bucket, which are stored."""
    video = {"format": "mp4", "embeddingMode": PICTURES_ONLY, "source": {"s3Location": {"uri": uri}}}
    video["segmentationConfig"] = {"durationSeconds": int(LONGEST_CLIP)}
    asked = {"embeddingPurpose": Purpose.STORE.value, "embeddingDimension": dimensions, "video": video}
    return {"schemaVersion": SCHEMA, "taskType": "SEGMENTED_EMBEDDING", "segmentedEmbeddingParams": _json(asked)}


def fits_request(size: int, limit: int) -> bool:
    """Whether media of so many bytes fit into a request of at most `limit`: base64 makes four of three."""
    return -(-size // 3) * 4 + ENVELOPE <= limit


def vector_in(body: JsonValue, dimensions: int) -> NDArray[np.float32]:
    """The vector in an answer, of length one; of several that of the pictures; raises UnfitVector."""
    found = body.get("embeddings") if isinstance(body, dict) else None
    vectors = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    if not vectors:
        raise UnfitVector("there is none in it")
    seen = next((one for one in vectors if one.get("embeddingType") == "VIDEO"), vectors[0])
    return unit(seen.get("embedding"), dimensions)


def unit(values: JsonValue, dimensions: int) -> NDArray[np.float32]:
    """A vector of length one in the direction of the numbers; raises UnfitVector."""
    try:
        vector = np.array(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise UnfitVector("it has something else than numbers") from error
    if vector.shape != (dimensions,):
        raise UnfitVector(f"it should have {dimensions} numbers and has the shape {vector.shape}")
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0.0:
        raise UnfitVector("it has no direction")
    return vector / np.float32(length)


def kept(vector: NDArray[np.float32]) -> JsonValue:
    """A vector as the ledger keeps it: in half precision, which is what the index compares."""
    return {"half": base64.b64encode(vector.astype("<f2").tobytes()).decode()}


def told(body: JsonValue, dimensions: int) -> NDArray[np.float32]:
    """The vector that the ledger kept, of length one; raises UnfitVector."""
    half = body.get("half") if isinstance(body, dict) else None
    if not isinstance(half, str):
        raise UnfitVector("what was kept of it is none")
    numbers = base64.b64decode(half)
    if len(numbers) != 2 * dimensions:
        raise UnfitVector("what was kept of it has another length")
    return unit(np.frombuffer(numbers, dtype="<f2").tolist(), dimensions)


def _single(purpose: Purpose, dimensions: int, **content: Any) -> dict[str, JsonValue]:
    asked = {"embeddingPurpose": purpose.value, "embeddingDimension": dimensions, **content}
    return {"schemaVersion": SCHEMA, "taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": _json(asked)}


def _json(value: Any) -> JsonValue:
    checked: JsonValue = value
    return checked
