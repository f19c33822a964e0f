"""GET /api/search/like: what resembles a file or a moment."""

import time
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from psycopg import sql

from services.search.moments import grouping
from services.search.moments.filter_params import Filtered
from services.search.moments.filters import Wanted
from services.search.moments.grammar import Asked
from services.search.moments.looking import floor_of
from services.search.moments.ranking import Hit, answers
from services.search.moments.repository import Meaning, Question, find_hits
from services.search.moments.telling import file_of, moment_of
from services.search.moments.vectors import HalfVector
from services.search.resources import Provided, Resources
from services.search.schemas import LikeAnswer
from shared import embedders
from shared.database import Connection
from shared.embedders import InUse
from shared.errors import Invalid, NotFound

LARGEST = 2**63 - 1
"""Of the ids that Postgres gives out."""
ONE = "Say what the answers are to be like: give file_id or moment_id, and only one of them."
UNEMBEDDED = "It has no vectors yet, so that nothing can be compared with it. Wait until it is searchable, then ask again."

# A file is what its texts and pictures come to on average; what the camera noted says nothing of what it is about.
OF_FILE = """
    SELECT files.id, (SELECT halfvec_send(avg(embedding::halfvec({size})))
                      FROM embeddings JOIN moments ON moments.id = moment_id
                      WHERE moments.file_id = files.id AND model = %(model)s AND field NOT IN ('exif', 'path'))
    FROM files WHERE files.id = %(file_id)s
"""
OF_MOMENT = """
    SELECT moments.file_id, (SELECT halfvec_send(embedding) FROM embeddings WHERE moment_id = moments.id AND model = %(model)s)
    FROM moments WHERE moments.id = %(moment_id)s
"""

router = APIRouter(tags=["search"])


@router.get("/api/search/like", response_model=LikeAnswer)
async def like(
    resources: Provided,
    wanted: Filtered,
    file_id: UUID | None = None,
    moment_id: Annotated[int | None, Query(ge=1, le=LARGEST, description="`id` of a moment in an answer.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Moments and files, at most.")] = 20,
    threshold: Annotated[float | None, Query(ge=-1, le=1, description="Cosine from which a moment resembles.")] = None,
) -> JSONResponse:
    """The moments of other files that mean the most similar things, and the files they are in."""
    began = time.perf_counter()
    if (file_id is None) == (moment_id is None):
        raise Invalid(ONE)
    own, hits = await resembling(resources, wanted, file_id, moment_id, threshold)
    found = answers(hits, semantic=True, worded=False)
    body = {
        "file_id": str(own),
        "moment_id": moment_id,
        "took_ms": round((time.perf_counter() - began) * 1000, 1),
        "moments": [moment_of(answer) for answer in found[:limit]],
        "files": [file_of(group) for group in grouping.by_score(found)[:limit]],
    }
    return JSONResponse(body)


async def resembling(
    resources: Resources, wanted: Wanted, file_id: UUID | None, moment_id: int | None, threshold: float | None
) -> tuple[UUID, list[Hit]]:
    """The file that is compared, and the moments of others; compared again where another embedder took over meanwhile."""
    while True:
        async with resources.platform.database.connection() as connection:
            serving = (await embedders.in_use(connection))[0]
            own, vector = await vector_of(connection, serving, file_id, moment_id)
            question = Question(Asked(), replace(wanted, besides=own))
            meaning = Meaning(vector, serving.model, serving.dimensions, floor_of(serving, resources, threshold))
            found = await find_hits(connection, question, meaning)
        if found.serving.model == serving.model:
            return own, found.hits


async def vector_of(
    connection: Connection, serving: InUse, file_id: UUID | None, moment_id: int | None
) -> tuple[UUID, HalfVector]:
    """The file that is meant, and what is compared; raises NotFound, and Invalid without a vector."""
    statement = sql.SQL(OF_FILE if file_id else OF_MOMENT).format(size=sql.Literal(serving.dimensions))
    values = {"model": serving.model, "file_id": file_id, "moment_id": moment_id}
    row = await (await connection.execute(statement, values)).fetchone()
    if row is None:
        raise NotFound("file" if file_id else "moment", file_id or moment_id)
    if row[1] is None:
        raise Invalid(UNEMBEDDED)
    return row[0], HalfVector(row[1])
