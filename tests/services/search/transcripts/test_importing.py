"""Subtitle files handed in, on the real database."""

import asyncio
from typing import Any

import httpx
import pytest

from services.search.http.guard import LARGEST_FILE
from services.search.transcripts.schemas import TranscriptDetail, Written
from shared.contracts import Kind, Stage
from shared.database import Database
from tests.support.footage import Footage, add_searchable
from tests.support.imported import emitted
from tests.support.library import count, stage_of

pytestmark = pytest.mark.connected

SRT = "1\r\n00:00:00,500 --> 00:00:02,000\r\nDie Pumpe läuft.\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,250\r\n<i>Endlich!</i>\r\n"


@pytest.fixture
async def film(database: Database) -> Footage:
    return await add_searchable(database, "The pump is running.")


async def hand_in(http: httpx.AsyncClient, film: Footage, content: bytes, **params: str) -> httpx.Response:
    headers = {"content-type": "application/octet-stream"}
    return await http.post(f"/api/files/{film.id}/transcripts", content=content, params=params, headers=headers)


async def hand_in_text(http: httpx.AsyncClient, film: Footage, **body: Any) -> httpx.Response:
    return await http.post(f"/api/files/{film.id}/transcripts", json=body)


async def test_a_subtitle_file_becomes_the_best_transcript_and_is_searched(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    response = await hand_in(http, film, SRT.encode("cp1252"), name="pump.de.srt")
    assert response.status_code == 201, response.text
    told = Written.model_validate_json(response.content)
    assert (told.created, told.best, told.segment_count, told.format, told.language) == (True, True, 2, "srt", "de")
    assert told.encoding == "windows-1252"
    assert [note for note in told.notes if "windows-1252" in note] == told.notes
    detail = TranscriptDetail.model_validate_json((await http.get(f"/api/transcripts/{told.transcript_id}")).content)
    assert [(segment.start, segment.end, segment.text) for segment in detail.segments] == [
        (0.5, 2.0, "Die Pumpe läuft."),
        (2.0, 3.25, "Endlich!"),
    ]
    assert (detail.source, detail.model, detail.name, detail.best) == ("import", "import", "pump.de.srt", True)
    assert (detail.duration, detail.settings) == (4.0, {"format": "srt", "encoding": "windows-1252"})
    subject, event = (await emitted(database, film.id))[-1]
    assert (subject, event["transcript_id"]) == ("transcript.edited", str(told.transcript_id))
    assert (await stage_of(database, film.id, Stage.EMBED)).state == "pending"


async def test_the_same_content_is_the_same_transcript_however_it_comes(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    first = Written.model_validate_json((await hand_in(http, film, SRT.encode("utf-16"))).content)
    segment = TranscriptDetail.model_validate_json(
        (await http.get(f"/api/transcripts/{first.transcript_id}")).content
    ).segments[0]
    edit = {"version": segment.version, "text": "Die Pumpe steht."}
    await http.patch(f"/api/transcripts/{first.transcript_id}/segments/{segment.id}", json=edit)
    answers = await asyncio.gather(
        hand_in_text(http, film, content=SRT, language="de-AT"),
        hand_in(http, film, SRT.encode(), name="other.srt"),
        hand_in(http, film, ("\ufeff" + SRT).encode()),
    )
    assert {answer.status_code for answer in answers} == {200}
    told = [Written.model_validate_json(answer.content) for answer in answers]
    assert {(one.transcript_id, one.created) for one in told} == {(first.transcript_id, False)}
    assert (first.language, told[0].language) == ("und", "de-AT")
    assert await count(database, "transcripts", "source = 'import'") == 1
    assert await count(database, "transcript_segments", "text = 'Die Pumpe steht.' AND locked") == 1
    assert await count(database, "outbox", "subject = 'transcript.edited'") == 2


async def test_times_beyond_the_file_are_kept_and_told(http: httpx.AsyncClient, film: Footage) -> None:
    response = await hand_in_text(http, film, content="WEBVTT\n\n00:01.000 --> 01:02.000\n<v Ada>Far away\n", name="far.vtt")
    told = Written.model_validate_json(response.content)
    assert "beyond the end of the recording at 00:00:04" in told.notes[0]
    detail = TranscriptDetail.model_validate_json((await http.get(f"/api/transcripts/{told.transcript_id}")).content)
    assert (detail.duration, detail.segments[0].end, detail.segments[0].speaker) == (62.0, 62.0, "Ada")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"content": "Dear diary"}, "no subtitle file"),
        ({"content": " "}, "empty"),
        ({"content": SRT, "format": "vtt2"}, "format: "),
        ({"content": SRT, "language": "german, mostly"}, "is no language"),
        ({"content": SRT, "colour": "red"}, "colour: "),
        ({"name": "x.srt"}, "content: "),
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(
    database: Database, http: httpx.AsyncClient, film: Footage, body: dict[str, str], sentence: str
) -> None:
    response = await hand_in_text(http, film, **body)
    assert response.status_code == 422
    assert sentence in response.json()["detail"]
    assert await count(database, "transcripts") == 1


async def test_a_photo_has_no_transcripts(database: Database, http: httpx.AsyncClient) -> None:
    photo = await add_searchable(database, path="/photos/lake.jpg", kind=Kind.IMAGE)
    response = await hand_in_text(http, photo, content=SRT)
    assert (response.status_code, "photo" in response.json()["detail"]) == (422, True)


async def test_other_types_and_too_many_bytes_are_refused(http: httpx.AsyncClient, film: Footage) -> None:
    url = f"/api/files/{film.id}/transcripts"
    assert (await http.post(url, content=SRT.encode(), headers={"content-type": "text/plain"})).status_code == 415
    response = await hand_in(http, film, b"x" * (LARGEST_FILE + 1))
    assert (response.status_code, str(LARGEST_FILE) in response.json()["detail"]) == (413, True)
    elsewhere = await http.post(
        "/api/files/import-directory", content=b"{}", headers={"content-type": "application/octet-stream"}
    )
    assert elsewhere.status_code == 415


async def test_what_goes_out_comes_in_again(http: httpx.AsyncClient, film: Footage) -> None:
    told = Written.model_validate_json((await hand_in(http, film, SRT.encode())).content)
    for kind in ("srt", "vtt"):
        exported = (await http.get(f"/api/transcripts/{told.transcript_id}/export", params={"format": kind})).content
        again = Written.model_validate_json((await hand_in(http, film, exported)).content)
        assert (again.transcript_id, again.created) == (told.transcript_id, False)
