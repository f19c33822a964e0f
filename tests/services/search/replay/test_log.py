"""The log over HTTP: what was told, and where it stands."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from nats.js import JetStreamContext

from services.search.replay.schemas import EventDetail, Log
from shared.contracts import BatchRequested, FileIngested, ImportRequested, Kind, ProxyReady, ProxyRequested, Stage
from shared.database import Database
from shared.service import Platform
from tests.support.library import add_file
from tests.support.replaying import applied, publish_waiting, tell

pytestmark = pytest.mark.connected


async def log_of(http: httpx.AsyncClient, **params: Any) -> Log:
    response = await http.get("/api/events/log", params=params)
    assert response.status_code == 200, response.text
    return Log.model_validate_json(response.content)


async def shown(http: httpx.AsyncClient, event_id: UUID) -> EventDetail:
    response = await http.get(f"/api/events/log/{event_id}")
    assert response.status_code == 200, response.text
    return EventDetail.model_validate_json(response.content)


def ready(file_id: UUID, run_id: UUID | None = None) -> ProxyReady:
    return ProxyReady(
        file_id=file_id, revision=1, kind=Kind.VIDEO, run_id=run_id, renditions={"proxy": "p"}, has_speech_track=True
    )


@pytest.fixture
async def film(database: Database) -> FileIngested:
    async with database.transaction() as connection:
        return await add_file(connection)


async def test_events_are_listed_with_everything_that_is_known(
    http: httpx.AsyncClient, database: Database, stream: JetStreamContext, film: FileIngested
) -> None:
    await tell(database, film)
    await publish_waiting(database, stream)
    await tell(database, ready(film.file_id))
    latest, first = (await log_of(http)).events
    assert (first.id, first.subject, first.address, first.key) == (film.id, film.subject, film.address, film.file_id)
    assert (first.path, first.revision, first.run_id, first.sequence) == (film.path, 1, None, 1)
    assert first.headers["ce-type"] == "spillway.file.ingested.v1"
    assert FileIngested.model_validate(first.body) == film
    assert first.published_at is not None
    assert (latest.subject, latest.sequence, latest.published_at) == ("proxy.ready", None, None)


async def test_pages_follow_each_other_in_both_orders(http: httpx.AsyncClient, database: Database) -> None:
    events = [ready(uuid4()) for _ in range(5)]
    await tell(database, *events)
    for order, wanted in (("oldest", events), ("newest", events[::-1])):
        found, cursor = [], None
        while True:
            page = await log_of(http, order=order, limit=2, **({"cursor": cursor} if cursor else {}))
            found += [event.id for event in page.events]
            if (cursor := page.next_cursor) is None:
                break
        assert found == [event.id for event in wanted]


async def test_events_are_found_by_subject_time_file_job_and_sequence(
    http: httpx.AsyncClient, database: Database, stream: JetStreamContext, film: FileIngested
) -> None:
    job, run = uuid4(), uuid4()
    asked = ProxyRequested(file_id=film.file_id, revision=1, kind=Kind.VIDEO, run_id=run)
    await tell(database, film, ImportRequested(job_id=job), asked, ready(uuid4()))
    await publish_waiting(database, stream)
    async with database.transaction() as connection:
        await connection.execute("UPDATE outbox SET created_at = '2026-01-01T00:00:00Z' WHERE subject = 'proxy.ready'")
        await connection.execute("INSERT INTO jobs (id, kind, request) VALUES (%s, 'import', '{}')", (job,))
        item = "INSERT INTO job_items (job_id, path_raw, path, file_id) VALUES (%s, 'a', 'a', %s)"
        await connection.execute(item, (job, film.file_id))

    async def subjects(**params: Any) -> list[str]:
        return [event.subject for event in (await log_of(http, order="oldest", **params)).events]

    assert await subjects(subject=["proxy.ready", "import.requested"]) == ["import.requested", "proxy.ready"]
    assert await subjects(until="2026-01-02T00:00:00Z") == ["proxy.ready"]
    assert await subjects(since="2026-01-02T00:00:00Z", subject="proxy.ready") == []
    assert await subjects(file_id=str(film.file_id)) == ["file.ingested", "proxy.requested"]
    assert await subjects(job_id=str(job)) == ["file.ingested", "import.requested"]
    assert await subjects(job_id=str(run)) == ["proxy.requested"]
    assert await subjects(first_sequence=2, last_sequence=3) == ["import.requested", "proxy.requested"]


async def test_what_is_asked_wrongly_is_refused_with_a_sentence(http: httpx.AsyncClient) -> None:
    for params, told in (
        ({"subject": "proxy.*"}, "There is no subject"),
        ({"since": "2026-01-01T00:00:00"}, "timezone"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"first_sequence": str(1 << 63)}, "first_sequence"),
    ):
        response = await http.get("/api/events/log", params=params)
        assert response.status_code == 422
        assert told in response.json()["detail"]
    assert (await http.get(f"/api/events/log/{uuid4()}")).status_code == 404


async def test_an_event_is_shown_with_where_it_stands(
    http: httpx.AsyncClient, platform: Platform, database: Database, stream: JetStreamContext, film: FileIngested
) -> None:
    async def sentence() -> str:
        [taker] = (await shown(http, film.id)).consumers
        assert (taker.consumer, taker.service, taker.stage) == ("proxy", "proxy", Stage.PROXY)
        return taker.sentence

    await tell(database, film)
    assert await sentence() == "Waits to be published."
    await publish_waiting(database, stream)
    assert await sentence() == "Waits, or is being worked on."
    await applied(platform, "proxy", film, Stage.PROXY)
    assert (await sentence()).startswith("Applied at ")
    detail = await shown(http, film.id)
    assert detail.file is not None
    assert (detail.file.path, detail.file.revision) == (film.path, 1)
    assert {one.stage: one.state for one in detail.file.stages}[Stage.PROXY] == "done"


async def test_an_event_that_nothing_came_of_says_why(
    http: httpx.AsyncClient, database: Database, stream: JetStreamContext, film: FileIngested
) -> None:
    await tell(database, film, ready(film.file_id), BatchRequested(job_id=uuid4()))
    await publish_waiting(database, stream)

    async def sentence_after(change: str) -> str:
        async with database.transaction() as connection:
            await connection.execute(change.encode())
        return (await shown(http, film.id)).consumers[0].sentence

    own = "UPDATE file_stages SET {} WHERE stage = 'proxy'"
    assert await sentence_after(own.format("state = 'failed'")) == "Settled without it: proxy was failed."
    assert "Overtaken" in await sentence_after(own.format(f"run_id = '{uuid4()}'"))
    assert await sentence_after("UPDATE files SET revision = 2") == "Superseded: the file is at revision 2."
    assert await sentence_after("DELETE FROM files") == "The file is no longer in the library."
