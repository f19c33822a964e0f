"""Segments that somebody deleted in the gateway, and what becomes of them when the file is transcribed again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from nats.js import JetStreamContext

from services.transcribe.handlers import Resources, on_proxy_ready, on_transcript_requested
from shared import bus
from shared.blobs import Blobs
from shared.contracts import ProxyReady
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.serving import served
from tests.support.sounding import asked_again, proxied, rows

pytestmark = pytest.mark.connected

STUDIO = "the engineer is in the white studio."


@pytest.fixture
async def http(platform: Platform, settings: PlatformSettings, stream: JetStreamContext) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running gateway."""
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield client


@pytest.fixture
async def event(resources: Resources, database: Database, blobs: Blobs) -> ProxyReady:
    """A file with a transcript of two segments."""
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)
    return event


async def transcripts(http: httpx.AsyncClient, event: ProxyReady) -> list[dict[str, Any]]:
    """The file's transcripts with their segments, those that were made first before."""
    listed = (await http.get(f"/api/files/{event.file_id}/transcripts")).json()["transcripts"]
    found = [(await http.get(f"/api/transcripts/{one['id']}")).json() for one in listed]
    return sorted(found, key=lambda one: str(one["created_at"]))


async def texts(http: httpx.AsyncClient, event: ProxyReady) -> list[list[str]]:
    """What the file's transcripts say."""
    return [[segment["text"] for segment in one["segments"]] for one in await transcripts(http, event)]


async def delete(http: httpx.AsyncClient, transcript: dict[str, Any], position: int) -> str:
    """Delete a segment; the edit's id."""
    segment = transcript["segments"][position]
    path = f"/api/transcripts/{transcript['id']}/segments/{segment['id']}"
    answer = await http.delete(path, params={"version": segment["version"]})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["edit_id"])


async def history(http: httpx.AsyncClient, transcript: dict[str, Any]) -> list[dict[str, Any]]:
    edits: list[dict[str, Any]] = (await http.get(f"/api/transcripts/{transcript['id']}/edits")).json()["edits"]
    return edits


async def undo(http: httpx.AsyncClient, transcript: dict[str, Any], edit_id: str) -> str:
    """Take an edit back; the id of the edit that does."""
    answer = await http.post(f"/api/transcripts/{transcript['id']}/edits/{edit_id}/undo", json={})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["edit_id"])


async def test_a_deleted_segment_stays_deleted(
    resources: Resources, database: Database, event: ProxyReady, http: httpx.AsyncClient
) -> None:
    [transcript] = await transcripts(http, event)
    await delete(http, transcript, 1)
    for _ in range(2):
        await on_transcript_requested(await asked_again(database, event), resources)
        assert await texts(http, event) == [[STUDIO]]
    assert [edit["action"] for edit in await history(http, transcript)] == ["delete"]


async def test_a_new_transcript_lacks_it_as_well_and_can_have_it_back(
    resources: Resources, database: Database, event: ProxyReady, http: httpx.AsyncClient
) -> None:
    [first] = await transcripts(http, event)
    [_, deleted] = first["segments"]
    await delete(http, first, 1)
    for _ in range(2):
        await on_transcript_requested(await asked_again(database, event, beam_size=1), resources)
        assert await texts(http, event) == [[STUDIO], [STUDIO]]
    [first, second] = await transcripts(http, event)
    [there], [here] = await history(http, first), await history(http, second)
    assert [here[name] for name in ("action", "author", "edited_at")] == ["delete", "admin", there["edited_at"]]
    for transcript, edit in ((first, there), (second, here)):
        await undo(http, transcript, edit["id"])
    assert await texts(http, event) == [[STUDIO, deleted["text"]]] * 2
    await on_transcript_requested(await asked_again(database, event, beam_size=1), resources)
    assert await texts(http, event) == [[STUDIO, deleted["text"]]] * 2
    [again] = await rows(database, "SELECT count(*) FROM transcript_segments WHERE locked")
    assert again["count"] == 0


async def test_a_deletion_that_was_taken_back_holds_no_more_until_it_is_made_again(
    resources: Resources, database: Database, event: ProxyReady, http: httpx.AsyncClient
) -> None:
    [transcript] = await transcripts(http, event)
    both = [segment["text"] for segment in transcript["segments"]]
    restoring = await undo(http, transcript, await delete(http, transcript, 0))
    await undo(http, transcript, restoring)
    await on_transcript_requested(await asked_again(database, event), resources)
    assert await texts(http, event) == [both[1:]]
    await undo(http, transcript, (await history(http, transcript))[-1]["id"])
    await on_transcript_requested(await asked_again(database, event), resources)
    assert await texts(http, event) == [both]


async def test_what_was_written_anew_in_its_place_is_not_left_out(
    resources: Resources, database: Database, event: ProxyReady, http: httpx.AsyncClient
) -> None:
    [transcript] = await transcripts(http, event)
    [_, heard] = transcript["segments"]
    await delete(http, transcript, 1)
    new = {"start": heard["start"], "end": heard["end"], "text": "By hand."}
    answer = (await http.post(f"/api/transcripts/{transcript['id']}/segments", json=new)).json()
    await on_transcript_requested(await asked_again(database, event, beam_size=1), resources)
    assert await texts(http, event) == [[STUDIO, "By hand."], [STUDIO, "By hand."]]
    [segment] = answer["segments"]
    unlocked = {"locked": False, "version": segment["version"]}
    await http.patch(f"/api/transcripts/{transcript['id']}/segments/{segment['id']}", json=unlocked)
    await on_transcript_requested(await asked_again(database, event), resources)
    assert sorted(await texts(http, event)) == sorted([[STUDIO, heard["text"]], [STUDIO, "By hand."]])


async def test_taking_back_what_one_had_written_deletes_nothing(
    resources: Resources, database: Database, event: ProxyReady, http: httpx.AsyncClient
) -> None:
    [transcript] = await transcripts(http, event)
    [first, second] = transcript["segments"]
    new = {"start": first["start"], "end": first["start"] + 0.1, "text": "Hm."}
    answer = (await http.post(f"/api/transcripts/{transcript['id']}/segments", json=new)).json()
    await undo(http, transcript, answer["edit_id"])
    await on_transcript_requested(await asked_again(database, event), resources)
    assert await texts(http, event) == [[first["text"], second["text"]]]


async def test_a_translation_is_told_nothing_of_it(
    resources: Resources, database: Database, event: ProxyReady, http: httpx.AsyncClient
) -> None:
    [transcript] = await transcripts(http, event)
    await delete(http, transcript, 1)
    await on_transcript_requested(await asked_again(database, event, task="translate"), resources)
    assert [len(segments) for segments in await texts(http, event)] == [1, 2]
