"""What makes two questions to a model the same: the answer to the first is then the answer to the second, at no cost."""

import hashlib
from collections.abc import Collection
from typing import Any

from services.nova.chunking.plan import Chunk
from services.nova.requests import SAMPLING
from shared.analyses import AnalysisType, Depth


def question_parts(
    *,
    fingerprint: str,
    types: Collection[AnalysisType],
    model: str,
    model_id: str,
    prompt_version: str,
    taxonomy: tuple[str, int],
    purpose: str = "analysis",
    chunk: Chunk | None = None,
    depth: Depth | None = None,
    language: str | None = None,
    text: str | None = None,
) -> dict[str, Any]:
    """Everything that the answer depends on, in plain values.

    `fingerprint` is of the file's content. What is known about the file beside it, its path and its transcript, is left out on
    purpose: a file that was moved, or transcribed anew, is still the one that the answer is about. Where words are all that is
    asked about, as in a summary of a transcript or the repair of an answer, they are the `text`.
    """
    return {
        "fingerprint": fingerprint,
        "chunk": None if chunk is None else [round(chunk.start * 1000), round(chunk.end * 1000)],
        "types": [one.value for one in AnalysisType if one in types],
        "depth": None if depth is None else depth.value,
        "language": language,
        "prompt_version": prompt_version,
        "taxonomy": list(taxonomy),
        "model": model,
        "model_id": model_id,
        "sampling": dict(SAMPLING),
        "purpose": purpose,
        "text": None if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    }
