"""The models that the fake serves, with their limits, lives and profiles: what AWS had in November 2026."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.support.bedrock.errors import AwsError, invalid

ACCOUNT = "123456789012"
SCOPES = {"us-": "us", "ca-": "us", "eu-": "eu", "ap-northeast-1": "jp", "ap-northeast-3": "jp", "ap-": "apac"}
"""Which profiles can be called from regions whose names begin so, beside the global ones."""
TOKENS_OF_FRAME = 288
"""Of each second of a video that is looked at."""


@dataclass(frozen=True)
class FakeModel:
    """A model; `most_frames` of a video are looked at, one each second at first."""

    id: str
    name: str
    media: bool
    context: int
    most_output: int
    scopes: tuple[str, ...]
    generation: int = 1
    most_frames: int = 960
    profile_required: bool = False
    embeds: bool = False
    born: datetime = datetime(2024, 12, 3, tzinfo=UTC)
    legacy: datetime | None = None
    ended: datetime | None = None

    def has_ended(self, now: datetime) -> bool:
        """Whether calls fail because its life is over."""
        return self.ended is not None and self.ended <= now


MODELS = (
    FakeModel("amazon.nova-micro-v1:0", "Nova Micro", False, 128_000, 10_000, ("us", "eu", "apac")),
    FakeModel("amazon.nova-lite-v1:0", "Nova Lite", True, 300_000, 10_000, ("us", "eu", "apac")),
    FakeModel("amazon.nova-pro-v1:0", "Nova Pro", True, 300_000, 10_000, ("us", "eu", "apac")),
    FakeModel(
        "amazon.nova-premier-v1:0",
        "Nova Premier",
        True,
        1_000_000,
        10_000,
        ("us",),
        most_frames=3200,
        profile_required=True,
        born=datetime(2025, 4, 30, tzinfo=UTC),
        legacy=datetime(2026, 3, 13, tzinfo=UTC),
        ended=datetime(2026, 9, 14, tzinfo=UTC),
    ),
    FakeModel(
        "amazon.nova-2-lite-v1:0",
        "Nova 2 Lite",
        True,
        1_000_000,
        64_000,
        ("global", "us", "eu", "jp"),
        generation=2,
        most_frames=3200,
        profile_required=True,
        born=datetime(2025, 12, 2, tzinfo=UTC),
    ),
    FakeModel(
        "amazon.nova-2-pro-preview-20251202-v1:0",
        "Nova 2 Pro Preview",
        True,
        1_000_000,
        64_000,
        ("global", "us", "eu", "apac"),
        generation=2,
        most_frames=3200,
        born=datetime(2025, 12, 2, tzinfo=UTC),
    ),
    FakeModel(
        "amazon.nova-2-multimodal-embeddings-v1:0",
        "Nova MM Embeddings",
        True,
        8_172,
        0,
        (),
        generation=2,
        embeds=True,
        born=datetime(2025, 10, 28, tzinfo=UTC),
    ),
)


def named(model_id: str) -> FakeModel | None:
    """The model of a base id, or of the ARN of one."""
    base = model_id.rpartition(":foundation-model/")[2]
    return next((model for model in MODELS if model.id == base), None)


def profiles(region: str) -> list[tuple[str, FakeModel]]:
    """Inference profiles that can be called from a region: scope and model, whether it still lives or not."""
    scopes = ("global", *sorted({scope for start, scope in SCOPES.items() if region.startswith(start)}))
    return [(scope, model) for scope in scopes for model in MODELS if scope in model.scopes]


def served(model_id: str, region: str, now: datetime) -> FakeModel:
    """The model that a call means; raises what AWS answers where it cannot be called so, from there, or any more."""
    found = re.fullmatch(r"(?:arn:aws:bedrock:[a-z0-9-]+:\d{12}:inference-profile/)?([a-z]+)\.(amazon\..+)", model_id)
    model = named(found[2]) if found else named(model_id)
    if model is None:
        raise invalid("The provided model identifier is invalid.")
    if found and (found[1], model) not in profiles(region):
        raise invalid("The provided model identifier is invalid.")
    if model.has_ended(now):
        raise AwsError("ResourceNotFoundException", "This model version has reached the end of its life.")
    if model.profile_required and not found:
        raise invalid(
            f"Invocation of model ID {model.id} with on-demand throughput isn\u2019t supported. "
            "Retry your request with the ID or ARN of an inference profile that contains this model."
        )
    return model
