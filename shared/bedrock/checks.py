"""Whether Bedrock can be used from here, found out for nothing."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import boto3

from shared.bedrock.client import Clients
from shared.bedrock.faults import Asked
from shared.bedrock.staging import Staging
from shared.bedrock.translating import NO_CREDENTIALS, translated
from shared.clock import utc_now
from shared.errors import SpillwayError
from shared.models import catalogue
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Model

T = TypeVar("T")

MOST_SKEW = 60.0
"""Seconds; AWS refuses signatures that are five minutes off."""
NAMED_IN = (
    *("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_BEARER_TOKEN_BEDROCK"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
)


@dataclass(frozen=True)
class Finding:
    """What one check found; only `bad` keeps Bedrock from being used."""

    name: str
    state: Literal["good", "note", "bad"]
    sentence: str


def is_set_up(environment: Mapping[str, str]) -> bool:
    """Whether somebody has given this machine AWS credentials, told without asking anybody."""
    return any(environment.get(name) for name in NAMED_IN) or bool(boto3.Session().available_profiles)


async def check(settings: BedrockSettings, *, wanted: bool) -> list[Finding]:
    """What there is and what is missing. Unless Bedrock is `wanted` or credentials are there, nobody is asked."""
    if not wanted and not is_set_up(os.environ):
        sentence = "Not set up; files are analysed on this machine, for nothing. docs/guides/bedrock.md tells what it takes."
        return [Finding("Bedrock", "good", sentence)]
    return await asyncio.to_thread(_checked, settings)


def _checked(settings: BedrockSettings) -> list[Finding]:
    credentials = _found("AWS credentials", lambda: _credentials(settings))
    if credentials.state == "bad":
        return [credentials]
    answers = _found("Bedrock", lambda: _answers(settings))
    model = [] if answers.state == "bad" else [_found("Nova model", lambda: _model(settings))]
    return [credentials, answers, *model, _found("Staging bucket", lambda: _bucket(settings))]


def _found(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except SpillwayError as error:
        return Finding(name, "bad", str(error))


def _asked(settings: BedrockSettings, what: str, action: str, function: Callable[[], T]) -> T:
    with translated(Asked(what, settings.region, action)):
        return function()


def _credentials(settings: BedrockSettings) -> Finding:
    found = _asked(settings, "credentials", "", lambda: boto3.Session().get_credentials())
    if found is None:
        return Finding("AWS credentials", "bad", NO_CREDENTIALS)
    return Finding("AWS credentials", "good", f"Found ({found.method}).")


def _answers(settings: BedrockSettings) -> Finding:
    client = Clients(settings).control()
    action = "bedrock:ListFoundationModels"
    answer = _asked(settings, "the list of models", action, lambda: client.list_foundation_models(byProvider="Amazon"))
    skew = abs(_skew(answer["ResponseMetadata"], utc_now()))
    if skew > MOST_SKEW:
        sentence = f"This machine's clock is {skew:.0f} seconds off, and AWS refuses what is five minutes off; set it by NTP."
        return Finding("Bedrock", "note", sentence)
    models = len(answer["modelSummaries"])
    return Finding("Bedrock", "good", f"It answers in {settings.region}, with {models} models of Amazon's.")


def _skew(metadata: Mapping[str, Any], now: datetime) -> float:
    """Seconds by which this machine's clock is ahead of AWS's."""
    told = metadata.get("HTTPHeaders", {}).get("date")
    return (now - parsedate_to_datetime(told)).total_seconds() if told else 0.0


def _model(settings: BedrockSettings) -> Finding:
    model = catalogue.load(settings.model_catalogue).find(settings.default_model)
    called = model.called(settings.scope)
    client = Clients(settings).control()
    if called != model.model_id:
        action = "bedrock:GetInferenceProfile"
        _asked(settings, called, action, lambda: client.get_inference_profile(inferenceProfileIdentifier=called))
    return _availability(model, called, settings)


def _availability(model: Model, called: str, settings: BedrockSettings) -> Finding:
    client = Clients(settings).control()
    told = _asked(
        settings,
        model.name,
        "bedrock:GetFoundationModelAvailability",
        lambda: client.get_foundation_model_availability(modelId=model.model_id),
    )
    if told["regionAvailability"] != "AVAILABLE" and called == model.model_id:
        sentence = f"{model.name} is not offered in {settings.region}. Set SPILLWAY_BEDROCK_REGION, or SPILLWAY_NOVA_MODEL."
        return Finding("Nova model", "bad", sentence)
    if told["authorizationStatus"] != "AUTHORIZED" or told["entitlementAvailability"] != "AVAILABLE":
        sentence = (
            f"This account may not use {model.name} in {settings.region}. Open Amazon Bedrock → Model access there and enable "
            "it, or let the role or user have bedrock:InvokeModel for it."
        )
        return Finding("Nova model", "bad", sentence)
    return Finding("Nova model", "good", f"{model.name} can be used, as {called}.")


def _bucket(settings: BedrockSettings) -> Finding:
    if settings.staging_bucket is None:
        sentence = (
            "None is set: videos of more than about 18 MB after they are cut cannot be analysed. Set "
            f"SPILLWAY_BEDROCK_STAGING_BUCKET to a bucket on AWS in {settings.region}."
        )
        return Finding("Staging bucket", "note", sentence)
    asyncio.run(_tried(Staging(settings)))
    return Finding("Staging bucket", "good", f"{settings.staging_bucket} takes files and lets go of them.")


async def _tried(staging: Staging) -> None:
    with tempfile.TemporaryDirectory(prefix="spillway-") as folder:
        file = Path(folder) / "check"
        file.write_bytes(b"spillway")
        await staging.put(file, "nova/staging/check", "text/plain")
    await staging.delete("nova/staging/check")
