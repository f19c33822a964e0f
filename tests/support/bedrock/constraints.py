"""What the models of the services demand of a value: ranges, lengths, patterns and enums, in AWS's own words."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

from tests.support.bedrock.errors import invalid

Path = tuple[str, ...]


def check(value: Any, shape: Shape, *, enums: bool = True) -> None:
    """Raise ValidationException with every constraint that the value breaks."""
    broken = list(_broken(value, shape, (), enums))
    if broken:
        noun = "error" if len(broken) == 1 else "errors"
        raise invalid(f"{len(broken)} validation {noun} detected: {'; '.join(broken)}")
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        raise invalid(report.generate_report())


def _broken(value: Any, shape: Shape, path: Path, enums: bool) -> Iterator[str]:
    """A sentence for each constraint; what has another type altogether is left to botocore's own validator."""
    if isinstance(value, dict) and isinstance(shape, StructureShape):
        yield from _structure(value, shape, path, enums)
    elif isinstance(value, list | tuple) and isinstance(shape, ListShape):
        yield from _length(len(value), shape, path)
        for number, one in enumerate(value, start=1):
            yield from _broken(one, shape.member, (*path, str(number), "member"), enums)
    elif isinstance(value, dict) and isinstance(shape, MapShape):
        yield from _length(len(value), shape, path)
        for key, one in value.items():
            yield from _broken(one, shape.value, (*path, key, "member"), enums)
    elif isinstance(value, str) and shape.type_name == "string":
        yield from _text(value, shape, path, enums)
    elif isinstance(value, bytes) and shape.type_name == "blob":
        yield from _length(len(value), shape, path)
    elif isinstance(value, int | float) and shape.type_name in {"integer", "long", "float", "double"}:
        yield from _range(value, shape, path)


def _structure(value: dict[str, Any], shape: StructureShape, path: Path, enums: bool) -> Iterator[str]:
    if getattr(shape, "is_document_type", False):
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{'.'.join((*path, name))}' failed to satisfy constraint: Member must not be null"
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        there = ", ".join(shape.members)
        yield f"Value at '{'.'.join(path)}' failed to satisfy constraint: Member must have exactly one of [{there}]"
    for name, one in value.items():
        if name in shape.members:
            yield from _broken(one, shape.members[name], (*path, name), enums)


def _text(value: str, shape: Shape, path: Path, enums: bool) -> Iterator[str]:
    yield from _length(len(value), shape, path, value)
    allowed = getattr(shape, "enum", [])
    if enums and allowed and value not in allowed:
        yield _told(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield _told(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _length(length: int, shape: Shape, path: Path, value: str | None = None) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and length < least:
        yield _told(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and length > most:
        yield _told(value, path, f"Member must have length less than or equal to {most}")


def _range(value: float, shape: Shape, path: Path) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield _told(str(value), path, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield _told(str(value), path, f"Member must have value less than or equal to {most}")


def _told(value: str | None, path: Path, constraint: str) -> str:
    shown = "Value" if value is None else f"Value '{value[:200]}'"
    return f"{shown} at '{'.'.join(path)}' failed to satisfy constraint: {constraint}"
