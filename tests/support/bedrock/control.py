"""What the `bedrock` service tells of its models and inference profiles."""

from typing import Any

from tests.support.bedrock.catalogue import ACCOUNT, MODELS, FakeModel, named, profiles
from tests.support.bedrock.errors import AwsError, invalid
from tests.support.bedrock.protocol import Answered
from tests.support.bedrock.resources import Asking, Done, Resources

PAGE = 100
"""Profiles on a page, unless a request says how many."""


def list_foundation_models(resources: Resources, asking: Asking) -> Done:
    """ListFoundationModels, with its filters."""
    wanted = asking.parameters
    summaries = [_summary(model, resources) for model in MODELS]
    return Done(Answered({"modelSummaries": [one for one in summaries if _fits(one, wanted)]}))


def get_foundation_model(resources: Resources, asking: Asking) -> Done:
    """GetFoundationModel."""
    return Done(Answered({"modelDetails": _summary(_found(asking.parameters["modelIdentifier"]), resources)}))


def get_foundation_model_availability(resources: Resources, asking: Asking) -> Done:
    """GetFoundationModelAvailability: whether the account may use a model, and the region still has it."""
    model = _found(asking.parameters["modelId"])
    is_denied = model.id in resources.denied
    enabled = "NOT_AVAILABLE" if is_denied else "AVAILABLE"
    told = {
        "modelId": model.id,
        "agreementAvailability": {"status": enabled},
        "authorizationStatus": "NOT_AUTHORIZED" if is_denied else "AUTHORIZED",
        "entitlementAvailability": enabled,
        "regionAvailability": "NOT_AVAILABLE" if model.has_ended(resources.now) else "AVAILABLE",
    }
    return Done(Answered(told))


def list_inference_profiles(resources: Resources, asking: Asking) -> Done:
    """ListInferenceProfiles, by the page; all of them are AWS's own."""
    wanted = asking.parameters
    all_ = (
        [] if wanted.get("typeEquals") == "APPLICATION" else [_profile(*one, resources) for one in profiles(resources.region)]
    )
    start, most = _start(wanted.get("nextToken")), wanted.get("maxResults", PAGE)
    more = {"nextToken": str(start + most)} if start + most < len(all_) else {}
    return Done(Answered({"inferenceProfileSummaries": all_[start : start + most], **more}))


def get_inference_profile(resources: Resources, asking: Asking) -> Done:
    """GetInferenceProfile, by id or ARN."""
    wanted = asking.parameters["inferenceProfileIdentifier"].rpartition("/")[2]
    for scope, model in profiles(resources.region):
        if wanted == f"{scope}.{model.id}":
            return Done(Answered(_profile(scope, model, resources)))
    raise AwsError("ResourceNotFoundException", "The requested inference profile does not exist.")


def _found(model_id: str) -> FakeModel:
    model = named(model_id)
    if model is None:
        raise AwsError(
            "ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier."
        )
    return model


def _summary(model: FakeModel, resources: Resources) -> dict[str, Any]:
    lifecycle = {"startOfLifeTime": model.born, "legacyTime": model.legacy, "endOfLifeTime": model.ended}
    is_legacy = model.legacy is not None and model.legacy <= resources.now
    return {
        "modelArn": _arn(model, resources.region),
        "modelId": model.id,
        "modelName": model.name,
        "providerName": "Amazon",
        "inputModalities": ["TEXT", "IMAGE", "VIDEO"] if model.media else ["TEXT"],
        "outputModalities": ["EMBEDDING"] if model.embeds else ["TEXT"],
        "responseStreamingSupported": not model.embeds,
        "customizationsSupported": [],
        "inferenceTypesSupported": ["INFERENCE_PROFILE"] if model.profile_required else ["ON_DEMAND"],
        "modelLifecycle": {
            "status": "LEGACY" if is_legacy else "ACTIVE",
            **{name: moment for name, moment in lifecycle.items() if moment},
        },
    }


def _fits(summary: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return (
        wanted.get("byProvider", "amazon").lower() == summary["providerName"].lower()
        and wanted.get("byOutputModality", summary["outputModalities"][0]) in summary["outputModalities"]
        and wanted.get("byInferenceType", summary["inferenceTypesSupported"][0]) in summary["inferenceTypesSupported"]
        and "byCustomizationType" not in wanted
    )


def _profile(scope: str, model: FakeModel, resources: Resources) -> dict[str, Any]:
    name = f"{scope.upper()} {model.name}"
    return {
        "inferenceProfileName": name,
        "description": f"Routes requests to {model.name} in {scope}.",
        "createdAt": model.born,
        "updatedAt": model.born,
        "inferenceProfileArn": f"arn:aws:bedrock:{resources.region}:{ACCOUNT}:inference-profile/{scope}.{model.id}",
        "models": [{"modelArn": _arn(model, resources.region)}],
        "inferenceProfileId": f"{scope}.{model.id}",
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }


def _arn(model: FakeModel, region: str) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{model.id}"


def _start(token: str | None) -> int:
    if token is not None and not token.isdecimal():
        raise invalid("The provided nextToken is not valid.")
    return int(token or 0)
