"""GET /api/search: moments that answer a query."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.search.queries import Unembedded, fit
from services.search.ranking import Answer, Hit, answers
from services.search.repository import Meaning, Question, find_hits
from services.search.resources import Provided, Resources
from services.search.schemas import SearchAnswer
from services.search.snippets import snippet
from shared import embedders
from shared.contracts import Kind
from shared.embedders import InUse
from shared.minilm import MODEL

LONGEST = 2000
"""Characters of a query: the embedder reads no more."""

router = APIRouter(tags=["search"])


@router.get("/api/search", response_model=SearchAnswer)
async def search(
    resources: Provided,
    q: Annotated[str, Query(max_length=LONGEST, description='Words, "phrases", -exclusions; or a description of the moment.')],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    semantic: Annotated[bool, Query(description="Whether to search by meaning too.")] = True,
    kind: Annotated[list[Kind] | None, Query(description="Only files of these kinds.")] = None,
    threshold: Annotated[
        float | None, Query(ge=-1, le=1, description="Cosine from which a moment is found by meaning.")
    ] = None,
) -> JSONResponse:
    """The moments that answer a query best: by words, by meaning, and by names that look alike."""
    began = time.perf_counter()
    question, note = Question(fit(q), kind or ()), None
    try:
        hits = await hits_of(question, resources, threshold, semantic=semantic)
    except Unembedded as error:
        semantic, note = False, str(error)
        hits = await hits_of(question, resources, threshold, semantic=False)
    moments = [moment_of(answer) for answer in answers(hits, semantic=semantic, limit=limit)]
    took = round((time.perf_counter() - began) * 1000, 1)
    return JSONResponse({"q": q, "took_ms": took, "moments": moments, "note": note})


async def hits_of(question: Question, resources: Resources, threshold: float | None, *, semantic: bool) -> list[Hit]:
    """What is found with vectors of the embedder that serves: asked again where another took over meanwhile."""
    vectors = resources.vectors
    while True:
        async with resources.platform.database.connection() as connection:
            serving = vectors.serving or (await embedders.in_use(connection))[0]
        meaning = await meaning_of(question.q, resources, serving, threshold) if semantic else None
        async with resources.platform.database.connection() as connection:
            found = await find_hits(connection, question, meaning)
        vectors.serving = found.serving
        if meaning is None or meaning.model == found.serving.model:
            return found.hits


async def meaning_of(q: str, resources: Resources, serving: InUse, threshold: float | None) -> Meaning:
    """The query as the vector index is asked for it; raises Unembedded if its vector cannot be had."""
    vector = await resources.vectors.vector(q, serving.model)
    settings = resources.settings
    floor = settings.similarity_floor if serving.model == MODEL else settings.nova_similarity_floor
    return Meaning(str(vector.tolist()), serving.model, serving.dimensions, floor if threshold is None else threshold)


def moment_of(answer: Answer) -> dict[str, Any]:
    """An answer as the API tells it; the field names are those of `schemas.Moment`."""
    hit = answer.hit
    return {
        "file_id": str(hit.file_id),
        "path": hit.path,
        "kind": hit.kind,
        "start": hit.start,
        "end": hit.end,
        "field": hit.field,
        "score": round(answer.score, 4),
        "snippet": snippet(hit.marked),
        "matched": answer.matched,
        "similarity": None if answer.similarity is None else round(answer.similarity, 4),
        "thumbnail": f"/api/files/{hit.file_id}/renditions/thumbnail" if hit.has_thumbnail else None,
        "missing": hit.is_missing,
    }
