"""Analyses as files to keep: JSON with everything, or an Excel workbook with a sheet for each kind of result."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from enum import StrEnum
from typing import IO, Any

from fastapi.responses import StreamingResponse
from psycopg import sql

from services.search.nova import export_rows
from services.search.nova.sheets import sheets
from services.search.nova.workbook import Workbook
from shared.database import Database
from shared.subtitles import attachment

PIECE = 1 << 18
"""Bytes that are sent at a time."""


class Format(StrEnum):
    """What analyses are written as."""

    JSON = "json"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def exported(
    database: Database,
    format_: Format,
    selected: sql.Composable,
    values: dict[str, Any],
    *,
    name: str,
    calls: sql.Composable = export_rows.OF_FILES,
) -> StreamingResponse:
    """The files' analyses as a file, which is written before the first byte goes out, and is gone after the last."""
    with ExitStack() as undo:
        file = undo.enter_context(tempfile.TemporaryFile())
        async with database.transaction() as connection:
            dimensions = await export_rows.dimensions(connection, selected, values) if format_ is Format.XLSX else []
            pages = export_rows.analysed(connection, selected, values, calls)
            await (write_json(file, pages) if format_ is Format.JSON else write_workbook(file, pages, dimensions))
        size = file.seek(0, 2)
        undo.pop_all()
    headers = {"Content-Disposition": attachment(f"{name}.{format_}"), "Content-Length": str(size)}
    return StreamingResponse(pieces(file), media_type=MEDIA_TYPES[format_], headers=headers)


async def write_json(file: IO[bytes], pages: AsyncIterator[list[dict[str, Any]]]) -> None:
    """One document; each file with its analysis and what was paid for it."""
    file.write(b'{"files":[')
    separator = b"\n"
    async for page in pages:
        for one in page:
            told = {"analysis" if name == "result" else name: value for name, value in one.items()}
            line = json.dumps(told, ensure_ascii=False)
            file.write(separator + line.encode("utf-8", "replace"))
            separator = b",\n"
    file.write(b"\n]}\n")


async def write_workbook(file: IO[bytes], pages: AsyncIterator[list[dict[str, Any]]], dimensions: list[str]) -> None:
    """A workbook, written in a thread: compressing it takes a while."""
    book = await asyncio.to_thread(Workbook, file, sheets(dimensions))
    try:
        async for page in pages:
            await asyncio.to_thread(book.add_all, page)
    finally:
        await asyncio.to_thread(book.close)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The content of a file, which is closed after it."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
