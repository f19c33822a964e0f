"""What `bedrock` tells of its models and profiles, which is what the catalogue is refreshed from."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.bedrock import FakeBedrock, fake_bedrock
from tests.support.bedrock.clients import EMBEDDINGS, LITE_2, client, refusal

NOVA = [
    "amazon.nova-micro-v1:0",
    "amazon.nova-lite-v1:0",
    "amazon.nova-pro-v1:0",
    "amazon.nova-premier-v1:0",
    "amazon.nova-2-lite-v1:0",
    "amazon.nova-2-pro-preview-20251202-v1:0",
    EMBEDDINGS,
]


def test_models_are_listed_with_what_they_take(control: Any) -> None:
    models = {model["modelId"]: model for model in control.list_foundation_models()["modelSummaries"]}
    assert list(models) == NOVA
    assert models["amazon.nova-micro-v1:0"]["inputModalities"] == ["TEXT"]
    assert models["amazon.nova-lite-v1:0"]["inputModalities"] == ["TEXT", "IMAGE", "VIDEO"]
    assert models["amazon.nova-lite-v1:0"]["inferenceTypesSupported"] == ["ON_DEMAND"]
    assert models["amazon.nova-2-lite-v1:0"]["inferenceTypesSupported"] == ["INFERENCE_PROFILE"]
    assert models[EMBEDDINGS]["outputModalities"] == ["EMBEDDING"]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"byProvider": "Amazon"}, 7),
        ({"byProvider": "Meta"}, 0),
        ({"byOutputModality": "EMBEDDING"}, 1),
        ({"byInferenceType": "PROVISIONED"}, 0),
        ({"byCustomizationType": "FINE_TUNING"}, 0),
    ],
)
def test_models_are_filtered(control: Any, filters: dict[str, str], count: int) -> None:
    assert len(control.list_foundation_models(**filters)["modelSummaries"]) == count


def test_a_filter_that_there_is_not(control: Any) -> None:
    told = refusal(lambda: control.list_foundation_models(byOutputModality="SMELL"))
    assert (told.code, told.status) == ("ValidationException", 400)


def test_premier_has_come_to_its_end(control: Any) -> None:
    details = control.get_foundation_model(modelIdentifier="amazon.nova-premier-v1:0")["modelDetails"]
    lifecycle = details["modelLifecycle"]
    assert lifecycle["status"] == "LEGACY"
    assert lifecycle["legacyTime"] == datetime(2026, 3, 13, tzinfo=UTC)
    assert lifecycle["endOfLifeTime"] == datetime(2026, 9, 14, tzinfo=UTC)
    lite = control.get_foundation_model(modelIdentifier="amazon.nova-lite-v1:0")["modelDetails"]
    assert lite["modelLifecycle"] == {"status": "ACTIVE", "startOfLifeTime": datetime(2024, 12, 3, tzinfo=UTC)}


def test_premier_lived_once() -> None:
    with fake_bedrock(now=datetime(2026, 2, 1, tzinfo=UTC)) as fake, client(fake, "bedrock") as control:
        details = control.get_foundation_model(modelIdentifier="amazon.nova-premier-v1:0")["modelDetails"]
    assert details["modelLifecycle"]["status"] == "ACTIVE"


def test_a_model_that_is_not_there(control: Any) -> None:
    told = refusal(lambda: control.get_foundation_model(modelIdentifier="amazon.nova-mega-v1:0"))
    assert (told.code, told.status) == ("ResourceNotFoundException", 404)


def test_a_model_is_available_unless_it_is_denied_or_has_ended(control: Any, bedrock: FakeBedrock) -> None:
    def told(model: str) -> list[str]:
        found = control.get_foundation_model_availability(modelId=model)
        names = ("authorizationStatus", "entitlementAvailability", "regionAvailability")
        return [found["agreementAvailability"]["status"], *(found[name] for name in names)]

    bedrock.deny("amazon.nova-pro-v1:0")
    assert told("amazon.nova-lite-v1:0") == ["AVAILABLE", "AUTHORIZED", "AVAILABLE", "AVAILABLE"]
    assert told("amazon.nova-pro-v1:0") == ["NOT_AVAILABLE", "NOT_AUTHORIZED", "NOT_AVAILABLE", "AVAILABLE"]
    assert told("amazon.nova-premier-v1:0") == ["AVAILABLE", "AUTHORIZED", "AVAILABLE", "NOT_AVAILABLE"]


def test_profiles_are_those_of_the_region_by_the_page(control: Any) -> None:
    pages = list(control.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 3}))
    found = [profile["inferenceProfileId"] for page in pages for profile in page["inferenceProfileSummaries"]]
    assert [len(page["inferenceProfileSummaries"]) for page in pages] == [3, 3, 2]
    assert LITE_2 in found
    assert {name.partition(".")[0] for name in found} == {"us", "global"}
    assert control.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"] == []


@pytest.mark.parametrize(
    ("region", "scopes"),
    [("eu-west-1", {"eu", "global"}), ("ap-northeast-1", {"jp", "apac", "global"}), ("ap-south-1", {"apac", "global"})],
)
def test_regions_have_their_scopes(region: str, scopes: set[str]) -> None:
    with fake_bedrock(region=region) as fake, client(fake, "bedrock") as control:
        found = control.list_inference_profiles()["inferenceProfileSummaries"]
    assert {profile["inferenceProfileId"].partition(".")[0] for profile in found} == scopes


def test_a_profile_by_id_and_by_name(control: Any) -> None:
    profile = control.get_inference_profile(inferenceProfileIdentifier=LITE_2)
    assert profile["models"] == [{"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0"}]
    arn = profile["inferenceProfileArn"]
    assert control.get_inference_profile(inferenceProfileIdentifier=arn)["inferenceProfileId"] == LITE_2
    told = refusal(lambda: control.get_inference_profile(inferenceProfileIdentifier="us.amazon.nova-mega-v1:0"))
    assert (told.code, told.status) == ("ResourceNotFoundException", 404)


def test_nothing_of_it_is_charged(control: Any, bedrock: FakeBedrock) -> None:
    control.list_foundation_models()
    assert [(call.operation, call.billed, call.outcome) for call in bedrock.calls] == [
        ("ListFoundationModels", False, "answered")
    ]


def test_batch_jobs_are_not_carried_out(control: Any) -> None:
    told = refusal(control.list_model_invocation_jobs)
    assert (told.code, told.status) == ("AccessDeniedException", 403)
