"""A listener of GET /api/events, as a browser is one."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

Told = dict[str, Any]


@asynccontextmanager
async def following(
    http: httpx.AsyncClient, *, place: int | str | None = 0, **params: str | list[str]
) -> AsyncIterator[AsyncIterator[Told]]:
    """The events as a browser gets them, after a place or from now on."""
    headers = {} if place is None else {"Last-Event-ID": str(place)}
    async with http.stream("GET", "/api/events", params=params, headers=headers, timeout=30) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.aiter_lines()
        assert await anext(lines) == ": ping"
        yield parsed(lines)


async def parsed(lines: AsyncIterator[str]) -> AsyncIterator[Told]:
    fields: Told = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name in ("event", "id"):
            fields[name] = value
        elif name == "data":
            fields["data"] = json.loads(value)
        elif not line and fields:
            yield fields
            fields = {}


def places(told: Sequence[Told]) -> list[int]:
    """The sequences by their ids."""
    return [int(one["id"].partition("-")[0]) for one in told]


async def take(events: AsyncIterator[Told], number: int) -> list[Told]:
    async with asyncio.timeout(20):
        return [await anext(events) for _ in range(number)]
