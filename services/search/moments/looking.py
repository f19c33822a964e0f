"""Has a question looked up, with the vectors of the embedder that serves."""

from services.search.moments.ranking import Hit
from services.search.moments.repository import Meaning, Question, find_hits
from services.search.moments.vectors import HalfVector
from services.search.resources import Resources
from shared import embedders
from shared.analyses import NOBODY
from shared.embedders import InUse
from shared.minilm import MODEL


async def hits_of(
    question: Question, resources: Resources, threshold: float | None, *, semantic: bool, requested_by: str = NOBODY
) -> list[Hit]:
    """What is found with vectors of the embedder that serves: asked again where another took over meanwhile."""
    vectors = resources.vectors
    while True:
        async with resources.platform.database.connection() as connection:
            serving = vectors.serving or (await embedders.in_use(connection))[0]
        meaning = await meaning_of(question.asked.meant, resources, serving, threshold, requested_by) if semantic else None
        async with resources.platform.database.connection() as connection:
            found = await find_hits(connection, question, meaning)
        vectors.serving = found.serving
        if meaning is None or meaning.model == found.serving.model:
            return found.hits


async def meaning_of(q: str, resources: Resources, serving: InUse, threshold: float | None, requested_by: str) -> Meaning:
    """The query as the vector index is asked for it; raises Unembedded if its vector cannot be had."""
    vector = await resources.vectors.vector(q, serving.model, requested_by)
    return Meaning(HalfVector.of(vector), serving.model, serving.dimensions, floor_of(serving, resources, threshold))


def floor_of(serving: InUse, resources: Resources, threshold: float | None) -> float:
    """The cosine from which a moment is found by meaning."""
    if threshold is not None:
        return threshold
    settings = resources.settings
    return settings.similarity_floor if serving.model == MODEL else settings.nova_similarity_floor
