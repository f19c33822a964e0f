"""What can be said of a file without looking at it."""

from collections.abc import Iterator

from services.nova.analyst import Passage
from services.nova.local.confidence import confidence
from services.nova.names import pure_path
from services.nova.provenance import Evidence, Source
from services.nova.reading import Reading


def outside(reading: Reading) -> Evidence:
    """The file's name as people gave it, with its folder where the camera chose the name."""
    names = reading.names
    if names.file.tokens or not names.folders:
        return Evidence(source=Source.FILENAME, phrase=names.file.raw or reading.material.path or "unnamed")
    return Evidence(source=Source.PATH, phrase=f"{names.folders[-1].raw}: {names.file.raw}")


def describe(reading: Reading) -> Passage:
    """A picture told by its name, folder and EXIF; says that nobody looked at it."""
    told = [*_told(reading)]
    evidence = tuple(piece for _, piece in told)
    text = ", ".join(text for text, _ in told)
    return Passage(text=f"{text}. Nobody looked at the picture.", evidence=evidence, confidence=confidence(evidence))


def _told(reading: Reading) -> Iterator[tuple[str, Evidence]]:
    material = reading.material
    file = pure_path(material.path).name or "unnamed"
    yield f"Picture {file}", Evidence(source=Source.FILENAME, phrase=file)
    if reading.names.folders:
        folder = reading.names.folders[-1].raw
        yield f"in {folder}", Evidence(source=Source.PATH, phrase=folder)
    if material.captured_at is not None:
        day = material.captured_at.date().isoformat()
        yield f"taken on {day}", Evidence(source=Source.EXIF, phrase=material.captured_at.isoformat())
    if material.camera:
        yield f"with {material.camera}", Evidence(source=Source.EXIF, phrase=material.camera)
    if material.gps is not None:
        place = f"{material.gps[0]:.5f}, {material.gps[1]:.5f}"
        yield f"at {place}", Evidence(source=Source.EXIF, phrase=f"GPS {place}")
    for note in reading.exif.places[:1]:
        yield f"noted as \u201c{note}\u201d", Evidence(source=Source.EXIF, phrase=note)
