"""XMP beside a file: where programs write that leave the file itself alone, or cannot write into it."""

import stat
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue

from services.ingest.metadata.annotations import merged
from services.ingest.metadata.markup import LARGEST
from services.ingest.metadata.values import without_empty
from services.ingest.metadata.xmp import Xmp, read_xmp
from services.ingest.outcome import Description

SUFFIX = ".xmp"


def with_sidecar(description: Description, path: str) -> Description:
    """The description, with the words of the sidecar of the file at `path`, and with its time and place if it has none."""
    xmp = _read(Path(path))
    if xmp is None:
        return description
    latitude, longitude = xmp.place or (None, None)
    is_placed = description.latitude is not None
    blocks: dict[str, JsonValue] = {**description.metadata, "sidecar": xmp.fields}
    if description.captured_at is None and xmp.captured:
        blocks |= {"captured_from": "sidecar", "captured_zone": xmp.captured.zone}
    return replace(
        description,
        captured_at=description.captured_at or (xmp.captured.at if xmp.captured else None),
        latitude=description.latitude if is_placed else latitude,
        longitude=description.longitude if is_placed else longitude,
        camera=description.camera or xmp.camera,
        metadata=without_empty({**blocks, **merged(blocks)}),
    )


def _read(path: Path) -> Xmp | None:
    """The sidecar named for the whole name, else the one for the name without its ending; None if there is neither."""
    for sidecar in (path.with_name(path.name + SUFFIX), path.with_suffix(SUFFIX)):
        with suppress(OSError, ValueError):  # it is an ornament, and most files have none
            if stat.S_ISREG(sidecar.stat().st_mode):
                with sidecar.open("rb") as file:
                    return read_xmp(file.read(LARGEST + 1))
    return None
