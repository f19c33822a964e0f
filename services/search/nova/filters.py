"""The file filter as parameters of a URL, as GET /api/files has them."""

from typing import Annotated

from fastapi import Depends, Query

from services.search.moments.queries import fit
from shared.contracts import Kind, Stage
from shared.selection import Filter, Status, Words


async def chosen_files(  # async since FastAPI asks a thread for what is not, and lists of files are read often
    kind: Kind | None = None,
    status: Annotated[Status | None, Query(description="State of the file over all stages.")] = None,
    q: Annotated[str | None, Query(max_length=500, description="Part of the path.")] = None,
    folder: Annotated[str | None, Query(max_length=4096, description="A folder, in full.")] = None,
    missing: Annotated[Stage | None, Query(description="A stage that has no result for the file.")] = None,
    tag: Annotated[list[Words] | None, Query(max_length=50, description="A tag's name; files have all that are given.")] = None,
    collection: Annotated[str | None, Query(max_length=500, description="A collection's name or id.")] = None,
) -> Filter:
    """Which files are meant."""
    q, folder, collection = (fit(text) if text else None for text in (q, folder, collection))
    tags = tuple(fit(name) for name in tag or ()) or None
    return Filter(kind=kind, status=status, q=q, folder=folder, missing=missing, tag=tags, collection=collection)


Chosen = Annotated[Filter, Depends(chosen_files)]
"""A route's parameter for the files that are meant."""
