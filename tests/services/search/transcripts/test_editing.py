"""Edits of a transcript on the real database."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.nova.embedding.handlers import on_moments_wanted
from services.search.transcripts.schemas import Edited, History, Renamed, TranscriptDetail, TranscriptSegment
from shared.contracts import Stage, TranscriptEdited
from shared.database import Database
from shared.service import Platform
from tests.support.embedding import embedders_of, embedding_of
from tests.support.footage import Footage, add_searchable
from tests.support.imported import emitted
from tests.support.library import count, stage_of

pytestmark = pytest.mark.connected

WORDS = """
    UPDATE transcript_segments SET words = %s, doubts = '[{"kind": "silence", "reason": "Nobody seems to speak."}]'
    WHERE transcript_id = %s AND position = 0
"""
HEARD = [
    {"start": 0.0, "end": 1.0, "text": "The", "probability": 0.9},
    {"start": 1.0, "end": 2.0, "text": "pond", "probability": 0.4},
    {"start": 2.0, "end": 3.0, "text": "goes", "probability": 0.9},
    {"start": 3.0, "end": 4.0, "text": "in.", "probability": 0.9},
]


@pytest.fixture
async def film(database: Database) -> Footage:
    """Three segments of four seconds that begin at 0, 6 and 12; the first has words and a doubt."""
    film = await add_searchable(database, "The pond goes in.", "It runs.", "Look.")
    async with database.transaction() as connection:
        await connection.execute(WORDS, (json.dumps(HEARD), film.id))
    return film


async def segments_of(http: httpx.AsyncClient, film: Footage) -> list[TranscriptSegment]:
    response = await http.get(f"/api/transcripts/{film.id}", params={"words": True})
    return TranscriptDetail.model_validate_json(response.content).segments


async def texts(http: httpx.AsyncClient, film: Footage) -> list[str]:
    return [segment.text for segment in await segments_of(http, film)]


async def ask(http: httpx.AsyncClient, method: str, film: Footage, path: str, status: int = 200, /, **body: Any) -> Any:
    params = {"version": body.pop("version")} if method == "DELETE" else {}
    response = await http.request(method, f"/api/transcripts/{film.id}/{path}", json=body, params=params)
    assert response.status_code == status, response.text
    return response.json()


async def rename(http: httpx.AsyncClient, film: Footage, former: str | None, name: str | None) -> Renamed:
    body: dict[str, Any] = {"from": former, "to": name}
    return Renamed.model_validate(await ask(http, "POST", film, "speakers", **body))


async def change(http: httpx.AsyncClient, film: Footage, at: int, **body: Any) -> Edited:
    segment = (await segments_of(http, film))[at]
    body = {"version": segment.version, **body}
    return Edited.model_validate(await ask(http, "PATCH", film, f"segments/{segment.id}", **body))


async def history(http: httpx.AsyncClient, film: Footage, **params: Any) -> History:
    response = await http.get(f"/api/transcripts/{film.id}/edits", params=params)
    assert response.status_code == 200, response.text
    return History.model_validate_json(response.content)


async def test_a_correction_is_locked_noted_and_told_to_the_search(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    edited = await change(http, film, 0, text="The pump goes in.", author="Ada")
    [segment] = edited.segments
    assert (segment.text, segment.locked, segment.doubts, edited.best) == ("The pump goes in.", True, [], True)
    assert segment.words is not None
    assert [word.estimated for word in segment.words] == [False, True, False, False]
    assert (await segments_of(http, film))[0] == segment
    [entry] = (await history(http, film)).edits
    assert (entry.id, entry.action, entry.author, entry.segment_id) == (edited.edit_id, "change", "admin", segment.id)
    assert isinstance(entry.before, list)
    assert isinstance(entry.after, list)
    assert [state["text"] for state in (entry.before[0], entry.after[0]) if isinstance(state, dict)] == [
        "The pond goes in.",
        "The pump goes in.",
    ]
    assert (await stage_of(database, film.id, Stage.EMBED)).state == "pending"
    assert await count(database, "file_stages", f"stage = 'embed' AND run_id = '{edited.edit_id}'") == 1
    subject, event = (await emitted(database, film.id))[-1]
    assert (subject, event["run_id"], event["transcript_id"]) == ("transcript.edited", str(edited.edit_id), str(film.id))


async def test_the_new_words_are_found_and_the_old_ones_are_not(
    platform: Platform, database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    async def found(words: str) -> list[str]:
        answer = (await http.get("/api/search", params={"q": words, "semantic": False})).json()
        return [moment["snippet"] for moment in answer["moments"] if moment["field"] == "transcript"]

    assert await found("pond") == ["The <mark>pond</mark> goes in."]
    await change(http, film, 0, text="The zeolite goes in.")
    [body] = [body for subject, body in await emitted(database, film.id) if subject == "transcript.edited"]
    embedding = embedding_of(platform, embedders_of(database, embedder="local"))
    await on_moments_wanted(TranscriptEdited.model_validate(body), embedding)
    assert await found("zeolite") == ["The <mark>zeolite</mark> goes in."]
    assert await found("pond") == []
    assert (await stage_of(database, film.id, Stage.EMBED)).state == "done"


async def test_nobody_overwrites_what_they_have_not_seen(http: httpx.AsyncClient, film: Footage) -> None:
    seen = (await segments_of(http, film))[0]
    answers = await asyncio.gather(
        *(
            http.patch(f"/api/transcripts/{film.id}/segments/{seen.id}", json={"version": seen.version, "text": text})
            for text in ("The pump goes in.", "A pond goes in.")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [winner] = [answer.json()["segments"][0]["text"] for answer in answers if answer.status_code == 200]
    [refusal] = [answer.json()["detail"] for answer in answers if answer.status_code == 409]
    assert f"“{winner}”" in refusal
    assert (await texts(http, film))[0] == winner
    for method, path, body in (
        ("DELETE", "", {}),
        ("POST", "/split", {"word": 2}),
        ("POST", "/merge", {"next_id": str(seen.id), "next_version": seen.version}),
    ):
        await ask(http, method, film, f"segments/{seen.id}{path}", 409, version=seen.version, **body)
    assert len((await history(http, film)).edits) == 1


async def test_what_is_so_already_is_no_edit(database: Database, http: httpx.AsyncClient, film: Footage) -> None:
    edited = await change(http, film, 0, text="The pond goes in.")
    assert (edited.edit_id, edited.segments) == (None, [])
    assert (await history(http, film)).edits == []
    assert await count(database, "outbox", "subject = 'transcript.edited'") == 0


async def test_a_segment_is_confirmed_and_let_go_without_a_new_search(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    assert (await change(http, film, 0, locked=True)).segments[0].doubts == []
    assert not (await change(http, film, 0, locked=False)).segments[0].locked
    assert [entry.action for entry in (await history(http, film)).edits] == ["unlock", "lock"]
    assert await count(database, "outbox", "subject = 'transcript.edited'") == 0


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"start": 7.0, "end": 9.0}, "starts at 00:00:06.000; this one must not start later"),
        ({"end": 99.0}, "The recording ends at 00:00:16.000"),
        ({"end": None}, "Leave out end"),
        ({"text": None, "end": None}, "Leave out text and end"),
        ({"text": " "}, "text: "),
        ({"text": "x" * 2001}, "text: "),
        ({"text": "a\x00b"}, "text: "),
        ({"start": -1.0}, "start: "),
        ({"colour": "red"}, "colour: "),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    http: httpx.AsyncClient, film: Footage, body: dict[str, Any], sentence: str
) -> None:
    segment = (await segments_of(http, film))[0]
    problem = await ask(http, "PATCH", film, f"segments/{segment.id}", 422, version=segment.version, **body)
    assert sentence in problem["detail"]
    assert (await segments_of(http, film))[0] == segment


async def test_a_missing_segment_is_put_where_its_time_is(http: httpx.AsyncClient, film: Footage) -> None:
    for start, text in ((6.0, "third"), (0.0, "second"), (6.0, "fourth"), (15.0, "last")):
        body = {"start": start, "end": start + 1, "text": text, "speaker": "Ada"}
        edited = Edited.model_validate(await ask(http, "POST", film, "segments", **body))
        assert (edited.segments[0].text, edited.segments[0].locked) == (text, True)
    expected = ["The pond goes in.", "second", "It runs.", "third", "fourth", "Look.", "last"]
    assert await texts(http, film) == expected
    problem = await ask(http, "POST", film, "segments", 422, start=15.0, end=17.0, text="too late")
    assert "The recording ends" in problem["detail"]


async def test_a_segment_is_deleted_and_brought_back(http: httpx.AsyncClient, film: Footage) -> None:
    before = await segments_of(http, film)
    told = await ask(http, "DELETE", film, f"segments/{before[1].id}", version=before[1].version)
    deleted = Edited.model_validate(told)
    assert deleted.removed == [before[1].id]
    assert await texts(http, film) == ["The pond goes in.", "Look."]
    undone = Edited.model_validate(await ask(http, "POST", film, f"edits/{deleted.edit_id}/undo"))
    assert undone.segments == [before[1]]
    assert await segments_of(http, film) == before
    assert [entry.action for entry in (await history(http, film)).edits] == ["undo", "delete"]


async def test_a_split_is_joined_again(http: httpx.AsyncClient, film: Footage) -> None:
    before = await segments_of(http, film)
    told = await ask(http, "POST", film, f"segments/{before[0].id}/split", version=before[0].version, word=2)
    first, second = Edited.model_validate(told).segments
    assert await texts(http, film) == ["The pond", "goes in.", "It runs.", "Look."]
    assert (first.start, first.end, second.start, second.end) == (0.0, 2.0, 2.0, 4.0)
    follower = {"next_id": str(second.id), "next_version": second.version}
    told = await ask(http, "POST", film, f"segments/{first.id}/merge", version=first.version, **follower)
    merged = Edited.model_validate(told)
    assert merged.removed == [second.id]
    assert await texts(http, film) == [segment.text for segment in before]
    assert merged.segments[0].words == before[0].words


async def test_only_neighbours_are_merged(http: httpx.AsyncClient, film: Footage) -> None:
    first, _, third = await segments_of(http, film)
    follower = {"next_id": str(third.id), "next_version": third.version}
    problem = await ask(http, "POST", film, f"segments/{first.id}/merge", 409, version=first.version, **follower)
    assert "do not follow each other" in problem["detail"]


async def test_edits_are_undone_in_turn_and_an_undo_is_undone(http: httpx.AsyncClient, film: Footage) -> None:
    before = await segments_of(http, film)
    first = await change(http, film, 0, text="The pump goes in.")
    second = await change(http, film, 0, speaker="Ada", end=5.0)
    problem = await ask(http, "POST", film, f"edits/{first.edit_id}/undo", 409)
    assert "take the later edit back first" in problem["detail"]
    await ask(http, "POST", film, f"edits/{second.edit_id}/undo")
    undone = Edited.model_validate(await ask(http, "POST", film, f"edits/{first.edit_id}/undo", author="Ben"))
    assert await segments_of(http, film) == before
    assert (await history(http, film)).edits[0].author == "admin"
    await ask(http, "POST", film, f"edits/{undone.edit_id}/undo")
    assert (await segments_of(http, film))[0] == first.segments[0]
    assert len((await history(http, film)).edits) == 5
    await ask(http, "POST", film, f"edits/{uuid4()}/undo", 404)


async def test_a_split_with_something_put_between_is_undone_around_it(http: httpx.AsyncClient, film: Footage) -> None:
    before = await segments_of(http, film)
    told = await ask(http, "POST", film, f"segments/{before[0].id}/split", version=before[0].version, word=2)
    await ask(http, "POST", film, "segments", start=1.5, end=2.0, text="Hm.")
    await ask(http, "POST", film, f"edits/{told['edit_id']}/undo")
    assert await texts(http, film) == ["The pond goes in.", "Hm.", "It runs.", "Look."]


async def test_a_speaker_is_renamed_everywhere_and_back_where_nobody_said_otherwise(
    http: httpx.AsyncClient, film: Footage
) -> None:
    named = await rename(http, film, None, "Speaker 1")
    assert (named.segment_count, named.best) == (3, True)
    renamed = await rename(http, film, "Speaker 1", "Ada")
    assert renamed.segment_count == 3
    await change(http, film, 0, speaker="Ben")
    await change(http, film, 1, text="It runs now.")
    await ask(http, "POST", film, f"edits/{renamed.edit_id}/undo")
    assert [segment.speaker for segment in await segments_of(http, film)] == ["Ben", "Speaker 1", "Speaker 1"]
    await ask(http, "POST", film, f"edits/{named.edit_id}/undo")
    told = await segments_of(http, film)
    assert [(segment.speaker, segment.locked) for segment in told] == [("Ben", True), (None, True), (None, False)]
    await ask(http, "POST", film, f"edits/{named.edit_id}/undo", 409)
    nobody = await rename(http, film, "Zoe", "Ada")
    assert (nobody.edit_id, nobody.segment_count) == (None, 0)


async def test_the_history_has_pages(http: httpx.AsyncClient, film: Footage) -> None:
    edits = [(await change(http, film, 0, text=f"Take {number}.")).edit_id for number in range(5)]
    found: list[UUID] = []
    page = await history(http, film, limit=2)
    found += [entry.id for entry in page.edits]
    while page.next_cursor:
        page = await history(http, film, limit=2, cursor=page.next_cursor)
        found += [entry.id for entry in page.edits]
    assert found == edits[::-1]


async def test_another_transcript_that_is_edited_becomes_the_best_and_an_outdated_one_is_not_edited(
    database: Database, http: httpx.AsyncClient, film: Footage
) -> None:
    async with database.transaction() as connection:
        await connection.execute("UPDATE files SET revision = 2 WHERE id = %s", (film.id,))
    segment = (await segments_of(http, film))[0]
    problem = await ask(http, "PATCH", film, f"segments/{segment.id}", 409, version=segment.version, text="No.")
    assert "content has changed" in problem["detail"]
    async with database.transaction() as connection:
        await connection.execute("UPDATE files SET revision = 1 WHERE id = %s", (film.id,))
        better = (
            "INSERT INTO transcripts (id, file_id, revision, model, language, duration) VALUES (%s, %s, 1, 'large', 'en', 9)"
        )
        await connection.execute(better, (uuid4(), film.id))
    assert not (await change(http, film, 0, text="The pond goes in.")).best
    assert (await change(http, film, 0, text="The pump goes in.")).best
    assert await count(database, "outbox", f"subject = 'transcript.edited' AND body->>'transcript_id' = '{film.id}'") == 1


async def test_many_edits_leave_the_segments_in_order(http: httpx.AsyncClient, film: Footage) -> None:
    for number in range(12):
        segments = await segments_of(http, film)
        longest = max(segments, key=lambda segment: segment.end - segment.start)
        if number % 3 == 2:
            first, second = segments[0], segments[1]
            follower = {"next_id": str(second.id), "next_version": second.version}
            await ask(http, "POST", film, f"segments/{first.id}/merge", version=first.version, **follower)
        elif len(longest.text.split()) > 1:
            await ask(http, "POST", film, f"segments/{longest.id}/split", version=longest.version, word=1)
        else:
            await ask(http, "POST", film, "segments", start=longest.start, end=longest.end, text="One more.")
        starts = [segment.start for segment in await segments_of(http, film)]
        assert starts == sorted(starts)
    while entries := [entry for entry in (await history(http, film)).edits if entry.action != "undo"]:
        undone = len((await history(http, film)).edits) - len(entries)
        if undone == len(entries):
            break
        await ask(http, "POST", film, f"edits/{entries[undone].id}/undo")
    assert await texts(http, film) == ["The pond goes in.", "It runs.", "Look."]
