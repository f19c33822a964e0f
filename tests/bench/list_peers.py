"""The list of files as one would write it by hand: rows of a statement, made into objects, written as JSON by the framework.

Litestar comes with the benchmarks alone, and is imported where it is used.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

CONNECTIONS = 8
PAGE = """
    SELECT id, path, kind, revision, size, duration, width, height, captured_at, camera, latitude, longitude, created_at,
           updated_at, missing_since, stages.status, stages.stages, stages.reasons, stages.error,
           (SELECT '/api/files/' || file_id || '/renditions/thumbnail'
            FROM renditions WHERE file_id = files.id AND name = 'thumbnail') AS thumbnail
    FROM files CROSS JOIN LATERAL (
        SELECT json_object_agg(stage, state) AS stages,
               coalesce(json_object_agg(stage, reason) FILTER (WHERE reason IS NOT NULL), '{}') AS reasons,
               min(reason) FILTER (WHERE state = 'failed') AS error,
               CASE WHEN bool_or(state = 'pending') THEN 'pending' WHEN bool_or(state = 'failed') THEN 'failed' ELSE 'done' END
                   AS status
        FROM file_stages WHERE file_id = files.id
    ) AS stages
    WHERE id < %(before)s ORDER BY id DESC LIMIT %(limit)s
"""


@dataclass
class File:
    """A file of the library, as a list tells it."""

    id: UUID
    path: str
    kind: str
    revision: int
    size: int
    duration: float | None
    width: int | None
    height: int | None
    captured_at: datetime | None
    camera: str | None
    latitude: float | None
    longitude: float | None
    created_at: datetime
    updated_at: datetime
    missing_since: datetime | None
    status: str
    stages: dict[str, str]
    reasons: dict[str, str]
    error: str | None
    thumbnail: str | None


@dataclass
class Page:
    """A page of them."""

    files: list[File]
    next_cursor: UUID | None


class FileOut(BaseModel):
    """The same as FastAPI is told what it answers with."""

    id: UUID
    path: str
    kind: str
    revision: int
    size: int
    duration: float | None
    width: int | None
    height: int | None
    captured_at: datetime | None
    camera: str | None
    latitude: float | None
    longitude: float | None
    created_at: datetime
    updated_at: datetime
    missing_since: datetime | None
    status: str
    stages: dict[str, str]
    reasons: dict[str, str]
    error: str | None
    thumbnail: str | None


class PageOut(BaseModel):
    """A page of them."""

    files: list[FileOut]
    next_cursor: UUID | None


class Rows:
    """The files of a page, from a pool of as many connections as the gateway has."""

    def __init__(self, url: str) -> None:
        self.pool = AsyncConnectionPool(url, min_size=1, max_size=CONNECTIONS, open=False, kwargs={"autocommit": True})

    async def page(self, before: UUID, limit: int) -> list[File]:
        """Those that came before a file."""
        async with self.pool.connection() as connection, connection.cursor(row_factory=class_row(File)) as cursor:
            await cursor.execute(PAGE, {"before": before, "limit": limit})
            return await cursor.fetchall()


def litestar(url: str) -> Any:
    """With Litestar."""
    framework = import_module("litestar")
    rows = Rows(url)

    async def list_files(before: UUID, limit: int = 100) -> Page:
        files = await rows.page(before, limit)
        return Page(files, files[-1].id if files else None)

    handler = framework.get("/api/files", sync_to_thread=None)(list_files)
    return framework.Litestar([handler], on_startup=[rows.pool.open], on_shutdown=[rows.pool.close], openapi_config=None)


def fastapi(url: str) -> Any:
    """With FastAPI, in the way of its tutorial."""
    rows = Rows(url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await rows.pool.open()
        yield
        await rows.pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/api/files", response_model=PageOut)
    async def list_files(before: UUID, limit: int = 100) -> Page:
        files = await rows.page(before, limit)
        return Page(files, files[-1].id if files else None)

    return app


def as_ours(body: bytes) -> list[str]:
    """The ids of an answer's files, by which it is seen that all sides told the same."""
    return [file["id"] for file in json.loads(body)["files"]]


APPS = {"Litestar": litestar, "FastAPI": fastapi}
