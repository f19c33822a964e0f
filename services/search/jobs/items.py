"""Pages of a job's items, as the API tells them."""

from typing import Any
from uuid import UUID

from services.search.batches.repository import Item, items
from services.search.http import cursors
from shared.database import Connection


async def page_of(
    connection: Connection,
    job_id: UUID,
    *,
    cursor: str | None,
    limit: int,
    state: str | None = None,
    change: str | None = None,
) -> dict[str, Any]:
    """Items after the cursor, and where to go on; raises Invalid."""
    after = cursors.read_place(cursor) if cursor else b""
    found = await items(connection, job_id, after=after, limit=limit + 1, state=state, change=change)
    following = cursors.write_place(found[limit - 1].path_raw) if len(found) > limit else None
    return {"items": [told(item) for item in found[:limit]], "next_cursor": following}


def told(item: Item) -> dict[str, Any]:
    """An item; the field names are those of `batches_schemas.BatchItem`."""
    return {
        "path": item.path,
        "file_id": item.file_id and str(item.file_id),
        "kind": item.kind,
        "size": item.size,
        "state": item.state,
        "change": item.change,
        "reason": item.reason,
        "settled_at": item.settled_at and item.settled_at.isoformat(),
    }
