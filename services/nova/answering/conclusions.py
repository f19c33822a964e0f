"""An answer held against what is known of its file: what remains is what the analysis says."""

from collections.abc import Collection

from services.nova.analyst import Analysis, Material, SearchMetadata, Span
from services.nova.answering.answer import Answer, sections
from services.nova.answering.chapters import chapters
from services.nova.answering.classification import classification
from services.nova.answering.clock import within_its_duration
from services.nova.answering.elements import elements
from services.nova.answering.findable import search_metadata, whereabouts
from services.nova.answering.grounding import Ground
from services.nova.answering.losses import Losses
from services.nova.answering.passages import UNHEARD, passage, summary
from services.nova.local.customers import customers
from services.nova.prompting.context import spoken_in
from services.nova.reading import Reading, read
from services.nova.taxonomy import Taxonomy
from shared.analyses import PROMPT_VERSION, AnalysisType

MODEL = "nova"


def analysis_of(
    answer: Answer,
    material: Material,
    *,
    span: Span | None,
    types: Collection[AnalysisType],
    taxonomy: Taxonomy,
    model: str = MODEL,
) -> Analysis:
    """The analysis of a file, or of the part of it within `span`, in the file's clock: only what was asked and has evidence.

    Sections that were not asked for are empty; the notes say how much of the answer could not be kept, and why.
    """
    due = sections(types)
    told = Answer(**{name: getattr(answer, name) for name in due})
    losses = Losses()
    ground = Ground(within_its_duration(material), span, losses)
    reading = _reading(ground)
    names = frozenset(word.casefold() for one in customers(reading) for word in one.value.split())
    # First of all, as names that nothing says must be known before any words are taken for tags.
    where = whereabouts(told.search_metadata, ground) if told.search_metadata else None
    trade = classification(told.waterfall_classification, ground, taxonomy) if told.waterfall_classification else None
    found = elements(told.elements or (), ground, names)
    return Analysis(
        model=model,
        version=PROMPT_VERSION,
        summary=summary(told.summary, ground) if told.summary else None,
        transcript_summary=passage(told.transcript_summary, ground, without=UNHEARD) if told.transcript_summary else None,
        description=passage(told.description, ground) if told.description else None,
        chapters=() if told.chapters is None else chapters(told.chapters, ground),
        elements=found,
        waterfall_classification=trade,
        search_metadata=search_metadata(
            told.search_metadata, where, trade, found, ground=ground, reading=reading, taxonomy=taxonomy, names=names
        )
        if told.search_metadata and where
        else SearchMetadata(),
        notes=tuple(losses.sentences()),
    )


def _reading(ground: Ground) -> Reading:
    """The words of the file, with the speech of the part that was looked at."""
    clip = ground.clip
    spoken = [] if clip is None else spoken_in(ground.material, Span(start=clip.start, end=clip.end))
    return read(ground.material.model_copy(update={"segments": tuple(spoken)}))
