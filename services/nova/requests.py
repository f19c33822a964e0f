"""What a model is sent: the arguments of one Converse call, and whether they fit into it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from services.nova.prompting.instructions import Prompt

SAMPLING: Final[Mapping[str, float | int]] = MappingProxyType({"temperature": 0.2, "topP": 0.9, "topK": 50})
"""How freely a model chooses its words: little, as it is to report and not to invent, yet enough not to repeat itself for
ever, as the most likely word alone can make it. Recorded with each question, as other values make it another one."""
MOST_INLINE = 25_000_000
"""Bytes that a request may have in all."""
ENVELOPE = 4_000
"""Bytes, far more than all that is neither medium nor text."""
LONGEST_ESCAPE = 12
"""Bytes that one character can become in JSON: two escapes of six."""


class MediumKind(StrEnum):
    """What a model looks at."""

    VIDEO = "video"
    IMAGE = "image"


FORMATS: Final[Mapping[MediumKind, frozenset[str]]] = MappingProxyType(
    {
        MediumKind.VIDEO: frozenset({"mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"}),
        MediumKind.IMAGE: frozenset({"png", "jpeg", "gif", "webp"}),
    }
)


@dataclass(frozen=True)
class Medium:
    """A video or an image: the bytes themselves, or where they lie as `s3://bucket/key`; the format as Converse calls it."""

    kind: MediumKind
    source: bytes | str
    format: str
    bucket_owner: str | None = None
    """The AWS account of the bucket, where it is not that of the caller."""

    def __post_init__(self) -> None:
        if self.format not in FORMATS[self.kind]:
            raise ValueError(f"there is no {self.kind} format {self.format}; there are {', '.join(sorted(FORMATS[self.kind]))}")


def converse_request(
    model_id: str, prompt: Prompt, context: str, medium: Medium | None, *, most_output_tokens: int
) -> dict[str, Any]:
    """The arguments of Converse: what to look at, then what is known of it, then what to do; blank texts are left out."""
    texts = ({"text": text} for text in (context, prompt.text) if text.strip())
    request: dict[str, Any] = {
        "modelId": model_id,
        "messages": [{"role": "user", "content": [*(() if medium is None else (_block(medium),)), *texts]}],
        "inferenceConfig": {
            "maxTokens": most_output_tokens,
            "temperature": SAMPLING["temperature"],
            "topP": SAMPLING["topP"],
        },
        "additionalModelRequestFields": {"inferenceConfig": {"topK": SAMPLING["topK"]}},
    }
    return request | ({"system": [{"text": prompt.system}]} if prompt.system.strip() else {})


def fits_inline(size: int, text_characters: int) -> bool:
    """Whether a medium of so many bytes is sure to fit into a request beside texts of so many characters in all."""
    return base64_size(size) + text_characters * LONGEST_ESCAPE + ENVELOPE <= MOST_INLINE


def base64_size(size: int) -> int:
    """How many characters so many bytes become."""
    return 4 * -(-size // 3)


def payload_size(request: Mapping[str, Any]) -> int:
    """Bytes of the body of the HTTP request that the arguments become."""
    media = 0

    def left_out(value: object) -> str:
        nonlocal media
        assert isinstance(value, bytes)
        media += base64_size(len(value))
        return ""

    body = json.dumps({name: value for name, value in request.items() if name != "modelId"}, default=left_out)
    return len(body.encode()) + media


def _block(medium: Medium) -> dict[str, Any]:
    return {medium.kind.value: {"format": medium.format, "source": _source(medium)}}


def _source(medium: Medium) -> dict[str, Any]:
    if isinstance(medium.source, bytes):
        return {"bytes": medium.source}
    owner = {"bucketOwner": medium.bucket_owner} if medium.bucket_owner else {}
    return {"s3Location": {"uri": medium.source, **owner}}
