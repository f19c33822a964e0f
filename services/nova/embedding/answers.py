"""What Bedrock writes into a bucket about the segments of a video."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from shared import embedding_requests
from shared.embedding_requests import UnfitVector, unit
from shared.errors import Permanent

RESULT = "segmented-embedding-result.json"
"""The file that names the others."""
MANIFEST = "manifest.json"


class Segment(NamedTuple):
    """A stretch of a video in seconds, and the vector of what is to be seen in it."""

    start: float
    end: float
    vector: NDArray[np.float32]


class Unseen(Permanent):
    """Bedrock made no vectors of a video; the text says why."""

    def __init__(self, reason: object) -> None:
        super().__init__(
            f"Nova Multimodal Embeddings made no vectors of what is to be seen in this video: {reason}. "
            "Look whether its proxy plays, then ask for its embeddings again."
        )


def file_of_pictures(result: bytes) -> str:
    """The URI of the file with the vectors of pictures; raises Unseen."""
    told = _read(result)
    results = told.get("embeddingResults") if isinstance(told, dict) else None
    seen = [one for one in results or () if isinstance(one, dict) and one.get("embeddingType") == "VIDEO"]
    if not seen:
        raise Unseen("the result names no file with them")
    uri = seen[0].get("outputFileUri")
    if seen[0].get("status") == "FAILURE" or not isinstance(uri, str):
        raise Unseen(seen[0].get("message") or seen[0].get("failureReason") or "it does not say why")
    return uri


def segments(lines: bytes, dimensions: int) -> list[Segment]:
    """The segments in their order, without those that failed; raises Unseen if none is left."""
    found = sorted(_segments(lines, dimensions), key=lambda segment: segment.start)
    if not found:
        raise Unseen("every segment failed")
    return found


def keeping(found: Sequence[Segment]) -> list[JsonValue]:
    """Segments as the ledger keeps them."""
    return [{"start": one.start, "end": one.end, "vector": embedding_requests.kept(one.vector)} for one in found]


def kept_in(entries: Sequence[Any], dimensions: int) -> list[Segment]:
    """The segments that the ledger kept; raises UnfitVector."""
    return [Segment(one["start"], one["end"], embedding_requests.told(one["vector"], dimensions)) for one in entries]


def _segments(lines: bytes, dimensions: int) -> Iterator[Segment]:
    for line in lines.splitlines():
        told = _read(line) if line.strip() else None
        if not isinstance(told, dict) or told.get("status", "SUCCESS") == "FAILURE":
            continue
        place = told.get("segmentMetadata") or {}
        try:
            start, end = float(place["segmentStartSeconds"]), float(place["segmentEndSeconds"])
        except (KeyError, TypeError, ValueError) as error:
            raise UnfitVector("it does not say of which seconds it is") from error
        yield Segment(start, end, unit(told.get("embedding"), dimensions))


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unseen("what was written about them is no JSON") from error
