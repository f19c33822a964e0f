from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from services.nova.analyst import Classification
from services.nova.local.waterfall import Classifier
from services.nova.taxonomy import FOLDER, Taxonomy, answer_schema, load, read_taxonomy, schema_text
from tests.support.material import reading

BAKERY: dict[str, Any] = {
    "name": "bakery",
    "version": 3,
    "facts": {"rye": {"phrases": ["rye"]}, "oven": {"phrases": ["oven"]}},
    "dimensions": {
        "bread": {
            "values": ["Rye Loaf", "Cold Bread"],
            "rules": [{"value": "Rye Loaf", "when": ["rye"]}, {"value": "Cold Bread", "when": ["not oven"]}],
            "reasons": [{"text": "Only an oven was named.", "when": ["oven"]}, {"text": "Nobody spoke of bread."}],
        }
    },
}


def test_the_four_dimensions_have_the_published_values() -> None:
    assert {name: dimension.values for name, dimension in load().dimensions.items()} == {
        "family": ("Custom Natural Stone", "Custom Formal", "Genesis Natural", "Genesis Formal"),
        "functional_type": ("Waterfall", "Waterfall with Slide", "Grotto", "Grotto with Slide"),
        "tier_level": ("Classic (Small)", "Deluxe (Medium)", "Ultimate (Large)"),
        "sub_type": ("One-Tier", "Two-Tier", "Two-Tier Split", "Three-Tier", "Cantilever"),
    }
    assert list(load().dimensions) == ["family", "functional_type", "tier_level", "sub_type"]


def test_every_value_has_a_rule() -> None:
    for dimension in load().dimensions.values():
        assert {rule.value for rule in dimension.rules} == set(dimension.values)


def test_content_types_and_skill_levels_are_the_published_ones() -> None:
    assert set(load().content_types) == {
        *("product_overview", "installation_tutorial", "building_demonstration"),
        *("troubleshooting", "comparison", "review"),
    }
    assert set(load().skill_levels) == {"beginner", "intermediate", "advanced", "professional"}


def test_the_shipped_schema_is_the_one_the_answer_has() -> None:
    shipped = (FOLDER / "waterfall.schema.json").read_text(encoding="utf-8")
    assert shipped == schema_text(load()), "write services.nova.taxonomy.schema_text(load()) to waterfall.schema.json"


def test_the_schema_names_values_and_asks_a_reason_for_unknown() -> None:
    schema = answer_schema(load())
    family = schema["properties"]["dimensions"]["properties"]["family"]
    known, unknown = (choice["properties"] for choice in family["oneOf"])
    assert known["value"]["enum"] == list(load().dimensions["family"].values)
    assert unknown == {"value": {"const": "Unknown"}, "unknown_reason": {"type": "string", "minLength": 1}}
    assert schema["properties"]["dimensions"]["required"] == list(load().dimensions)
    assert set(schema["properties"]) == set(Classification.model_fields)


def test_another_trade_drops_in_its_own_file(tmp_path: Path) -> None:
    file = tmp_path / "bakery.yaml"
    file.write_text(yaml.safe_dump(BAKERY), encoding="utf-8")
    classifier = Classifier(read_taxonomy(file))
    answers = [
        classifier.read(reading(text)).classification.dimensions["bread"]
        for text in ("a rye loaf", "there is no oven", "an oven", "nothing")
    ]
    assert [answer.value for answer in answers] == ["Rye Loaf", "Cold Bread", "Unknown", "Unknown"]
    assert [answer.unknown_reason for answer in answers[2:]] == ["Only an oven was named.", "Nobody spoke of bread."]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rules": [{"value": "Cake", "when": ["rye"]}]}, "'Cake', which is none of its values"),
        ({"rules": [{"value": "Rye Loaf", "when": ["wheat"]}]}, "wheat"),
        ({"rules": [{"value": "Rye Loaf", "when": ["rye"], "unles": ["oven"]}]}, "unles"),
        ({"reasons": [{"text": "Only an oven.", "when": ["oven"]}]}, "last reason without conditions"),
        ({"reasons": []}, "reasons"),
    ],
)
def test_mistakes_in_a_file_are_named(change: dict[str, Any], message: str) -> None:
    bread = BAKERY["dimensions"]["bread"] | change
    with pytest.raises(ValidationError, match=message):
        Taxonomy.model_validate(BAKERY | {"dimensions": {"bread": bread}})
