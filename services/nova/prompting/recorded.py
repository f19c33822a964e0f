"""What a file's recorded fields say, in lines: shown to a model, and looked up when it quotes them."""

from collections.abc import Iterator

from services.nova.analyst import Material
from services.nova.local.places import EXIF_TAGS
from services.nova.reading import read


def recorded(material: Material) -> tuple[tuple[str, str], ...]:
    """Label and text of each field that tells something: capture, camera, position, captions, places."""
    return tuple(_recorded(material))


def _recorded(material: Material) -> Iterator[tuple[str, str]]:
    if material.captured_at is not None:
        yield "Captured", material.captured_at.isoformat()
    if material.camera:
        yield "Camera", material.camera
    if material.gps is not None:
        yield "GPS position", f"{material.gps[0]:.5f}, {material.gps[1]:.5f}"
    for caption in read(material.model_copy(update={"segments": ()})).exif.places:
        yield "Caption", caption
    for tag in (tag for tags in EXIF_TAGS.values() for tag in tags):
        value = material.exif.get(tag)
        if isinstance(value, str) and value.strip():
            yield tag, value.strip()
