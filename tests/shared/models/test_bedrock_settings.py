"""Settings of what talks to Bedrock, as they are read from the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import load
from shared.models.rates import Tier

NAMES = ("REGION", "SCOPE", "TIER", "STAGING_BUCKET", "STAGING_PREFIX", "CONCURRENCY", "CONNECT_TIMEOUT", "READ_TIMEOUT")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*(f"SPILLWAY_BEDROCK_{one}" for one in NAMES), "SPILLWAY_MODEL_CATALOGUE", "SPILLWAY_NOVA_MODEL"):
        monkeypatch.delenv(name, raising=False)


def test_nothing_has_to_be_set() -> None:
    settings = BedrockSettings()
    assert (settings.region, settings.scope, settings.tier) == ("us-east-1", "us", Tier.STANDARD)
    assert (settings.staging_bucket, settings.model_catalogue, settings.read_timeout) == (None, None, 3600)
    assert load().find(settings.default_model).called(settings.scope) == "us.amazon.nova-2-lite-v1:0"


def test_they_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "SPILLWAY_BEDROCK_REGION": "eu-central-1",
        "SPILLWAY_BEDROCK_SCOPE": "eu",
        "SPILLWAY_BEDROCK_TIER": "flex",
        "SPILLWAY_BEDROCK_STAGING_BUCKET": "our-videos",
        "SPILLWAY_BEDROCK_CONCURRENCY": "2",
        "SPILLWAY_MODEL_CATALOGUE": "/etc/models.yaml",
        "SPILLWAY_NOVA_MODEL": "pro",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = BedrockSettings()
    assert (settings.region, settings.scope, settings.tier, settings.concurrency) == ("eu-central-1", "eu", Tier.FLEX, 2)
    assert (settings.staging_bucket, settings.default_model) == ("our-videos", "pro")
    assert settings.model_catalogue == Path("/etc/models.yaml")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPILLWAY_BEDROCK_REGION", "Virginia"),
        ("SPILLWAY_BEDROCK_SCOPE", "mars"),
        ("SPILLWAY_BEDROCK_TIER", "fast"),
        ("SPILLWAY_BEDROCK_STAGING_BUCKET", "Our Videos"),
        ("SPILLWAY_BEDROCK_CONCURRENCY", "0"),
        ("SPILLWAY_BEDROCK_READ_TIMEOUT", "0"),
    ],
)
def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        BedrockSettings()


def test_what_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_BEDROCK_STAGING_BUCKET", "")
    assert BedrockSettings().staging_bucket is None
