from dataclasses import fields
from datetime import UTC, datetime

from services.ingest.outcome import Description
from services.ingest.scans.described import read, told
from shared.contracts import Kind


def test_a_description_survives_being_told() -> None:
    whole = Description(
        kind=Kind.VIDEO, duration=1.5, width=64, height=48, captured_at=datetime(2025, 6, 1, tzinfo=UTC), latitude=1.0,
        longitude=-2.0, camera="X", has_audio=True, metadata={"notes": ["a"]},
    )  # fmt: skip
    assert set(told(whole)) == {field.name for field in fields(Description)}
    for description in (whole, Description(kind=Kind.IMAGE)):
        assert read(told(description)) == description
