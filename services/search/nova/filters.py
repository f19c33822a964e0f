"""The file filter as parameters of a URL, as GET /api/files has them."""

from typing import Annotated

from fastapi import Depends, Query

from services.search.queries import fit
from shared.contracts import Kind, Stage
from shared.selection import Filter, Status


def chosen_files(
    kind: Kind | None = None,
    status: Annotated[Status | None, Query(description="State of the file over all stages.")] = None,
    q: Annotated[str | None, Query(max_length=500, description="Part of the path.")] = None,
    folder: Annotated[str | None, Query(max_length=4096, description="A folder, in full.")] = None,
    missing: Annotated[Stage | None, Query(description="A stage that has no result for the file.")] = None,
) -> Filter:
    """Which files are meant."""
    q, folder = (fit(text) if text else None for text in (q, folder))
    return Filter(kind=kind, status=status, q=q, folder=folder, missing=missing)


Chosen = Annotated[Filter, Depends(chosen_files)]
"""A route's parameter for the files that are meant."""
