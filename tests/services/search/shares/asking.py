"""Links as people make them and guests use them, over HTTP."""

from typing import Any
from uuid import UUID

import httpx

from services.search.shares.schemas import MadeShare, Share, Shared, Shares
from shared.database import Database


async def made(http: httpx.AsyncClient, file_id: UUID, *, key: str | None = None, **options: Any) -> MadeShare:
    headers = {"Idempotency-Key": key} if key else {}
    response = await http.post("/api/shares", json={"file_id": str(file_id), **options}, headers=headers)
    assert response.status_code == 201, response.text
    return MadeShare.model_validate_json(response.content)


async def listed(http: httpx.AsyncClient, **params: Any) -> list[Share]:
    response = await http.get("/api/shares", params=params)
    assert response.status_code == 200, response.text
    return Shares.model_validate_json(response.content).shares


async def found(http: httpx.AsyncClient, share_id: UUID) -> Share:
    response = await http.get(f"/api/shares/{share_id}")
    assert response.status_code == 200, response.text
    return Share.model_validate_json(response.content)


def token_in(share: MadeShare) -> str:
    return share.link.partition("#")[2]


async def opened(guest: httpx.AsyncClient, token: str) -> httpx.Response:
    return await guest.get("/api/shared", headers={"Authorization": f"Share {token}"})


async def seen(guest: httpx.AsyncClient, share: MadeShare) -> Shared:
    response = await opened(guest, token_in(share))
    assert response.status_code == 200, response.text
    return Shared.model_validate_json(response.content)


async def run(database: Database, statement: str, **values: Any) -> None:
    async with database.connection() as connection:
        await connection.execute(statement.encode(), values)
