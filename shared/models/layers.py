"""Layers of which the catalogue is made: mappings as YAML has them, later ones laid over earlier ones field by field."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import JsonValue, ValidationError

from shared.errors import Invalid

Layer = Mapping[str, Any]

NOVA = re.compile(r"amazon\.nova-(?P<name>[a-z0-9-]+)-(?P<version>v\d+):\d+")
"""Ids of models that are called as they are; `…:24k` and the like are sold by the hour."""


def read(path: Path) -> Layer:
    """A catalogue file; raises Invalid that names it."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"The catalogue of models {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"The catalogue of models {path} is no YAML: {' '.join(str(error).split())}.") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Invalid(f"The catalogue of models {path} must hold keys, as models, with values.")
    return found


def laid_over(lower: Any, upper: Any) -> Any:
    """`upper` in place of `lower`, but mappings key by key."""
    if not (isinstance(lower, Mapping) and isinstance(upper, Mapping)):
        return upper
    return {**lower, **{key: laid_over(lower[key], value) if key in lower else value for key, value in upper.items()}}


def refresh_layer(base: Layer, refreshed: Mapping[str, JsonValue]) -> Layer:
    """What a provider said of its models, by their ids, as a layer over `base`: of those that are known, and of new Novas."""
    keys = {model["model_id"]: key for key, model in base["models"].items()}
    layer: dict[str, Any] = {}
    for model_id, said in refreshed.items():
        if not isinstance(said, dict):
            raise Invalid("What was stored of the provider's models cannot be read; refresh the catalogue.")
        if model_id in keys:
            layer[keys[model_id]] = {name: value for name, value in said.items() if name != "name"}
        elif match := NOVA.fullmatch(model_id):
            key = match["name"] if match["name"] not in base["models"] else f"{match['name']}-{match['version']}"
            layer[key] = {**base["unknown_models"], "model_id": model_id, **said}
    return {"models": layer}


def sentence(path: Path | str, error: ValidationError) -> str:
    """What is wrong with a catalogue file, and in which field."""
    faults = [f"{'.'.join(map(str, fault['loc'])) or 'the whole'}: {_fault(fault)}" for fault in error.errors()]
    return f"The catalogue of models {path} is wrong at {'; '.join(faults)}."


def _fault(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such field"
    if fault["type"] == "missing":
        return "this field must be given"
    return str(fault["msg"]).removeprefix("Value error, ")
