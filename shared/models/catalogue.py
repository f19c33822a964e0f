"""The catalogue of models: data that comes along, what the provider said since, and what the user knows better."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, JsonValue, ValidationError, model_validator

from shared.errors import Invalid
from shared.models import layers
from shared.models.rates import Duration, ImageRule, Prices, Read, Strict, VideoRule

OWN = Path(__file__).parent / "bedrock.yaml"


class Modality(StrEnum):
    """What a model can be shown."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"


class Purpose(StrEnum):
    """What a model is for."""

    UNDERSTANDING = "understanding"
    EMBEDDING = "embedding"


class Status(StrEnum):
    """How a provider stands to a model."""

    PREVIEW = "preview"
    ACTIVE = "active"
    LEGACY = "legacy"
    RETIRED = "retired"


class Lifecycle(Read):
    """From when a model is not recommended, and from when it is gone; the successor is a key of the catalogue."""

    status: Status
    legacy_on: date | None = None
    ends_on: date | None = None
    successor: str | None = None

    def retired(self, today: date) -> bool:
        """Whether calls fail by now."""
        return self.status is Status.RETIRED or (self.ends_on is not None and self.ends_on <= today)


class Formats(Strict):
    """Which containers of video and images a model takes, as the provider's API writes them."""

    image: tuple[str, ...] = ()
    video: tuple[str, ...] = ()


class Limits(Read):
    """What one request may carry; bytes."""

    request_bytes: int = Field(gt=0, description="Of a whole request, media within it as base64.")
    staged_bytes: int = Field(gt=0, description="Of a file that lies in a bucket.")
    image_side: int = Field(gt=0, description="Pixels.")


class Assumed(Strict):
    """What has to be taken for granted of a model that nobody has described yet."""

    context_tokens: int = Field(gt=0)
    most_output_tokens: int = Field(ge=0, description="0 for embeddings.")
    video: VideoRule | None = None
    image: ImageRule | None = None
    useful_window_seconds: float = Field(900.0, gt=0, description="Longer videos are looked at in parts.")
    overlap_seconds: float = Field(10.0, ge=0, description="What neighbouring parts have in common.")
    formats: Formats = Formats()
    limits: Limits | None = None
    seconds: Duration | None = None

    @model_validator(mode="after")
    def _advances(self) -> Self:
        if self.overlap_seconds >= self.useful_window_seconds:
            raise ValueError("overlap_seconds must be less than useful_window_seconds")
        return self


class Model(Assumed):
    """A model as it is asked and paid for; without prices it is not asked."""

    key: str
    name: str
    provider: str = "bedrock"
    purpose: Purpose = Purpose.UNDERSTANDING
    model_id: str
    profiles: dict[str, str] = Field(default_factory=dict, description="Ids of inference profiles by scope.")
    profile_required: bool = False
    modalities: frozenset[Modality]
    dimensions: tuple[int, ...] = Field((), description="Of embeddings.")
    lifecycle: Lifecycle
    prices: Prices | None = None

    def called(self, scope: str) -> str:
        """The id to call in this scope: an inference profile, else the model's own; raises Invalid if it is not there."""
        if scope in self.profiles:
            return self.profiles[scope]
        if not self.profile_required and self.prices is not None and scope in self.prices.scopes:
            return self.model_id
        raise Invalid(f"{self.name} cannot be called in the scope {scope}; {_elsewhere(self.callable_in())}.")

    def callable_in(self) -> list[str]:
        """The scopes in which it can be called."""
        priced = () if self.profile_required or self.prices is None else self.prices.scopes
        return sorted({*self.profiles, *priced})


class Catalogue(Strict):
    """All models by key, and when the oldest of their prices was read."""

    models: dict[str, Model]
    prices_as_of: date

    def find(self, key: str) -> Model:
        """The model; raises Invalid that names what there is."""
        if (model := self.models.get(key)) is not None:
            return model
        raise Invalid(f'There is no model "{key}" in the catalogue; there are {", ".join(sorted(self.models))}.')

    def with_id(self, model_id: str) -> Model | None:
        """The model that is called so, by its own id or by that of a profile."""
        return next((one for one in self.models.values() if model_id in (one.model_id, *one.profiles.values())), None)


class _File(Strict):
    """A catalogue file, all layers in one."""

    provider: str
    models: dict[str, Model]
    unknown_models: Assumed


def _elsewhere(scopes: list[str]) -> str:
    """In which scopes instead, as the end of a sentence."""
    if not scopes:
        return "the catalogue knows no scope in which it can"
    return f"it can in {', '.join(scopes)}, which SPILLWAY_BEDROCK_SCOPE chooses"


def load(override: Path | None = None, refreshed: Mapping[str, JsonValue] | None = None) -> Catalogue:
    """What comes along, what a provider said since, what the user knows better; raises Invalid that names file and field."""
    layer = layers.read(OWN)
    if refreshed:
        layer = layers.laid_over(layer, layers.refresh_layer(layer, refreshed))
    if override is None:
        return _validated(layer, "that was stored when it was refreshed" if refreshed else OWN.name)
    return _validated(layers.laid_over(layer, layers.read(override)), override)


def _validated(layer: layers.Layer, path: Path | str) -> Catalogue:
    try:
        file = _File.model_validate(_keyed(layer))
        dates = [model.prices.read_on for model in file.models.values() if model.prices is not None]
        return Catalogue(models=file.models, prices_as_of=min(dates))
    except ValidationError as error:
        raise Invalid(layers.sentence(path, error)) from error


def _keyed(layer: layers.Layer) -> layers.Layer:
    """The layer with each model told its key and provider."""
    models = layer["models"]
    if not isinstance(models, Mapping):
        return layer
    told_of = {"provider": layer["provider"]}
    keyed = {
        key: {**told_of, "key": str(key), **model} if isinstance(model, Mapping) else model for key, model in models.items()
    }
    return {**layer, "models": keyed}
