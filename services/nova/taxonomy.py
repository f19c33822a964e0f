"""A trade's taxonomy as data: dimensions with values, the facts that decide them, the words that give the facts."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from services.nova.analyst import Classification
from services.nova.provenance import Confidence, Frozen

FOLDER = Path(__file__).parent / "taxonomies"
UNKNOWN = "Unknown"
NOT = "not "


def _listed(clause: object) -> object:
    return [clause] if isinstance(clause, str) else clause


AnyOf = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Names of facts of which one is enough; `not x` is the fact that x is said to be absent."""


class Strict(Frozen):
    """Part of the file; a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid")


class Range(Strict):
    """Sizes in feet that speak for a fact: from, up to but not including."""

    dimension: str
    at_least: float = 0.0
    below: float = float("inf")


class Cue(Strict):
    """What makes a fact: phrases anywhere, phrases in file and folder names only, or sizes."""

    phrases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    sizes: tuple[Range, ...] = ()
    at_least: int = 1
    """How many different phrases it takes."""
    look: str = ""
    """How it looks, for those who see the picture."""


class Condition(Strict):
    """Holds if every clause of `when` does and nothing of `unless`."""

    when: tuple[AnyOf, ...] = ()
    unless: tuple[str, ...] = ()


class Rule(Condition):
    """Gives the value if its condition holds."""

    value: str
    certainty: Confidence = 1.0


class Reason(Condition):
    """Why no rule applied; the first reason that fits is given."""

    text: str


class Dimension(Strict):
    """One question with its possible values; rules are tried in order."""

    values: tuple[str, ...]
    guide: str = ""
    """What the rules leave to judgement, for those who see the picture."""
    rules: tuple[Rule, ...]
    reasons: tuple[Reason, ...] = Field(min_length=1)


class Taxonomy(Strict):
    """Everything that a trade brings; dimensions in the order of decision."""

    name: str
    version: int
    dimensions: dict[str, Dimension]
    facts: dict[str, Cue]
    masks: tuple[str, ...] = ()
    """Phrases in which the words mean something else."""
    products: tuple[str, ...] = ()
    content_types: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    skill_levels: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    techniques: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    types: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    styles: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _rules_speak_of_what_exists(self) -> Self:
        for name, dimension in self.dimensions.items():
            for rule in dimension.rules:
                if rule.value not in dimension.values:
                    raise ValueError(f"{name} has a rule for {rule.value!r}, which is none of its values.")
            conditions: tuple[Condition, ...] = (*dimension.rules, *dimension.reasons)
            for condition in conditions:
                named = {fact.removeprefix(NOT) for clause in (*condition.when, condition.unless) for fact in clause}
                if missing := named - self.facts.keys():
                    raise ValueError(f"{name} has a rule about {sorted(missing)}, which no cue gives.")
            if dimension.reasons[-1].when or dimension.reasons[-1].unless:
                raise ValueError(f"{name} needs a last reason without conditions, for when nothing else fits.")
        return self


@cache
def load(name: str = "waterfall") -> Taxonomy:
    """The shipped taxonomy of that name."""
    return read_taxonomy(FOLDER / f"{name}.yaml")


def read_taxonomy(file: Path) -> Taxonomy:
    """A taxonomy from any YAML file; raises pydantic's error, which says what is wrong in it."""
    return Taxonomy.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


def answer_schema(taxonomy: Taxonomy) -> dict[str, Any]:
    """JSON Schema of a classification: exactly this taxonomy's dimensions, each one of its values or Unknown with a reason."""
    schema = Classification.model_json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    properties = schema["properties"]
    properties["taxonomy"] = {"const": taxonomy.name}
    properties["taxonomy_version"] = {"const": taxonomy.version}
    properties["dimensions"] = {
        "type": "object",
        "properties": {name: _decision_schema(dimension) for name, dimension in taxonomy.dimensions.items()},
        "required": list(taxonomy.dimensions),
        "additionalProperties": False,
    }
    return schema


def schema_text(taxonomy: Taxonomy) -> str:
    """The schema as the file beside the taxonomy holds it."""
    return json.dumps(answer_schema(taxonomy), indent=2, sort_keys=True) + "\n"


def _decision_schema(dimension: Dimension) -> dict[str, Any]:
    known = {"value": {"enum": list(dimension.values)}, "unknown_reason": {"type": "null"}}
    unknown = {"value": {"const": UNKNOWN}, "unknown_reason": {"type": "string", "minLength": 1}}
    return {"$ref": "#/$defs/Decision", "oneOf": [{"properties": known}, {"properties": unknown}]}
