from pathlib import Path

import pytest

from services.nova.prompting.instructions import instructions
from services.nova.prompting.trade import as_terms, trade_rules, trade_terms
from services.nova.taxonomy import Taxonomy, load, read_taxonomy
from shared.analyses import AnalysisType
from shared.contracts import Kind

ROOFS = """
name: roofs
version: 3
dimensions:
  shape:
    values: [Gable, Flat]
    guide: Look at the
      outline.
    rules:
      - {value: Gable, when: [two_slopes, not level]}
      - {value: Gable, when: [two_slopes]}
      - {value: Flat, when: [[level, low]], unless: [two_slopes]}
    reasons: [{text: No roof is to be seen.}]
facts:
  two_slopes: {look: two planes meet in a ridge, phrases: [gable, "ridge * line", ridge]}
  level: {phrases: [flat roof], sizes: [{dimension: pitch, below: 2}]}
  low: {names: [low], at_least: 2, sizes: [{dimension: height, at_least: 3, below: 9}]}
  unused: {phrases: [chimney]}
techniques: {shingling: [shingle]}
"""


@pytest.fixture
def roofs(tmp_path: Path) -> Taxonomy:
    file = tmp_path / "roofs.yaml"
    file.write_text(ROOFS, encoding="utf-8")
    return read_taxonomy(file)


def test_rules_read_as_sentences_in_the_order_of_decision(roofs: Taxonomy) -> None:
    assert trade_rules(roofs) == "\n".join(
        [
            "1. `shape`: Gable | Flat | Unknown",
            "Look at the outline.",
            "- Gable, if two slopes",
            "- Flat, if level or low; unless two slopes",
            "- Unknown otherwise",
            "",
            "The facts that the rules speak of:",
            "- two slopes: two planes meet in a ridge; words such as gable, ridge",
            "- level: words such as flat roof; pitch below 2 ft",
            "- low: in names also low; height from 3 and below 9 ft; it takes 2 different signs",
        ]
    )


def test_another_trade_has_another_prompt(roofs: Taxonomy) -> None:
    asked = (AnalysisType.CLASSIFICATION,)
    prompt = instructions(Kind.IMAGE, asked, taxonomy=roofs)
    assert "Gable | Flat" in prompt.text
    assert '"enum":["Gable","Flat","Unknown"]' in prompt.text
    assert "Genesis" not in prompt.text
    assert "boulder" not in prompt.text
    assert "Genesis Formal" in instructions(Kind.IMAGE, asked, taxonomy=load()).text


def test_every_value_and_fact_of_the_shipped_trade_is_told() -> None:
    trade = load()
    rules = trade_rules(trade)
    for dimension in trade.dimensions.values():
        assert dimension.guide
        for value in dimension.values:
            assert f"\n- {value}, if " in rules
    assert [rules.index(f"`{name}`") for name in trade.dimensions] == sorted(
        rules.index(f"`{name}`") for name in trade.dimensions
    )


def test_terms_of_the_trade_are_told(roofs: Taxonomy) -> None:
    assert "`building_techniques` that are shown or explained, as shingling" in trade_terms(roofs)
    assert "content_type" not in trade_terms(roofs)
    assert "skill_level" not in trade_terms(roofs)
    assert "installation_tutorial" in trade_terms(load())
    assert "beginner" in trade_terms(load())
    assert as_terms([]) == ""
