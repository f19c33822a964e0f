"""GET /api/search: moments that answer a query."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.search.queries import fit
from services.search.ranking import Answer, answers
from services.search.repository import Meaning, Question, find_hits
from services.search.resources import Provided, Resources
from services.search.schemas import SearchAnswer
from services.search.snippets import snippet
from shared.contracts import Kind

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
    question = Question(fit(q), kind or ())
    meaning = await meaning_of(question.q, resources, threshold) if semantic else None
    async with resources.platform.database.connection() as connection:
        hits = await find_hits(connection, question, meaning)
    moments = [moment_of(answer) for answer in answers(hits, semantic=semantic, limit=limit)]
    took = round((time.perf_counter() - began) * 1000, 1)
    return JSONResponse({"q": q, "took_ms": took, "moments": moments})


async def meaning_of(q: str, resources: Resources, threshold: float | None) -> Meaning:
    """The query as the vector index is asked for it."""
    embedder = resources.vectors.embedder
    vector = await resources.vectors.vector(q)
    floor = resources.settings.similarity_floor if threshold is None else threshold
    return Meaning(str(vector.tolist()), embedder.model, embedder.dimensions, floor)


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
