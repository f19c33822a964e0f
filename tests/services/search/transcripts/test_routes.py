"""Routes of transcripts on the real database."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.search.schemas import FileDetail
from services.search.transcripts.schemas import TranscriptDetail, Transcripts
from shared.contracts import Kind, Stage
from shared.database import Database
from tests.support.footage import Footage, add_footage, add_searchable
from tests.support.imported import emitted
from tests.support.library import count, stage_of
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

OTHER = """
    INSERT INTO transcripts (id, file_id, revision, model, language, duration, source, name)
    VALUES (%(id)s, %(file_id)s, %(revision)s, %(model)s, 'de', 9, %(source)s, %(name)s)
"""
SEGMENT = """
    INSERT INTO transcript_segments (transcript_id, position, start_s, end_s, text, speaker, words, doubts, locked)
    VALUES (%s, 0, 1.5, 2.75, 'Die Pumpe läuft & läuft.', 'Ada', %s, %s, %s)
"""
WORDS = json.dumps([{"start": 1.5, "end": 2.0, "text": "Die", "probability": 0.9}])
DOUBTS = json.dumps([{"kind": "repetition", "reason": "It says the same four times."}])


async def add_other(
    database: Database,
    film: Footage,
    model: str = "large-v3",
    *,
    source: str = "speech",
    locked: bool = False,
    revision: int = 1,
) -> UUID:
    """Another transcript of one segment."""
    transcript_id = uuid4()
    values = {"id": transcript_id, "file_id": film.id, "revision": revision, "model": model, "source": source, "name": None}
    async with database.transaction() as connection:
        await connection.execute(OTHER, values)
        await connection.execute(SEGMENT, (transcript_id, WORDS, DOUBTS, locked))
    return transcript_id


async def listed(http: httpx.AsyncClient, film: Footage) -> Transcripts:
    response = await http.get(f"/api/files/{film.id}/transcripts")
    assert response.status_code == 200, response.text
    return Transcripts.model_validate_json(response.content)


async def edited_events(database: Database, film: Footage) -> list[dict[str, Any]]:
    return [body for subject, body in await emitted(database, film.id) if subject == "transcript.edited"]


@pytest.fixture
async def film(database: Database) -> Footage:
    return await add_searchable(database, "The pump goes in.", "It runs.", path='/films/Tür "1".mp4')


async def test_a_file_has_several_transcripts_the_best_first(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    old = await add_other(database, film, "large-v3", revision=7)
    better = await add_other(database, film)
    told = (await listed(http, film)).transcripts
    assert [(one.id, one.best, one.outdated) for one in told] == [
        (better, True, False),
        (film.id, False, False),
        (old, False, True),
    ]
    assert [(one.segment_count, one.doubtful_count, one.locked_count) for one in told[:2]] == [(1, 1, 0), (2, 0, 0)]
    detail = FileDetail.model_validate_json((await http.get(f"/api/files/{film.id}")).content)
    assert detail.transcript is not None
    assert (detail.transcript.id, detail.transcript.model) == (better, "large-v3")
    assert [segment.speaker for segment in detail.transcript.segments] == ["Ada"]


async def test_a_transcript_is_told_with_its_words_on_demand(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    transcript_id = await add_other(database, film, locked=True)
    response = await http.get(f"/api/transcripts/{transcript_id}")
    [segment] = TranscriptDetail.model_validate_json(response.content).segments
    assert (segment.start, segment.end, segment.text, segment.speaker) == (1.5, 2.75, "Die Pumpe läuft & läuft.", "Ada")
    assert (segment.locked, segment.doubts[0].kind, segment.words) == (True, "repetition", None)
    response = await http.get(f"/api/transcripts/{transcript_id}", params={"words": True})
    [segment] = TranscriptDetail.model_validate_json(response.content).segments
    assert segment.words is not None
    assert [(word.text, word.estimated) for word in segment.words] == [("Die", False)]


async def test_a_choice_overrules_the_rule_and_the_search_is_told(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    better = await add_other(database, film)
    url = f"/api/files/{film.id}/transcripts/chosen"
    told = Transcripts.model_validate_json((await http.put(url, json={"transcript_id": str(film.id)})).content)
    assert [(one.id, one.best, one.chosen) for one in told.transcripts] == [(film.id, True, True), (better, False, False)]
    assert (await stage_of(database, film.id, Stage.EMBED)).state == "pending"
    [event] = await edited_events(database, film)
    assert event["transcript_id"] == str(film.id)
    assert await count(database, "file_stages", f"stage = 'embed' AND run_id = '{event['run_id']}'") == 1
    await http.put(url, json={"transcript_id": str(film.id)})
    assert len(await edited_events(database, film)) == 1
    told = Transcripts.model_validate_json((await http.put(url, json={"transcript_id": None})).content)
    assert [(one.id, one.chosen) for one in told.transcripts] == [(better, False), (film.id, False)]
    assert [event["transcript_id"] for event in await edited_events(database, film)] == [str(film.id), str(better)]


async def test_only_a_transcript_of_the_files_present_content_can_be_chosen(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    other = await add_searchable(database, "Elsewhere.")
    old = await add_other(database, film, revision=7)
    url = f"/api/files/{film.id}/transcripts/chosen"
    await http.put(url, json={"transcript_id": str(film.id)})
    for transcript_id in (uuid4(), other.id, old):
        assert (await http.put(url, json={"transcript_id": str(transcript_id)})).status_code == 404
    assert (await listed(http, film)).transcripts[0].chosen


async def test_two_who_choose_at_once_choose_one_after_the_other(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    better = await add_other(database, film)

    async def waits() -> bool:
        return await count(database, "pg_stat_activity", "wait_event_type = 'Lock' AND query LIKE '%FROM files%'") > 0

    async with database.transaction() as connection:
        await connection.execute("SELECT FROM files WHERE id = %s FOR NO KEY UPDATE", (film.id,))
        choice = {"transcript_id": str(film.id)}
        asking = asyncio.create_task(http.put(f"/api/files/{film.id}/transcripts/chosen", json=choice))
        await until_so(waits)
        await connection.execute("UPDATE transcripts SET chosen = true WHERE id = %s", (better,))
    told = Transcripts.model_validate_json((await asking).content).transcripts
    assert [(one.id, one.chosen) for one in told] == [(film.id, True), (better, False)]


async def test_a_file_that_is_still_to_be_analysed_is_not_read_twice(database: Database, http: httpx.AsyncClient) -> None:
    async with database.transaction() as connection:
        film = await add_footage(connection, "The pump goes in.")
    await add_other(database, film)
    await http.put(f"/api/files/{film.id}/transcripts/chosen", json={"transcript_id": str(film.id)})
    assert await edited_events(database, film) == []
    assert await count(database, "file_stages", f"file_id = '{film.id}' AND run_id IS NOT NULL") == 0


async def test_only_what_can_be_handed_in_again_is_forgotten_without_force(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    imported = await add_other(database, film, "import", source="import")
    edited = await add_other(database, film, "import", source="import", locked=True)

    async def forget(transcript_id: UUID, **params: bool) -> httpx.Response:
        return await http.request("DELETE", f"/api/transcripts/{transcript_id}", json={}, params=params)

    assert (await forget(imported)).status_code == 204
    for transcript_id, words in ((edited, "edited 1 segment"), (film.id, "A model wrote")):
        response = await forget(transcript_id)
        assert response.status_code == 409
        assert words in response.json()["detail"]
    assert await edited_events(database, film) == []
    assert (await forget(edited, force=True)).status_code == 204
    assert [event["transcript_id"] for event in await edited_events(database, film)] == [str(film.id)]
    assert (await forget(film.id, force=True)).status_code == 204
    assert (await listed(http, film)).transcripts == []
    assert len(await edited_events(database, film)) == 2
    assert (await forget(film.id)).status_code == 404


@pytest.mark.parametrize(
    ("kind", "media_type", "name", "begin"),
    [
        ("srt", "application/x-subrip; charset=utf-8", ".de.srt", "1\n00:00:01,500 --> 00:00:02,750\nAda: Die Pumpe läuft & "),
        ("vtt", "text/vtt; charset=utf-8", ".de.vtt", "WEBVTT\n\n00:00:01.500 --> 00:00:02.750\n<v Ada>Die Pumpe läuft &amp; "),
        ("txt", "text/plain; charset=utf-8", ".de.txt", "Ada: Die Pumpe läuft & läuft.\n"),
        ("json", "application/json", ".de.json", '{"file":{"id"'),
        ("words", "application/json", ".de.words.json", '{"file": {"id"'),
    ],
)
async def test_exports(
    database: Database, http: httpx.AsyncClient, film: Footage, kind: str, media_type: str, name: str, begin: str
) -> None:
    transcript_id = await add_other(database, film)
    response = await http.get(f"/api/transcripts/{transcript_id}/export", params={"format": kind})
    assert response.status_code == 200
    assert response.content.decode().startswith(begin)
    assert response.headers["content-type"] == media_type
    disposition = response.headers["content-disposition"]
    assert disposition == f"attachment; filename=\"T_r _1_{name}\"; filename*=UTF-8''T%C3%BCr%20%221%22{name}"
    if kind != "words":
        best = await http.get(f"/api/files/{film.id}/transcript.{kind}")
        assert best.content == response.content


async def test_json_and_words_are_documents(database: Database, http: httpx.AsyncClient, film: Footage) -> None:
    transcript_id = await add_other(database, film)
    told = (await http.get(f"/api/transcripts/{transcript_id}/export", params={"format": "json"})).json()
    assert (told["file"]["path"], told["transcript"]["id"]) == (film.path, str(transcript_id))
    assert [segment["text"] for segment in told["transcript"]["segments"]] == ["Die Pumpe läuft & läuft."]
    told = (await http.get(f"/api/transcripts/{film.id}/export", params={"format": "words"})).json()
    assert [word["text"] for word in told["words"]] == ["The", "pump", "goes", "in.", "It", "runs."]
    assert all(word["estimated"] for word in told["words"])
    told = (await http.get(f"/api/transcripts/{transcript_id}/export", params={"format": "words"})).json()
    [word] = told["words"]
    assert {key: word[key] for key in ("start", "end", "text", "probability", "estimated", "speaker")} == {
        "start": 1.5,
        "end": 2.0,
        "text": "Die",
        "probability": 0.9,
        "estimated": False,
        "speaker": "Ada",
    }


async def test_a_byte_order_mark_and_times_only_if_asked_for(http: httpx.AsyncClient, film: Footage) -> None:
    url = f"/api/files/{film.id}/transcript.txt"
    assert (await http.get(url)).content == b"The pump goes in.\n\nIt runs.\n"
    response = await http.get(url, params={"bom": True, "timestamps": True})
    assert response.content == b"\xef\xbb\xbf[00:00:00] The pump goes in.\n\n[00:00:06] It runs.\n"


async def test_what_is_not_there_is_not_found(database: Database, http: httpx.AsyncClient) -> None:
    photo = await add_searchable(database, path="/photos/lake.jpg", kind=Kind.IMAGE)
    for path in (
        f"/api/files/{uuid4()}/transcripts",
        f"/api/files/{uuid4()}/transcript.srt",
        f"/api/files/{photo.id}/transcript.srt",
        f"/api/transcripts/{uuid4()}",
        f"/api/transcripts/{uuid4()}/export",
        f"/api/transcripts/{uuid4()}/edits",
    ):
        response = await http.get(path)
        assert response.status_code == 404
        assert response.json()["detail"].startswith("There is no")
    assert (await listed(http, photo)).transcripts == []
    assert (await http.get(f"/api/files/{photo.id}/transcript.docx")).status_code == 422
