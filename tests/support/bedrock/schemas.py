"""As much of JSON Schema as prompts use: references, objects, arrays, enums and ranges."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def resolved(schema: Schema, root: Schema) -> Schema:
    """A schema with what it refers to; its own properties narrow those of the other."""
    if "$ref" not in schema:
        return schema
    base = resolved(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    known = base.get("properties", {})
    narrowed = {name: {**known.get(name, {}), **one} for name, one in schema.get("properties", {}).items()}
    rest = {key: value for key, value in schema.items() if key not in {"$ref", "properties"}}
    return {**base, **rest, **({"properties": {**known, **narrowed}} if known or narrowed else {})}


def fits(value: Any, schema: Schema, root: Schema) -> bool:
    """Whether a value is an instance of a schema."""
    schema = resolved(schema, root)
    if "enum" in schema and value not in schema["enum"]:
        return False
    kind = schema.get("type", "object" if "properties" in schema else None)
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return False
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return set(schema.get("required", ())) <= set(value) and all(
            fits(one, properties[name], root) for name, one in value.items() if name in properties
        )
    if isinstance(value, list):
        return all(fits(one, schema.get("items", {}), root) for one in value)
    return not isinstance(value, int | float) or schema.get("minimum", value) <= value <= schema.get("maximum", value)


def fitted(earlier: Any, made: Any, schema: Schema, root: Schema) -> Any:
    """What an earlier answer says, as far as it fits the schema, and what was made anew in place of the rest."""
    if fits(earlier, schema, root):
        return earlier
    schema = resolved(schema, root)
    if isinstance(earlier, dict) and isinstance(made, dict):
        properties = schema.get("properties", {})
        kept = {
            name: one
            for name, one in earlier.items()
            if name in properties and name not in made and fits(one, properties[name], root)
        }
        return {name: fitted(earlier.get(name), one, properties.get(name, {}), root) for name, one in made.items()} | kept
    if isinstance(earlier, list) and isinstance(made, list):
        return [one for one in earlier if fits(one, schema.get("items", {}), root)] or made
    return made
