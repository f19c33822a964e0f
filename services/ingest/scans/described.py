"""Descriptions as JSON: as rows of the library are written from, and as findings keep them until they are applied."""

from datetime import datetime
from typing import Any

from pydantic import JsonValue

from services.ingest.outcome import Description
from shared.contracts import Kind


def told(description: Description) -> dict[str, JsonValue]:
    """The description, by the names of the library's columns and what else events tell."""
    return {
        "kind": description.kind,
        "duration": description.duration,
        "width": description.width,
        "height": description.height,
        "captured_at": description.captured_at.isoformat() if description.captured_at else None,
        "latitude": description.latitude,
        "longitude": description.longitude,
        "camera": description.camera,
        "has_audio": description.has_audio,
        "metadata": description.metadata,
    }


def read(document: dict[str, Any]) -> Description:
    """The description that was told."""
    captured_at = document["captured_at"]
    return Description(
        **{
            **document,
            "kind": Kind(document["kind"]),
            "captured_at": datetime.fromisoformat(captured_at) if captured_at else None,
        }
    )
