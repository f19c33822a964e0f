"""Transcripts that somebody asks for, and what people wrote in those that are there."""

import pytest

from services.transcribe.handlers import Resources, on_proxy_ready, on_transcript_requested
from shared import stages
from shared.blobs import Blobs
from shared.contracts import Stage
from shared.database import Database
from shared.errors import Invalid, Superseded
from tests.support.imported import emitted
from tests.support.library import count, stage_of
from tests.support.sounding import SEGMENTS, asked_again, proxied, requested, rows

pytestmark = pytest.mark.connected


async def test_a_request_with_options_makes_a_transcript_beside_the_first(
    resources: Resources, database: Database, blobs: Blobs
) -> None:
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)
    again = await asked_again(database, event, beam_size=1, task="translate", hotwords="river")
    await on_transcript_requested(again, resources)
    one, other = await rows(database, "SELECT * FROM transcripts ORDER BY created_at")
    assert (one["task"], other["task"]) == ("transcribe", "translate")
    assert (other["settings"]["beam_size"], other["settings"]["hotwords"]) == (1, "river")
    assert await count(database, "transcript_segments") == 4
    subject, body = (await emitted(database, event.file_id))[-1]
    assert (subject, body["run_id"], body["segments"]) == ("transcript.ready", str(again.run_id), 2)


async def test_an_option_that_is_none_is_refused(resources: Resources, database: Database, blobs: Blobs) -> None:
    with pytest.raises(Invalid, match='There is no transcription option "speed"'):
        await on_transcript_requested(await requested(database, blobs, speed=2), resources)


@pytest.mark.parametrize(
    ("proxy", "reason"),
    [
        ("done", "The video has no audio track that can be read."),
        ("pending", "The file's proxy is still being made; transcribe the file when that is done."),
        ("failed", "No audio could be read from the file, since no proxy could be made."),
    ],
)
async def test_a_request_without_sound_is_skipped_and_says_why(
    resources: Resources, database: Database, blobs: Blobs, proxy: str, reason: str
) -> None:
    event = await requested(database, blobs)
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM renditions")
        await connection.execute("UPDATE file_stages SET state = %s WHERE stage = 'proxy'", (proxy,))
    await on_transcript_requested(event, resources)
    stage = await stage_of(database, event.file_id, Stage.TRANSCRIBE)
    assert (stage.state, stage.reason) == ("skipped", reason)
    [(subject, body)] = await emitted(database, event.file_id)
    assert (subject, body["reason"], body["run_id"]) == ("transcript.skipped", reason, str(event.run_id))


async def test_sound_of_an_older_revision_is_not_heard(resources: Resources, database: Database, blobs: Blobs) -> None:
    event = await requested(database, blobs)
    async with database.transaction() as connection:
        await connection.execute("UPDATE renditions SET revision = 7")
    await on_transcript_requested(event, resources)
    assert (await stage_of(database, event.file_id, Stage.TRANSCRIBE)).state == "skipped"


async def test_what_is_called_off_changes_nothing(resources: Resources, database: Database, blobs: Blobs) -> None:
    event = await requested(database, blobs)
    async with database.transaction() as connection:
        await stages.restore(connection, Stage.TRANSCRIBE, event.run_id)
    with pytest.raises(Superseded):
        await on_transcript_requested(event, resources)
    assert await count(database, "transcripts") == 0


LOCK = "UPDATE transcript_segments SET text = 'by hand', speaker = 'Anna', locked = true WHERE position = 1"


async def test_an_edited_segment_survives_doing_it_again(resources: Resources, database: Database, blobs: Blobs) -> None:
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)
    async with database.transaction() as connection:
        await connection.execute(LOCK)
        await connection.execute("UPDATE transcript_segments SET text = 'stale' WHERE position = 0")
    before = await rows(database, SEGMENTS)
    await on_transcript_requested(await asked_again(database, event), resources)
    after = await rows(database, SEGMENTS)
    assert [row["text"] for row in after] == ["the engineer is in the white studio.", "by hand"]
    assert after[1] == before[1]
    assert await count(database, "transcripts") == 1


async def test_an_edited_segment_is_taken_over_by_a_new_transcript(
    resources: Resources, database: Database, blobs: Blobs
) -> None:
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)
    async with database.transaction() as connection:
        await connection.execute(LOCK)
    await on_transcript_requested(await asked_again(database, event, beam_size=1), resources)
    texts = await rows(database, "SELECT text, speaker, locked FROM transcript_segments ORDER BY text, transcript_id")
    assert [row["text"] for row in texts] == ["by hand"] * 2 + ["the engineer is in the white studio."] * 2
    assert [(row["speaker"], row["locked"]) for row in texts[:2]] == [("Anna", True)] * 2
    assert await count(database, "(SELECT DISTINCT id FROM transcript_segments) AS ids") == 4
    await on_transcript_requested(await asked_again(database, event, task="translate"), resources)
    assert await count(database, "transcript_segments", "text = 'by hand'") == 2


async def test_the_edits_are_those_of_the_best_transcript(resources: Resources, database: Database, blobs: Blobs) -> None:
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)
    async with database.transaction() as connection:
        await connection.execute(LOCK)
        await connection.execute("UPDATE transcripts SET chosen = true")
    await on_transcript_requested(await asked_again(database, event, beam_size=1), resources)
    async with database.transaction() as connection:
        await connection.execute(
            """
            UPDATE transcript_segments SET text = 'the worse' WHERE locked AND transcript_id = (
                SELECT id FROM transcripts WHERE NOT chosen)
            """
        )
    await on_transcript_requested(await asked_again(database, event, beam_size=2), resources)
    assert await count(database, "transcript_segments", "text = 'by hand'") == 2
    assert await count(database, "transcript_segments", "text = 'the worse'") == 1
    await on_transcript_requested(await asked_again(database, event, beam_size=1), resources)
    assert await count(database, "transcript_segments", "text = 'the worse'") == 1, "a transcript keeps its own edits"
