"""The local analyst: no model and no network, only words, names, EXIF and cuts. It never pretends to see."""

from asyncio import to_thread

from services.nova.analyst import Analysis, Chapter, Course, Errand, Made, Material, Segment
from services.nova.local.chapters import chapters
from services.nova.local.description import describe, outside
from services.nova.local.elements import elements
from services.nova.local.metadata import search_metadata
from services.nova.local.sentences import Sentence, sentences
from services.nova.local.summary import summarise
from services.nova.local.waterfall import Classifier, classifier
from services.nova.reading import Reading, read
from services.nova.sections import only
from shared.analyses import LOCAL
from shared.clock import utc_now
from shared.contracts import Kind

MODEL = LOCAL
VERSION = "local-1"
"""Counts up when the rules change what they answer, so that older results are known to be stale."""
UNSEEN = "No model looked at the pictures: everything here comes from the words spoken, names and EXIF."
UNSPOKEN = "No speech was transcribed: everything here comes from names, EXIF and cuts."


class LocalAnalyst:
    """Analyses by a taxonomy's words; deterministic."""

    def __init__(self, taxonomy: Classifier | None = None) -> None:
        self._taxonomy = taxonomy or classifier()

    async def analyse(self, material: Material, errand: Errand, course: Course) -> Analysis:
        """The sections that the errand asks for; a long transcript takes seconds, so it is read beside the event loop."""
        found = await to_thread(analyse, material, self._taxonomy)
        return only(found, errand.types, Made(model=MODEL, version=VERSION, run_id=errand.run_id, at=utc_now()))


def analyse(material: Material, taxonomy: Classifier | None = None) -> Analysis:
    """Everything that the words of one file say."""
    clean = _clean(material)
    reading = read(clean)
    spoken = sentences(clean.segments)
    found = elements(reading)
    trade = (taxonomy or classifier()).read(reading)
    still = clean.kind is Kind.IMAGE
    return Analysis(
        model=MODEL,
        version=VERSION,
        summary=None if still else summarise(spoken, outside(reading)),
        description=describe(reading) if still else None,
        chapters=() if still else _chapters(reading, spoken),
        elements=found,
        waterfall_classification=trade.classification,
        search_metadata=search_metadata(reading, trade, found),
        notes=_notes(clean),
    )


def _clean(material: Material) -> Material:
    """Segments in order, within the duration, and with words."""
    end = float("inf") if material.duration is None else material.duration
    kept = (
        Segment(start=segment.start, end=max(segment.start, min(segment.end, end)), text=segment.text)
        for segment in material.segments
        if segment.text.strip() and (segment.start < end or segment.start == 0)
    )
    return material.model_copy(update={"segments": tuple(sorted(kept, key=lambda segment: (segment.start, segment.end)))})


def _chapters(reading: Reading, spoken: tuple[Sentence, ...]) -> tuple[Chapter, ...]:
    material = reading.material
    last = max((*material.shots, *(sentence.end for sentence in spoken)), default=0.0)
    duration = last if material.duration is None else material.duration
    return chapters(duration, spoken, material.shots, outside(reading))


def _notes(material: Material) -> tuple[str, ...]:
    unseen = (UNSEEN,) if material.kind is not Kind.AUDIO else ()
    unspoken = (UNSPOKEN,) if material.kind is not Kind.IMAGE and not material.segments else ()
    return (*unseen, *unspoken)
