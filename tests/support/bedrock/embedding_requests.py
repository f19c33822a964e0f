"""What Nova Multimodal Embeddings takes: the bodies of its requests, as its schema page has them."""

from typing import Any, Literal, Self, TypeVar

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from tests.support.bedrock.errors import invalid

Dimension = Literal[256, 384, 1024, 3072]
Purpose = Literal[
    "GENERIC_INDEX",
    "GENERIC_RETRIEVAL",
    "TEXT_RETRIEVAL",
    "IMAGE_RETRIEVAL",
    "VIDEO_RETRIEVAL",
    "DOCUMENT_RETRIEVAL",
    "AUDIO_RETRIEVAL",
    "CLASSIFICATION",
    "CLUSTERING",
]
MODALITIES = ("text", "image", "audio", "video")
P = TypeVar("P", bound="Part")


class Part(BaseModel):  # type: ignore[pydantic-alias]  # the names of its members are for requests, none is made here
    """A part of a request; it has no members but these, named in camel case."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True)  # type: ignore[pydantic-alias]


class Location(Part):
    """An object in S3."""

    uri: str = Field(pattern=r"^s3://[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9](/.*)?$", max_length=1024)
    bucket_owner: str | None = Field(None, pattern=r"^\d{12}$")


class Source(Part):
    """Bytes, or where they are."""

    bytes: Base64Bytes | None = None
    s3_location: Location | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.bytes is None) == (self.s3_location is None):
            raise ValueError("exactly one of bytes and s3Location is required")
        return self

    def given(self) -> dict[str, Any]:
        """As Converse has a source."""
        return (
            {"bytes": self.bytes}
            if self.bytes is not None
            else {"s3Location": {"uri": self.s3_location and self.s3_location.uri}}
        )


class Stored(Part):
    """What can only be in S3."""

    s3_location: Location


class TextSegments(Part):
    """How a long text is cut."""

    max_length_chars: int = Field(32_000, ge=800, le=50_000)


class TimeSegments(Part):
    """How a video or a sound is cut."""

    duration_seconds: int = Field(5, ge=1, le=30)


class Text(Part):
    """A text to embed."""

    truncation_mode: Literal["START", "END", "NONE"]
    value: str | None = Field(None, min_length=1, max_length=8192)
    source: Stored | None = None
    segmentation_config: TextSegments | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.value is None) == (self.source is None):
            raise ValueError("exactly one of value and source is required")
        return self


class Image(Part):
    """A picture to embed."""

    format: Literal["png", "jpeg", "gif", "webp"]
    source: Source
    detail_level: Literal["STANDARD_IMAGE", "DOCUMENT_IMAGE"] = "STANDARD_IMAGE"


class Audio(Part):
    """A sound to embed."""

    format: Literal["mp3", "wav", "ogg"]
    source: Source
    segmentation_config: TimeSegments | None = None


class Video(Part):
    """A video to embed."""

    format: Literal["mp4", "mov", "mkv", "webm", "flv", "mpeg", "mpg", "wmv", "3gp"]
    source: Source
    embedding_mode: Literal["AUDIO_VIDEO_COMBINED", "AUDIO_VIDEO_SEPARATE"]
    segmentation_config: TimeSegments | None = None


class Parameters(Part):
    """What to embed, for which purpose and in how many dimensions; exactly one of the four."""

    embedding_purpose: Purpose
    embedding_dimension: Dimension = 3072
    text: Text | None = None
    image: Image | None = None
    audio: Audio | None = None
    video: Video | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, name) is not None for name in MODALITIES) != 1:
            raise ValueError(f"exactly one of {', '.join(MODALITIES)} is required")
        return self


class Single(Part):
    """One embedding, at once."""

    schema_version: Literal["nova-multimodal-embed-v1"] = "nova-multimodal-embed-v1"
    task_type: Literal["SINGLE_EMBEDDING"]
    single_embedding_params: Parameters

    @model_validator(mode="after")
    def _whole(self) -> Self:
        asked = self.single_embedding_params
        if any(part and part.segmentation_config for part in (asked.text, asked.audio, asked.video)):
            raise ValueError("extraneous key [segmentationConfig] is not permitted")
        return self


class Segmented(Part):
    """Embeddings of a long one's segments, in the background."""

    schema_version: Literal["nova-multimodal-embed-v1"] = "nova-multimodal-embed-v1"
    task_type: Literal["SEGMENTED_EMBEDDING"]
    segmented_embedding_params: Parameters

    @model_validator(mode="after")
    def _stored(self) -> Self:
        asked = self.segmented_embedding_params
        media = [part for part in (asked.image, asked.audio, asked.video) if part]
        if (asked.text and asked.text.value is not None) or any(part.source.bytes is not None for part in media):
            raise ValueError("inputs of SEGMENTED_EMBEDDING must be in S3")
        return self


def read_single(body: dict[str, Any]) -> Parameters:
    """What InvokeModel is asked to embed; raises ValidationException."""
    return _read(Single, body).single_embedding_params


def read_segmented(body: dict[str, Any]) -> Parameters:
    """What StartAsyncInvoke is asked to embed; raises ValidationException."""
    return _read(Segmented, body).segmented_embedding_params


def _read(kind: type[P], body: dict[str, Any]) -> P:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(map(str, first["loc"]))
        raise invalid(
            f"Malformed input request: #/{place}: {first['msg']}, please reformat your input and try again."
        ) from error
