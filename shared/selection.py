"""Which files of the library are meant: a filter as people give it, and as a condition on `files` in SQL."""

from typing import Annotated, Any, Literal

from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field

from shared.contracts import Kind, Stage
from shared.labels import id_of, label_key

Status = Literal["pending", "done", "failed"]
Words = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]
Tags = Annotated[tuple[Words, ...], Field(min_length=1, max_length=50)]

STATUS_CONDITIONS: dict[Status, str] = {
    "pending": "EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND state = 'pending')",
    "failed": "EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND state = 'failed')"
    " AND NOT EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND state = 'pending')",
    "done": "NOT EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND state IN ('pending', 'failed'))",
}

# What was skipped for want of a stage that failed was not processed; what was skipped since there is nothing to do, was.
PROCESSED = """
    EXISTS (
        SELECT FROM file_stages AS own
        WHERE own.file_id = files.id AND own.stage = {stage} AND own.revision = files.revision
          AND (own.state = 'done' OR own.state = 'skipped' AND NOT EXISTS (
              SELECT FROM file_stages AS earlier
              WHERE earlier.file_id = files.id AND earlier.stage = ANY({earlier}) AND earlier.state = 'failed'))
    )
"""

# While vectors of another embedder are being made, a file whose texts lack them is not done.
LACKING = """
    EXISTS (
        SELECT FROM embedders JOIN moments ON moments.file_id = files.id AND moments.text <> ''
        WHERE embedders.state = 'building' AND NOT EXISTS (
            SELECT FROM embeddings WHERE moment_id = moments.id AND embeddings.model = embedders.model)
    )
"""

TAGGED = "files.id IN (SELECT file_id FROM file_tags JOIN tags ON tags.id = tag_id WHERE tags.key {})"
COLLECTED = """
    files.id IN (SELECT file_id FROM collection_files JOIN collections ON collections.id = collection_id WHERE {})
"""

UNDER_WAY = """
    EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND stage = {stage} AND state = 'pending')
"""


class Filter(BaseModel):
    """Which files to list or to act on; what is not given does not matter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind | None = None
    status: Status | None = Field(None, description="State of the file over all stages.")
    q: Words | None = Field(None, description="Part of the path.")
    folder: Words | None = Field(None, description="A folder, in full; files in the folders below it count.")
    missing: Stage | None = Field(
        None, description="A stage that has no result for the file: it failed, it waits, or a stage before it failed."
    )
    tag: Tags | None = Field(None, description="Tags, by name; a file has all of them.")
    collection: Words | None = Field(None, description="A collection, by name or id, of which the file is one.")


def conditions(wanted: Filter) -> tuple[sql.Composable, dict[str, Any]]:
    """A condition on `files`, and the values that it names."""
    parts: list[sql.Composable] = [sql.SQL("true")]
    if wanted.kind:
        parts.append(sql.SQL("files.kind = %(kind)s"))
    if wanted.status:
        parts.append(sql.SQL(STATUS_CONDITIONS[wanted.status]))
    if wanted.q:
        parts.append(sql.SQL("files.path ILIKE %(pattern)s"))
    if wanted.folder:
        parts.append(sql.SQL("files.path LIKE ANY(%(folder)s)"))
    if wanted.missing:
        parts.append(sql.SQL("NOT {}").format(processed(wanted.missing)))
    tags = {f"tag_{at}": label_key(name) for at, name in enumerate(wanted.tag or ())}
    parts += [tagged(sql.SQL("= {}").format(sql.Placeholder(name))) for name in tags]
    if wanted.collection:
        parts.append(collected(sql.SQL("collections.key = %(collection)s OR collections.id = %(collection_id)s::uuid")))
    values = {
        **tags,
        "kind": wanted.kind,
        "pattern": f"%{_escaped(wanted.q or '')}%",
        "folder": _below(wanted.folder or ""),
        "collection": label_key(wanted.collection or ""),
        "collection_id": id_of(wanted.collection or ""),
    }
    return sql.SQL(" AND ").join(parts), values


def tagged(compared: sql.Composable) -> sql.Composed:
    """Whether a row of `files` has a tag whose key compares so, as with "= 'pond'"."""
    return sql.SQL(TAGGED).format(compared)


def collected(which: sql.Composable) -> sql.Composed:
    """Whether a row of `files` is in one of the collections, which are meant by a condition on `collections`."""
    return sql.SQL(COLLECTED).format(which)


def processed(stage: Stage) -> sql.Composed:
    """Whether the stage of a row of `files` has a result for the content that the file has now."""
    order = list(Stage)
    earlier = [str(before) for before in order[: order.index(stage)]]
    settled = sql.SQL(PROCESSED).format(stage=sql.Literal(str(stage)), earlier=sql.Literal(earlier))
    return sql.SQL("({} AND NOT {})").format(settled, sql.SQL(LACKING)) if stage is Stage.EMBED else settled


def under_way(stage: Stage) -> sql.Composed:
    """Whether the stage of a row of `files` waits or is being worked on."""
    return sql.SQL(UNDER_WAY).format(stage=sql.Literal(str(stage)))


def _below(folder: str) -> list[str]:
    """Patterns of the paths in a folder, whose separator is that of the machine it is on."""
    name = _escaped(folder.rstrip("/\\"))
    return [f"{name}/%", f"{name}\\\\%"]


def _escaped(text: str) -> str:
    """Text that LIKE takes literally."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
