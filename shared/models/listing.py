"""What Bedrock lists of its models and inference profiles, in the words of the catalogue."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import JsonValue

from shared.models.catalogue import Modality, Status

PROFILE = re.compile(r"(?P<scope>[a-z-]+)\.(?P<model_id>[a-z0-9-]+\..+)")
ON_DEMAND = "ON_DEMAND"


def described(
    models: Iterable[Mapping[str, Any]], profiles: Iterable[Mapping[str, Any]], *, read_on: date, region: str
) -> dict[str, JsonValue]:
    """By model id what the catalogue takes over: name, modalities, lifecycle, and how the model is called.

    Takes the summaries of ListFoundationModels and ListInferenceProfiles; leaves out what answers by no text and no vector, and
    what takes no text.
    """
    callable_as = _scopes(profiles)
    return {
        model["modelId"]: _described(model, callable_as.get(model["modelId"], {}), read_on, region)
        for model in models
        if "TEXT" in model.get("inputModalities", ()) and {"TEXT", "EMBEDDING"} & set(model.get("outputModalities", ()))
    }


def _described(model: Mapping[str, Any], profiles: dict[str, JsonValue], read_on: date, region: str) -> dict[str, JsonValue]:
    known = {one.value for one in Modality}
    embeds = "EMBEDDING" in model["outputModalities"]
    return {
        "name": model.get("modelName") or model["modelId"],
        "purpose": "embedding" if embeds else "understanding",
        "modalities": sorted(known & {one.lower() for one in model["inputModalities"]}),
        "profiles": profiles,
        "profile_required": ON_DEMAND not in model.get("inferenceTypesSupported", (ON_DEMAND,)),
        "lifecycle": {
            **_lifecycle(model),
            "read_on": read_on.isoformat(),
            "source": f"ListFoundationModels in {region}",
        },
    }


def _lifecycle(model: Mapping[str, Any]) -> dict[str, JsonValue]:
    said = model.get("modelLifecycle", {})
    status = Status.PREVIEW if "preview" in model["modelId"] else Status.ACTIVE
    told: dict[str, JsonValue] = {"status": Status.LEGACY if said.get("status") == "LEGACY" else status}
    for field, name in (("legacy_on", "legacyTime"), ("ends_on", "endOfLifeTime")):
        if isinstance(moment := said.get(name), datetime):
            told[field] = moment.date().isoformat()
    return told


def _scopes(profiles: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, JsonValue]]:
    """By model id the profiles that AWS itself keeps, by scope."""
    scopes: dict[str, dict[str, JsonValue]] = {}
    for profile in profiles:
        match = PROFILE.fullmatch(profile["inferenceProfileId"])
        if match is not None and profile.get("type", "SYSTEM_DEFINED") == "SYSTEM_DEFINED":
            scopes.setdefault(match["model_id"], {})[match["scope"]] = profile["inferenceProfileId"]
    return scopes
