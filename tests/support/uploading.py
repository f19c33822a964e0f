"""Uploads as a browser makes them: the gateway gives links, and the bytes go straight to the object store."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx

from shared.parts import SMALLEST_PART, Cut

TWO_PARTS = bytes(range(256)) * (SMALLEST_PART // 256) + b"the rest of it"
"""A body of a whole part and a short one."""


async def begin(http: httpx.AsyncClient, body: bytes = TWO_PARTS, **fields: Any) -> dict[str, Any]:
    """Begin an upload of the body, in parts as small as can be; answers with what the gateway says of it."""
    wanted = {"name": "falls.mp4", "size": len(body), "part_size": SMALLEST_PART, **fields}
    response = await http.post("/api/uploads", json=wanted)
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json()
    return document


async def link(http: httpx.AsyncClient, upload: dict[str, Any], number: int) -> str:
    """Where to put a part."""
    response = await http.post(f"/api/uploads/{upload['upload_id']}/parts/{number}/link", json={})
    assert response.status_code == 200, response.text
    return str(response.json()["url"])


async def send(
    http: httpx.AsyncClient, upload: dict[str, Any], body: bytes = TWO_PARTS, numbers: Iterable[int] | None = None
) -> list[dict[str, Any]]:
    """Put parts of the body, all if none are named; answers with them as completing takes them."""
    cut = Cut(len(body), upload["part_size"])
    sent = []
    async with httpx.AsyncClient(trust_env=False) as store:
        for number in numbers or range(1, cut.count + 1):
            start = (number - 1) * cut.part_size
            answer = await store.put(await link(http, upload, number), content=body[start : start + cut.size_of(number)])
            assert answer.status_code == 200, answer.text
            sent.append({"number": number, "etag": answer.headers["etag"]})
    return sent


async def complete(http: httpx.AsyncClient, upload: dict[str, Any], parts: list[dict[str, Any]]) -> httpx.Response:
    """Say that these are all parts."""
    return await http.post(f"/api/uploads/{upload['upload_id']}/complete", json={"parts": parts})


async def listed(http: httpx.AsyncClient, upload: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts that are there."""
    response = await http.get(f"/api/uploads/{upload['upload_id']}/parts")
    assert response.status_code == 200, response.text
    parts: list[dict[str, Any]] = response.json()["parts"]
    return parts


async def chunks(body: bytes, *, size: int = 1 << 16) -> AsyncIterator[bytes]:
    """A body of which nobody says how long it is."""
    for start in range(0, len(body), size):
        yield body[start : start + size]
