"""Dead letters over HTTP: given up on the real bus, put right, sent again, and applied."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from nats.js import JetStreamContext

from services.ingest.batches import handlers as dispatch
from services.ingest.batches import repository as turns_repository
from services.search.replay.schemas import LetterDetail, Letters, Resent
from services.search.replay.verdicts import Act
from shared import outbox, stages, topology
from shared.batch_requests import BatchRequest
from shared.contracts import (
    STREAM,
    BatchRequested,
    Event,
    FileIngested,
    ProxyFailed,
    Stage,
    StageState,
    TranscriptSkipped,
)
from shared.database import Database
from shared.errors import Invalid
from shared.messaging import Subscription
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.services.search.nova.asking import budget
from tests.support.asking import asked_for, file_at, job_of, requested, results_of
from tests.support.delivering import reacting, settled, working
from tests.support.library import about, count, stage_of
from tests.support.replaying import Repaired, added, publish_waiting, tell

pytestmark = pytest.mark.connected


async def listed(http: httpx.AsyncClient, **params: Any) -> Letters:
    response = await http.get("/api/dead-letters", params=params)
    assert response.status_code == 200, response.text
    return Letters.model_validate_json(response.content)


async def detail(http: httpx.AsyncClient, letter_id: int) -> LetterDetail:
    response = await http.get(f"/api/dead-letters/{letter_id}")
    assert response.status_code == 200, response.text
    return LetterDetail.model_validate_json(response.content)


async def resend(http: httpx.AsyncClient, letter_id: int | None = None, **ask: Any) -> Resent:
    place = "resend" if letter_id is None else f"{letter_id}/resend"
    response = await http.post(f"/api/dead-letters/{place}", json=ask)
    assert response.status_code == 200, response.text
    return Resent.model_validate_json(response.content)


async def refusal(response: httpx.Response, code: int) -> str:
    assert response.status_code == code, response.text
    return str(response.json()["detail"])


class Bench:
    """A gateway, and a proxy service that gives everything up until it is mended."""

    def __init__(self, settings: PlatformSettings, platform: Platform, stream: JetStreamContext) -> None:
        self.settings, self.platform, self.stream = settings, platform, stream
        self.handler = Repaired(platform)

    async def deliver(self) -> None:
        """Publish what waits, and let the service work it off."""
        await publish_waiting(self.platform.database, self.stream)
        async with working(self.settings, self.platform.database, self.stream, reacting(topology.PROXY, self.handler)):
            await settled(self.stream, topology.PROXY.durable)


@pytest.fixture
async def bench(settings: PlatformSettings, platform: Platform, http: httpx.AsyncClient, stream: JetStreamContext) -> Bench:
    return Bench(settings, platform, stream)


@pytest.fixture
async def buried(bench: Bench, database: Database) -> FileIngested:
    """A file whose proxies could not be made."""
    event = await added(database)
    await tell(database, event)
    await bench.deliver()
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "failed"
    return event


async def letter_id_of(http: httpx.AsyncClient) -> int:
    [letter] = (await listed(http)).letters
    return letter.id


async def test_a_letter_tells_what_went_wrong_with_what(http: httpx.AsyncClient, buried: FileIngested) -> None:
    found = await listed(http)
    [letter], [counted] = found.letters, found.counts
    assert (letter.consumer, letter.subject, letter.file_id, letter.path) == (
        "proxy",
        "file.ingested",
        buried.file_id,
        buried.path,
    )
    assert (letter.error, letter.error_type, letter.state) == ("It is damaged; copy it again.", "BadMedia", "dead")
    assert (counted.consumer, counted.error_type, counted.letters, counted.dead) == ("proxy", "BadMedia", 1, 1)
    told = await detail(http, letter.id)
    assert FileIngested.model_validate(told.body) == buried
    assert told.headers["ce-id"] == str(buried.id)
    assert told.resend.act == "rerun"
    [entry] = told.history
    assert entry["error"] == letter.error


async def test_a_letter_that_is_sent_again_is_applied_and_the_chain_goes_on(
    http: httpx.AsyncClient, database: Database, bench: Bench, buried: FileIngested
) -> None:
    letter_id = await letter_id_of(http)
    foreseen = await resend(http, letter_id, dry_run=True)
    assert (foreseen.applied, foreseen.letters[0].act) == (False, "rerun")
    assert (await stage_of(database, buried.file_id, Stage.PROXY)).state == "failed"

    bench.handler.mended = True
    done = await resend(http, letter_id)
    assert (await detail(http, letter_id)).state == "sent"
    await bench.deliver()
    assert bench.handler.seen[-1].id == done.letters[0].event_id
    assert bench.handler.seen[-1].model_copy(update={"run_id": None}) == buried
    assert (await stage_of(database, buried.file_id, Stage.PROXY)).state == "done"
    assert (await stage_of(database, buried.file_id, Stage.TRANSCRIBE)).state == "pending"

    told = await detail(http, letter_id)
    assert (told.state, told.resent_by, told.resent_as) == ("applied", "admin", done.letters[0].event_id)
    assert [sorted(entry)[0:2] for entry in told.history] == [["at", "deliveries"], ["at", "edited"]]
    assert "applied" in await refusal(await http.post(f"/api/dead-letters/{letter_id}/resend", json={}), 409)


async def test_a_letter_that_two_send_again_at_once_is_sent_once(
    http: httpx.AsyncClient, database: Database, buried: FileIngested
) -> None:
    letter_id = await letter_id_of(http)
    both = await asyncio.gather(*(resend(http, ids=[letter_id]) for _ in range(2)))
    assert sorted(one.letters[0].act for one in both) == [Act.NOTHING, Act.RERUN]
    assert await count(database, "outbox", "subject = 'file.ingested' AND run_id IS NOT NULL") == 1


async def test_a_letter_that_fails_again_keeps_its_history(
    http: httpx.AsyncClient, database: Database, bench: Bench, buried: FileIngested
) -> None:
    letter_id = await letter_id_of(http)
    await resend(http, letter_id)
    assert "waits" in await refusal(await http.post(f"/api/dead-letters/{letter_id}/resend", json={}), 409)
    await bench.deliver()
    told = await detail(http, letter_id)
    assert await count(database, "dead_letters") == 1
    assert [("error" in entry, "resent_by" in entry) for entry in told.history] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert (told.state, told.resend.act) == ("dead", "rerun")
    assert await count(database, "outbox", f"subject = '{ProxyFailed.subject}'") == 2
    bench.handler.mended = True
    await resend(http, letter_id)
    await bench.deliver()
    assert (await detail(http, letter_id)).state == "applied"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE files SET revision = 2", "at revision 2"),
        ("DELETE FROM files", "no longer in the library"),
        ("UPDATE file_stages SET state = 'done' WHERE stage = 'proxy'", "has been done since"),
        ("UPDATE file_stages SET state = 'pending' WHERE stage = 'proxy'", "waits for proxy already"),
    ],
)
async def test_what_is_overtaken_is_not_sent_again(
    http: httpx.AsyncClient, database: Database, buried: FileIngested, change: str, told: str
) -> None:
    letter_id = await letter_id_of(http)
    async with database.transaction() as connection:
        await connection.execute(change.encode())
    assert told in await refusal(await http.post(f"/api/dead-letters/{letter_id}/resend", json={}), 409)
    many = await resend(http, ids=[letter_id])
    assert many.acts[Act.NOTHING] == 1
    assert told in many.letters[0].sentence
    assert (await detail(http, letter_id)).resent_at is None


async def test_a_message_that_nobody_could_read_is_put_right(
    http: httpx.AsyncClient, database: Database, stream: JetStreamContext, bench: Bench
) -> None:
    event = await added(database)
    await stream.publish(event.address, b'{"file_id": 7}', stream=STREAM)
    await bench.deliver()
    letter_id = await letter_id_of(http)
    place = f"/api/dead-letters/{letter_id}"
    assert "Edit the letter" in await refusal(await http.post(f"{place}/resend", json={}), 409)

    right = event.model_dump(mode="json")
    for body, told in (
        ({**right, "size": "much"}, "size"),
        ({**right, "siez": 1}, "has no siez"),
        ({**right, "file_id": str(uuid4())}, "address"),
        ({**right, "path": "\u0000"}, "U+0000"),
    ):
        assert told in await refusal(await http.patch(place, json={"body": body}), 422)
    tried = LetterDetail.model_validate_json((await http.patch(place, json={"body": right, "dry_run": True})).content)
    assert (tried.edited, tried.resend.act) == (True, "rerun")
    assert not (await detail(http, letter_id)).edited
    edited = LetterDetail.model_validate_json((await http.patch(place, json={"body": right})).content)
    assert (edited.body, edited.edited_body, edited.edited) == ({"file_id": 7}, right, True)

    bench.handler.mended = True
    await resend(http, letter_id)
    await bench.deliver()
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "done"
    assert (await detail(http, letter_id)).state == "applied"
    undone = LetterDetail.model_validate_json((await http.patch(place, json={"body": None})).content)
    assert (undone.edited, undone.text) == (False, '{"file_id": 7}')


async def test_an_edit_does_not_make_a_letter_be_about_something_else(http: httpx.AsyncClient, buried: FileIngested) -> None:
    place = f"/api/dead-letters/{await letter_id_of(http)}"
    right = buried.model_dump(mode="json")
    for change in ({"revision": 2}, {"run_id": str(uuid4())}, {"kind": "audio"}):
        assert "must stay" in await refusal(await http.patch(place, json={"body": {**right, **change}}), 422)


async def test_letters_are_chosen_by_consumer_subject_time_and_state(
    http: httpx.AsyncClient, database: Database, bench: Bench, buried: FileIngested
) -> None:
    second = await added(database)
    await tell(database, second)
    await bench.deliver()
    assert len((await listed(http, subject="file.ingested", consumer="proxy", since="2026-01-01T00:00:00Z")).letters) == 2
    assert (await listed(http, consumer="transcribe")).letters == []
    assert (await listed(http, subject="proxy.ready")).letters == []
    assert (await listed(http, since="2999-01-01T00:00:00Z")).counts == []
    first = await listed(http, limit=1)
    assert first.counts[0].letters == 2
    rest = await listed(http, limit=1, cursor=first.next_cursor)
    assert [first.letters[0].file_id, rest.letters[0].file_id] == [second.file_id, buried.file_id]
    assert rest.next_cursor is None

    bench.handler.mended = True
    sent = await resend(http, consumer="proxy")
    assert (sent.acts[Act.RERUN], len(sent.letters)) == (2, 2)
    assert (await listed(http, state="dead")).letters == []
    await bench.deliver()
    assert len((await listed(http, state="applied")).letters) == 2


async def test_what_is_asked_wrongly_is_refused(http: httpx.AsyncClient) -> None:
    assert "no consumer" in await refusal(await http.get("/api/dead-letters", params={"consumer": "billing"}), 422)
    assert "no subject" in await refusal(await http.get("/api/dead-letters", params={"subject": "x"}), 422)
    for ask in ({}, {"ids": [1], "consumer": "proxy"}):
        assert "say which" in await refusal(await http.post("/api/dead-letters/resend", json=ask), 422)
    assert "no dead letter" in await refusal(await http.get("/api/dead-letters/7"), 404)
    assert "no dead letter" in await refusal(await http.post("/api/dead-letters/resend", json={"ids": [7]}), 404)


async def test_a_batch_that_was_given_up_goes_on_with_what_it_had_left(
    settings: PlatformSettings, platform: Platform, database: Database, http: httpx.AsyncClient, stream: JetStreamContext
) -> None:
    async with database.transaction() as connection:
        await file_at(connection, "/a/film.mp4")
    job_id = await requested(database, Stage.PROXY, filter={}, force=True)
    mended: list[Event] = []

    async def handle(event: BatchRequested) -> None:
        if mended:
            await dispatch.on_batch_requested(event, of_ingest)
            return
        job = await dispatch.begin(event, platform)
        async with dispatch.turn(event, platform) as effect:
            request = BatchRequest.model_validate(job.request)
            await turns_repository.list_items(effect.connection, job.id, Stage.PROXY, request)
        raise Invalid("The disk is full.")

    of_ingest = Platform("ingest", platform.settings, platform.database, platform.blobs, platform.relay)
    subscription = Subscription(topology.BATCH, {BatchRequested: handle}, on_buried=dispatch.on_buried)
    await publish_waiting(database, stream)
    async with working(settings, database, stream, subscription):
        await settled(stream, topology.BATCH.durable)
        assert (await job_of(database, job_id)).state == "failed"
        assert await results_of(database, job_id) == {"/a/film.mp4": ("failed", "The disk is full.")}
        letter_id = await letter_id_of(http)
        mended.append(BatchRequested(job_id=job_id))
        assert (await resend(http, letter_id)).letters[0].act == "send"
        await publish_waiting(database, stream)
        await settled(stream, topology.BATCH.durable)
    assert (await job_of(database, job_id)).state == "running"
    assert len(await asked_for(database, job_id)) == 1
    assert (await detail(http, letter_id)).state == "applied"


async def given_up_analysis(database: Database) -> UUID:
    """A film whose analysis was given up, as delivery leaves it."""
    async with database.transaction() as connection:
        film = await file_at(connection, "/a/film.mp4", duration=600.0)
        event = TranscriptSkipped(**about(film).model_dump(exclude={"run_id"}), reason="Nobody speaks.")
        await outbox.enqueue(connection, event, source="test")
        await stages.reopen(connection, Stage.ANALYSE, [film], uuid4())
        await connection.execute("UPDATE file_stages SET state = 'failed' WHERE stage = 'analyse'")
        letter = (
            "INSERT INTO dead_letters (consumer, event_id, address, headers, body, error, error_type, deliveries, history)"
            " VALUES ('nova-analyse', %s, %s, '{}', %s, 'No answer.', 'Refused', 1, '[]')"
        )
        await connection.execute(letter, (event.id, event.address, event.model_dump_json().encode()))
    assert (await stage_of(database, film, Stage.ANALYSE)).state == StageState.FAILED
    return film


async def test_a_letter_of_an_analysis_tells_its_price_and_is_held_to_the_budget(
    database: Database, paid: httpx.AsyncClient
) -> None:
    film = await given_up_analysis(database)
    letter_id = await letter_id_of(paid)
    [cost] = (await resend(paid, letter_id, dry_run=True)).costs
    assert (cost.files, cost.usd_high > 0) == (1, True)
    await budget(database, "day", 0.000001)
    foreseen = await resend(paid, letter_id, dry_run=True)
    assert foreseen.refused is not None
    assert foreseen.refused in await refusal(await paid.post(f"/api/dead-letters/{letter_id}/resend", json={}), 409)
    assert (await stage_of(database, film, Stage.ANALYSE)).state == "failed"
