"""The audit log as a file: a line for each entry, the latest first, written page by page as it is read.

Between pages no connection is held: however slowly somebody reads, others are served, and Postgres can tidy up.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.search.audit import repository
from services.search.audit.repository import Entry
from services.search.audit.schemas import AuditEntry
from shared.database import Database

PAGE = 1000
"""Entries that are in memory at a time."""
COLUMNS = tuple(AuditEntry.model_fields)
CALCULATING = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with: spreadsheets would reckon with what somebody sent."""


class Format(StrEnum):
    """What the log is written as."""

    CSV = "csv"
    JSONL = "jsonl"


MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSONL: "application/jsonl"}


async def lines(database: Database, wanted: Mapping[str, Any], format_: Format) -> AsyncIterator[bytes]:
    """The entries that meet the conditions, as a file."""
    if format_ is Format.CSV:
        yield row_of(COLUMNS)
    before = wanted
    while True:
        async with database.connection() as connection:
            found = await repository.page(connection, before, limit=PAGE)
        if found:
            yield b"".join(line_of(entry, format_) for entry in found)
        if len(found) < PAGE:
            return
        before = {**wanted, "before": found[-1].id}


def told(entry: Entry) -> dict[str, Any]:
    """An entry as the API tells it."""
    return {name: _plain(getattr(entry, name)) for name in COLUMNS}


def line_of(entry: Entry, format_: Format) -> bytes:
    """An entry as a line."""
    if format_ is Format.JSONL:
        return json.dumps(told(entry), ensure_ascii=False).encode() + b"\n"
    return row_of(cell_of(value) for value in told(entry).values())


def row_of(cells: Any) -> bytes:
    """A line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


def cell_of(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(CALCULATING) else text


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
