"""The catalogue: what comes along holds together, overrides are laid over it field by field, and mistakes are named."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from shared.errors import Invalid
from shared.models.catalogue import OWN, Lifecycle, Modality, Purpose, Status, load
from shared.models.rates import Example, ImageRule, Range, Tier, VideoRule

CATALOGUE = load()
READ: dict[str, Any] = {"read_on": date(2026, 11, 20), "source": "a page"}


def written(folder: Path, value: Any) -> Path:
    path = folder / "models.yaml"
    path.write_text(value if isinstance(value, str) else yaml.safe_dump(value), encoding="utf-8")
    return path


def test_it_has_the_models_that_people_name() -> None:
    understanding = {key for key, model in CATALOGUE.models.items() if model.purpose is Purpose.UNDERSTANDING}
    assert understanding == {"lite", "pro", "2-lite", "2-pro-preview", "micro", "premier"}
    assert CATALOGUE.find("nova-embed").model_id == "amazon.nova-2-multimodal-embeddings-v1:0"
    assert CATALOGUE.prices_as_of == date(2026, 11, 20)


@pytest.mark.parametrize("key", CATALOGUE.models)
def test_each_model_can_be_priced_wherever_it_can_be_called(key: str) -> None:
    model = CATALOGUE.find(key)
    assert (model.key, model.provider) == (key, "bedrock")
    assert model.prices is not None
    assert set(model.callable_in()) == set(model.prices.scopes)
    for scope, profile in model.profiles.items():
        assert profile == f"{scope}.{model.model_id}"
        assert model.called(scope) == profile
    successor = model.lifecycle.successor
    assert successor is None or successor in CATALOGUE.models


@pytest.mark.parametrize("key", CATALOGUE.models)
def test_batches_cost_half_and_standard_is_always_sold(key: str) -> None:
    prices = CATALOGUE.find(key).prices
    assert prices is not None
    for tiers in prices.scopes.values():
        standard = tiers[Tier.STANDARD]
        if standard.batch_input is not None:
            assert standard.output is not None
            assert (standard.batch_input * 2, standard.batch_output) == (standard.input, standard.output / 2)
        assert standard.cache_read is None or standard.cache_read * 4 == standard.input


def test_prices_are_per_million_and_exact() -> None:
    prices = CATALOGUE.find("2-lite").prices
    assert prices is not None
    assert prices.scopes["jp"][Tier.STANDARD].batch_output == Decimal("1.6555")


@pytest.mark.parametrize("key", ["lite", "pro", "2-lite", "2-pro-preview", "premier"])
def test_models_that_look_say_how_they_count(key: str) -> None:
    model = CATALOGUE.find(key)
    assert {Modality.IMAGE, Modality.VIDEO} <= model.modalities
    assert model.video is not None
    assert model.image is not None
    assert model.video.tokens_per_frame == 288
    assert model.limits is not None
    assert model.limits.request_bytes == 25_000_000
    assert {"mp4", "three_gp"} <= set(model.formats.video)
    assert "avi" not in model.formats.video
    assert model.useful_window_seconds == 900


def test_embeddings_call_three_gp_otherwise() -> None:
    formats = CATALOGUE.find("nova-embed").formats.video
    assert "3gp" in formats
    assert "three_gp" not in formats


def test_an_unknown_key_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(Invalid, match='no model "nova-ultra" in the catalogue; there are 2-lite, 2-pro-preview, lite, micro'):
        CATALOGUE.find("nova-ultra")


def test_a_model_is_found_by_what_it_is_called() -> None:
    assert CATALOGUE.with_id("us.amazon.nova-2-lite-v1:0") is CATALOGUE.find("2-lite")
    assert CATALOGUE.with_id("amazon.nova-pro-v1:0") is CATALOGUE.find("pro")
    assert CATALOGUE.with_id("amazon.nova-ultra-v1:0") is None


def test_a_scope_without_a_profile_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(Invalid, match="Nova 2 Lite cannot be called in the scope apac; it can in eu, global, jp, us"):
        CATALOGUE.find("2-lite").called("apac")


def test_a_model_without_profiles_is_called_by_its_own_id_where_it_has_a_price() -> None:
    embeddings = CATALOGUE.find("nova-embed")
    assert embeddings.called("us") == embeddings.model_id
    with pytest.raises(Invalid, match="it can in us"):
        embeddings.called("eu")


def test_a_price_does_not_stand_in_for_a_profile_that_is_required(tmp_path: Path) -> None:
    rate = {"standard": {"input": "0.33", "output": "2.75"}}
    override = {"models": {key: {"prices": {"scopes": {"global": rate, "apac": rate}}} for key in ("lite", "2-lite")}}
    catalogue = load(written(tmp_path, override))
    assert catalogue.find("lite").called("global") == "amazon.nova-lite-v1:0"
    with pytest.raises(Invalid, match="it can in eu, global, jp, us"):
        catalogue.find("2-lite").called("apac")


def test_a_model_is_retired_from_its_last_day_on() -> None:
    premier = CATALOGUE.find("premier").lifecycle
    assert premier.retired(date(2020, 1, 1))
    ending = Lifecycle(status=Status.LEGACY, ends_on=date(2026, 9, 14), read_on=date(2026, 9, 1), source="a page")
    assert [ending.retired(date(2026, 9, day)) for day in (13, 14)] == [False, True]
    assert premier.ends_on == date(2026, 9, 14)


def test_an_override_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    override = {
        "models": {"lite": {"prices": {"scopes": {"us": {"standard": {"input": "0.05"}}}}, "useful_window_seconds": 600}}
    }
    lite, before = load(written(tmp_path, override)).find("lite"), CATALOGUE.find("lite")
    assert lite.prices is not None
    assert before.prices is not None
    rate = lite.prices.scopes["us"][Tier.STANDARD]
    assert rate == before.prices.scopes["us"][Tier.STANDARD].model_copy(update={"input": Decimal("0.05")})
    assert lite.prices.scopes["eu"] == before.prices.scopes["eu"]
    assert lite.useful_window_seconds == 600
    assert lite.model_copy(update={"prices": before.prices, "useful_window_seconds": 900.0}) == before


def test_the_oldest_prices_date_the_catalogue(tmp_path: Path) -> None:
    override = {"models": {"micro": {"prices": {"read_on": date(2025, 1, 2)}}}}
    assert load(written(tmp_path, override)).prices_as_of == date(2025, 1, 2)


def test_an_override_may_bring_a_model(tmp_path: Path) -> None:
    own = {**yaml.safe_load(OWN.read_text(encoding="utf-8"))["models"]["micro"], "name": "Ours", "model_id": "ours.model-v1:0"}
    assert load(written(tmp_path, {"models": {"ours": own}})).find("ours").name == "Ours"


def test_an_empty_override_changes_nothing(tmp_path: Path) -> None:
    assert load(written(tmp_path, "# nothing differs\n")) == CATALOGUE


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ({"models": {"lite": {"pricez": {}}}}, r"models\.lite\.pricez: there is no such field"),
        ({"modelz": {}}, "modelz: there is no such field"),
        ({"unknown_models": {"price": "1"}}, r"unknown_models\.price: there is no such field"),
        ({"models": {"ours": {"name": "Ours"}}}, r"models\.ours\.context_tokens: this field must be given"),
        (
            {"models": {"lite": {"prices": {"scopes": {"us": {"standard": {"input": "-1"}}}}}}},
            r"us\.standard\.input: .*greater",
        ),
        ({"models": {"lite": {"prices": {"scopes": {"us": {"fast": {"input": "1"}}}}}}}, r"scopes\.us\.fast"),
        ({"models": {"lite": {"overlap_seconds": 900}}}, r"models\.lite: overlap_seconds must be less"),
        ({"models": {"lite": None}}, r"models\.lite: "),
        ({"models": None}, "models: "),
        ("models: [", "is no YAML"),
        ("- lite", "must hold keys"),
    ],
)
def test_a_wrong_override_is_refused_by_file_and_field(tmp_path: Path, override: Any, fault: str) -> None:
    path = written(tmp_path, override)
    with pytest.raises(Invalid, match=f"{path}.*{fault}"):
        load(path)


def test_an_override_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"away\.yaml cannot be read: No such file"):
        load(tmp_path / "away.yaml")


def test_rules_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValidationError, match="cheaper reading"):
        VideoRule(frames_per_second=1, tokens_per_frame=288, most_frames=960, capped_at=961, **READ)
    examples = (Example(width=2, height=2, tokens=9), Example(width=1, height=1, tokens=10))
    with pytest.raises(ValidationError, match="must rise"):
        ImageRule(examples=examples, enlarged_to=896, **READ)
    with pytest.raises(ValidationError, match="low must not be more"):
        Range(low=2, high=1)
