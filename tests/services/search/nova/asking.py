"""What tests of analyses ask a gateway."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from services.ingest.batches.handlers import on_batch_requested
from services.search.nova.schemas import AnalyzeAccepted
from shared.contracts import BatchRequested
from shared.database import Database
from shared.paying import budgets
from shared.service import Platform


async def analyze(http: httpx.AsyncClient, *, key: str | None = None, **body: Any) -> AnalyzeAccepted:
    """Have files analysed."""
    named = {name: [str(one) for one in value] if name == "file_ids" else value for name, value in body.items()}
    sent = {name: str(value) if name == "file_id" else value for name, value in named.items()}
    response = await http.post("/api/nova/analyze", json=sent, headers={"Idempotency-Key": key} if key else {})
    assert response.status_code == 202, response.text
    return AnalyzeAccepted.model_validate_json(response.content)


async def problem(response: httpx.Response, code: int) -> str:
    """The sentence of a refusal."""
    assert response.status_code == code, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["detail"])


async def budget(database: Database, name: str, usd: float) -> None:
    """Allow everybody so much a day."""
    async with database.transaction() as connection:
        await budgets.create(connection, name=name, period="day", usd=Decimal(str(usd)))


async def dispatch_of(platform: Platform, job_id: UUID) -> None:
    """Hand out the files of a job."""
    await on_batch_requested(BatchRequested(job_id=job_id), platform)
