"""What is stale, what renewing it costs, and the renewal, on the real database."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.search.nova.stale import Reason
from services.search.nova.stale_schemas import Renewing, Stale
from shared.contracts import Kind
from shared.database import Database
from tests.services.search.nova.asking import budget, problem
from tests.support.analysed import AT, add_analysis, add_run, made_by, result
from tests.support.asking import file_at, job_of
from tests.support.library import count

pytestmark = pytest.mark.connected

HEARD = """
    INSERT INTO transcripts (id, file_id, revision, model, language, duration, created_at)
    VALUES (%s, %s, 1, 'tiny', 'en', 60, %s)
"""
EDITED = """
    INSERT INTO transcript_edits (id, transcript_id, segment_id, action)
    VALUES (gen_random_uuid(), %s, gen_random_uuid(), 'edit')
"""


@pytest.fixture
async def library(database: Database) -> dict[str, UUID]:
    """A file for each reason, and two for which there is none."""
    async with database.transaction() as connection:
        films = {
            name: await file_at(connection, f"/films/{name}.mp4", duration=60.0)
            for name in ("fresh", "prompt", "model", "local", "mixed", "edited", "bare")
        }
        films["waiting"] = await file_at(connection, "/films/waiting.mp4", duration=60.0, analyse="pending")
        films["photo"] = await file_at(connection, "/photo.jpg", Kind.IMAGE)
        mixed = result(made={**made_by("2-lite"), **made_by("local", "7", "chapters")})
        made: dict[str, Any] = {
            "fresh": result(),
            "prompt": result(version="nova-0"),
            "model": result("lite"),
            "local": result("local", "7", made={}),
            "mixed": mixed,
            "edited": result(),
            "waiting": result("lite"),
            "photo": result("lite"),
        }
        for name, found in made.items():
            run_id = await add_run(connection, films[name], model=found["model"], version=found["version"])
            await add_analysis(connection, films[name], run_id, found)
        for name in ("fresh", "edited"):
            transcript = uuid4()
            await connection.execute(HEARD, (transcript, films[name], AT))
            if name == "edited":
                await connection.execute(EDITED, (transcript,))
    return films


async def stale(http: httpx.AsyncClient, **params: Any) -> Stale:
    response = await http.get("/api/nova/stale", params=params)
    assert response.status_code == 200, response.text
    return Stale.model_validate_json(response.content)


async def test_files_are_told_with_every_reason(paid: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    told = await stale(paid)
    assert {one.path: one.reasons for one in told.files} == {
        "/films/prompt.mp4": ["prompt"],
        "/films/model.mp4": ["model"],
        "/films/local.mp4": ["local"],
        "/films/mixed.mp4": ["local"],
        "/films/edited.mp4": ["transcript"],
        "/photo.jpg": ["model"],
    }
    assert told.counts == {Reason.PROMPT: 1, Reason.MODEL: 2, Reason.LOCAL: 2, Reason.TRANSCRIPT: 1}
    assert (told.model, told.prompt_version, told.total, told.renewable, told.analysed) == ("2-lite", "nova-1", 6, 5, 7)
    assert told.renewal is not None
    # Of the mixed one all was answered by the model before: it is renewed for nothing.
    assert (told.renewal.files, told.renewal.cached_files) == (5, 1)
    assert told.renewal.usd_high > 0


async def test_they_come_in_pages_and_by_filter(paid: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    first = await stale(paid, limit=4, folder="/films")
    second = await stale(paid, limit=4, folder="/films", cursor=first.next_cursor)
    assert (len(first.files), len(second.files), second.next_cursor, second.renewal) == (4, 1, None, None)
    assert {one.file_id for one in (*first.files, *second.files)} == {
        library[name] for name in ("prompt", "model", "local", "mixed", "edited")
    }
    assert [one.path for one in (await stale(paid, reason="prompt")).files] == ["/films/prompt.mp4"]
    assert (await stale(paid, kind="image", model="lite")).files == []


async def test_where_rules_are_the_analyst_they_are_not_stale(http: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    told = await stale(http)
    assert (told.model, told.counts[Reason.LOCAL], told.renewal and told.renewal.usd_high) == ("local", 0, 0.0)
    assert (await stale(http, model="2-lite")).counts[Reason.LOCAL] == 2
    await problem(await http.get("/api/nova/stale?model=gpt"), 422)


async def renew(http: httpx.AsyncClient, key: str | None = None, **body: Any) -> Renewing:
    response = await http.post("/api/nova/stale/renew", json=body, headers={"Idempotency-Key": key} if key else {})
    assert response.status_code == 202, response.text
    return Renewing.model_validate_json(response.content)


async def test_a_renewal_is_a_batch_of_what_is_stale(
    database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    begun = await renew(paid, filter={"folder": "/films"})
    request = (await job_of(database, begun.nova_job_id)).request
    assert set(request["file_ids"]) == {str(library[name]) for name in ("prompt", "model", "local", "mixed")}
    assert (request["force"], request["options"]) == (True, {"model": "2-lite", "requested_by": "admin"})
    assert (begun.total_files, begun.remaining, begun.model) == (4, 0, "2-lite")
    heard = await renew(paid, reasons=["transcript"])
    request = (await job_of(database, heard.nova_job_id)).request
    assert request["file_ids"] == [str(library["edited"])]
    assert request["options"]["fresh"] is True


async def test_the_same_key_is_the_same_renewal(database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    first = await renew(paid, "once", reasons=["prompt"])
    async with database.transaction() as connection:
        await connection.execute("UPDATE analyses SET version = 'nova-1', result = %s", ("{}",))
    assert await renew(paid, "once", reasons=["prompt"]) == first
    other = await paid.post("/api/nova/stale/renew", json={"reasons": ["model"]}, headers={"Idempotency-Key": "once"})
    assert "Idempotency-Key" in await problem(other, 422)
    assert await count(database, "jobs") == 1


async def test_nothing_is_renewed_beyond_a_budget_or_without_a_reason(
    database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    nothing = await paid.post("/api/nova/stale/renew", json={"filter": {"folder": "/nowhere"}})
    assert "No analysis is stale" in await problem(nothing, 409)
    await budget(database, "daily", 0)
    assert '"daily"' in await problem(await paid.post("/api/nova/stale/renew", json={}), 409)
    assert await count(database, "jobs") == 0
