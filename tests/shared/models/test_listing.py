"""What Bedrock lists becomes what the catalogue says: dates, profiles, modalities; new models come without a price."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.analyses import TIMED
from shared.contracts.event import Kind
from shared.errors import Invalid
from shared.models.capabilities import require
from shared.models.catalogue import Modality, Purpose, Status, load
from shared.models.listing import described
from shared.models.prices import Usage, cost

TODAY = date(2026, 12, 1)


def listed(model_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "modelId": model_id,
        "modelName": "Named",
        "inputModalities": ["TEXT", "IMAGE", "VIDEO"],
        "outputModalities": ["TEXT"],
        "inferenceTypesSupported": ["ON_DEMAND"],
        "modelLifecycle": {"status": "ACTIVE"},
        **fields,
    }


def profile(profile_id: str, kind: str = "SYSTEM_DEFINED") -> dict[str, Any]:
    return {"inferenceProfileId": profile_id, "type": kind, "status": "ACTIVE"}


def said(*models: dict[str, Any], profiles: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return described(models, profiles, read_on=TODAY, region="eu-west-1")


def test_it_can_be_kept_as_json() -> None:
    found = said(listed("amazon.nova-lite-v1:0"), profiles=(profile("eu.amazon.nova-lite-v1:0"),))
    assert json.loads(json.dumps(found)) == found


def test_dates_and_profiles_are_taken_over_and_the_rest_stays() -> None:
    ends = {
        "status": "LEGACY",
        "legacyTime": datetime(2027, 1, 1, tzinfo=UTC),
        "endOfLifeTime": datetime(2027, 7, 1, tzinfo=UTC),
    }
    models = (listed("amazon.nova-lite-v1:0", modelLifecycle=ends, inferenceTypesSupported=["PROVISIONED"]),)
    lite = load(refreshed=said(*models, profiles=(profile("ca.amazon.nova-lite-v1:0"),))).find("lite")
    before = load().find("lite")
    assert (lite.lifecycle.status, lite.lifecycle.legacy_on, lite.lifecycle.ends_on) == (
        Status.LEGACY,
        date(2027, 1, 1),
        date(2027, 7, 1),
    )
    assert (lite.lifecycle.read_on, lite.lifecycle.source) == (TODAY, "ListFoundationModels in eu-west-1")
    assert lite.profiles == {**before.profiles, "ca": "ca.amazon.nova-lite-v1:0"}
    assert lite.profile_required
    assert (lite.name, lite.prices, lite.video) == ("Nova Lite", before.prices, before.video)
    assert lite.called("ca") == "ca.amazon.nova-lite-v1:0"


def test_a_profile_without_a_price_is_refused_before_money_is_spent() -> None:
    found = load(refreshed=said(listed("amazon.nova-lite-v1:0"), profiles=(profile("ca.amazon.nova-lite-v1:0"),)))
    with pytest.raises(Invalid, match="No price of Nova Lite is known in the scope ca"):
        cost(found.find("lite"), Usage(1, 1), "ca")


def test_modalities_are_those_that_are_listed() -> None:
    found = load(refreshed=said(listed("amazon.nova-2-lite-v1:0", inputModalities=["TEXT", "SPEECH", "IMAGE"])))
    assert found.find("2-lite").modalities == {Modality.TEXT, Modality.IMAGE}


def test_a_retired_model_keeps_its_successor_and_stays_retired() -> None:
    ended = {"status": "LEGACY", "endOfLifeTime": datetime(2026, 9, 14, tzinfo=UTC)}
    found = load(refreshed=said(listed("amazon.nova-premier-v1:0", modelLifecycle=ended)))
    assert found.find("premier").lifecycle.retired(TODAY)
    assert found.find("premier").lifecycle.successor == "2-lite"


def test_a_preview_stays_one() -> None:
    found = load(refreshed=said(listed("amazon.nova-2-pro-preview-20251202-v1:0")))
    assert found.find("2-pro-preview").lifecycle.status is Status.PREVIEW


def test_a_new_nova_is_there_but_not_asked_until_it_has_a_price() -> None:
    found = load(
        refreshed=said(
            listed("amazon.nova-3-lite-v1:0", modelName="Nova 3 Lite"), profiles=(profile("us.amazon.nova-3-lite-v1:0"),)
        )
    )
    new = found.find("3-lite")
    assert (new.name, new.model_id, new.prices, new.called("us")) == (
        "Nova 3 Lite",
        "amazon.nova-3-lite-v1:0",
        None,
        "us.amazon.nova-3-lite-v1:0",
    )
    with pytest.raises(Invalid, match=r"No price is known of Nova 3 Lite.*models\.3-lite\.prices"):
        require(new, Kind.VIDEO, TIMED, TODAY)


def test_a_new_version_of_a_name_has_a_key_of_its_own() -> None:
    found = load(refreshed=said(listed("amazon.nova-lite-v2:0", modelName="Nova Lite")))
    assert found.find("lite-v2").model_id == "amazon.nova-lite-v2:0"
    assert found.find("lite").model_id == "amazon.nova-lite-v1:0"


@pytest.mark.parametrize(
    "model",
    [
        listed("amazon.nova-sonic-v1:0", inputModalities=["SPEECH"], outputModalities=["SPEECH", "TEXT"]),
        listed("amazon.nova-canvas-v1:0", outputModalities=["IMAGE"]),
        listed("amazon.nova-pro-v1:0:24k", inferenceTypesSupported=["PROVISIONED"]),
        listed("amazon.titan-tg1-large"),
    ],
)
def test_what_answers_no_questions_or_is_no_nova_is_left_out(model: dict[str, Any]) -> None:
    assert load(refreshed=said(model)) == load()


def test_new_embeddings_are_told_from_models_that_answer() -> None:
    found = load(refreshed=said(listed("amazon.nova-3-multimodal-embeddings-v1:0", outputModalities=["EMBEDDING"])))
    assert found.find("3-multimodal-embeddings").purpose is Purpose.EMBEDDING


def test_profiles_of_an_account_are_not_aws_own() -> None:
    kept = said(
        listed("amazon.nova-lite-v1:0"), profiles=(profile("us.amazon.nova-lite-v1:0", "APPLICATION"), profile("abcdef123456"))
    )
    assert kept["amazon.nova-lite-v1:0"]["profiles"] == {}


def test_an_override_knows_better_than_the_provider(tmp_path: Any) -> None:
    path = tmp_path / "models.yaml"
    path.write_text(
        "models:\n  3-lite:\n    prices:\n      read_on: 2026-12-01\n      source: our contract\n"
        '      scopes: {us: {standard: {input: "0.2", output: "1.5"}}}\n',
        encoding="utf-8",
    )
    new = load(path, said(listed("amazon.nova-3-lite-v1:0"))).find("3-lite")
    require(new, Kind.VIDEO, TIMED, TODAY)
    assert new.called("us") == "amazon.nova-3-lite-v1:0"


def test_what_was_stored_by_another_version_is_refused_with_what_to_do() -> None:
    with pytest.raises(Invalid, match="refresh the catalogue"):
        load(refreshed={"amazon.nova-lite-v1:0": "text, image"})
    with pytest.raises(
        Invalid, match=r"stored when it was refreshed is wrong at models\.lite\.modality: there is no such field"
    ):
        load(refreshed={"amazon.nova-lite-v1:0": {"modality": "text"}})
