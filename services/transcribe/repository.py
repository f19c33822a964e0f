"""SQL of the transcription service."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.transcribe.handiwork import Line, handiwork_of, take_over
from services.transcribe.merging import merged
from services.transcribe.transcript import SEGMENTS, Making, Segment, Transcript, Window, Word
from shared import stages
from shared.contracts import FileEvent, Stage
from shared.database import Connection
from shared.errors import Superseded
from shared.identifiers import derived_id, new_id

SOUND = """
    SELECT (SELECT key FROM renditions WHERE file_id = %(file_id)s AND revision = %(revision)s AND name = 'audio') AS audio,
           (SELECT state FROM file_stages WHERE file_id = %(file_id)s AND stage = 'proxy') AS proxy
"""

WINDOWS = """
    SELECT position, start_s, end_s, language, segments FROM transcript_windows
    WHERE transcript_id = %(transcript_id)s ORDER BY position
"""

# A worker that was taken for dead and comes back finds that its work is no longer waited for.
KEEP = f"""
    INSERT INTO transcript_windows (transcript_id, position, file_id, revision, start_s, end_s, language, segments)
    SELECT %(transcript_id)s, %(position)s, file_id, revision, %(start)s, %(end)s, %(language)s, %(segments)s
    FROM file_stages WHERE {stages.WANTED}
    ON CONFLICT (transcript_id, position) DO UPDATE
        SET start_s = excluded.start_s, end_s = excluded.end_s, language = excluded.language, segments = excluded.segments,
            heard_at = now()
"""  # noqa: S608 - the condition is ours

FORGET_WINDOWS = """
    DELETE FROM transcript_windows
    WHERE transcript_id = %(id)s OR (file_id = %(file_id)s AND revision < %(revision)s)
"""

SAVE = """
    INSERT INTO transcripts (id, file_id, revision, model, task, settings, language, duration)
    VALUES (%(id)s, %(file_id)s, %(revision)s, %(model)s, %(task)s, %(settings)s, %(language)s, %(duration)s)
    ON CONFLICT (id) DO UPDATE SET language = excluded.language, duration = excluded.duration, created_at = now()
"""

# Edits hold the file, too: none is lost between reading what is locked and writing it again.
HOLD = "SELECT FROM files WHERE id = %(file_id)s FOR NO KEY UPDATE"

FORGET_SEGMENTS = "DELETE FROM transcript_segments WHERE transcript_id = %(id)s"

SAVE_SEGMENTS = """
    INSERT INTO transcript_segments (transcript_id, position, id, start_s, end_s, text, words, speaker, doubts, avg_logprob,
                                     no_speech, compression_ratio, temperature, locked)
    SELECT %(id)s, place - 1, line.id, start, "end", text, words, speaker, doubts, avg_logprob,
           no_speech, compression_ratio, temperature, locked
    FROM ROWS FROM (jsonb_to_recordset(%(lines)s) AS (
        id uuid, start double precision, "end" double precision, text text, words jsonb, speaker text, doubts jsonb,
        avg_logprob double precision, no_speech double precision, compression_ratio double precision,
        temperature double precision, locked boolean
    )) WITH ORDINALITY AS line (id, start, "end", text, words, speaker, doubts, avg_logprob, no_speech, compression_ratio,
                                temperature, locked, place)
"""


@dataclass(frozen=True)
class Sound:
    """Where a file's 16 kHz audio is, if it has any, and how far its proxy is."""

    audio: str | None
    proxy: str | None


def transcript_id(event: FileEvent, making: Making) -> UUID:
    """The same for the same content, model and settings, so that doing it again writes the same row."""
    told = making.settings if making.task == "transcribe" else {**making.settings, "task": making.task}
    return derived_id("transcript", event.file_id, event.revision, making.model, sorted(told.items()))


async def sound_of(connection: Connection, event: FileEvent) -> Sound:
    """What there is to hear of a file's revision."""
    async with connection.cursor(row_factory=class_row(Sound)) as cursor:
        await cursor.execute(SOUND, {"file_id": event.file_id, "revision": event.revision})
        return await cursor.fetchone() or Sound(None, None)


async def windows_of(connection: Connection, identifier: UUID) -> list[Window]:
    """The windows of a transcript that are done, from the first one on."""
    cursor = await connection.execute(WINDOWS, {"transcript_id": identifier})
    return [
        Window(position, start, end, language, SEGMENTS.validate_python(segments))
        for position, start, end, language, segments in await cursor.fetchall()
    ]


async def keep_window(connection: Connection, event: FileEvent, identifier: UUID, window: Window) -> None:
    """Note a window that is done; raises Superseded if the transcript is no longer waited for."""
    values = {
        "transcript_id": identifier,
        "position": window.position,
        "start": window.start,
        "end": window.end,
        "language": window.language,
        "segments": Jsonb(SEGMENTS.dump_python(window.segments, mode="json")),
        "file_id": event.file_id,
        "revision": event.revision,
        "run_id": event.run_id,
        "stage": Stage.TRANSCRIBE,
    }
    cursor = await connection.execute(KEEP, values)
    if cursor.rowcount == 0:
        raise Superseded(event.file_id, event.revision)


async def save(connection: Connection, event: FileEvent, making: Making, transcript: Transcript) -> tuple[UUID, int]:
    """Write a transcript and its segments, with those that people wrote and without those that they deleted; its id, and how
    many segments it has.
    """
    identifier = transcript_id(event, making)
    values = {
        "id": identifier,
        "file_id": event.file_id,
        "revision": event.revision,
        "model": making.model,
        "task": making.task,
        "settings": Jsonb(making.settings),
        "language": transcript.language,
        "duration": transcript.duration,
    }
    await connection.execute(HOLD, values)
    handiwork = await handiwork_of(connection, values)
    lines = [_line(segment) for segment in merged(transcript.segments, handiwork.locked, handiwork.deleted)]
    await connection.execute(SAVE, values)
    await take_over(connection, handiwork, identifier)
    await connection.execute(FORGET_SEGMENTS, values)
    await connection.execute(SAVE_SEGMENTS, {"id": identifier, "lines": Jsonb([_row(line) for line in lines])})
    await connection.execute(FORGET_WINDOWS, values)
    return identifier, len(lines)


def _line(segment: Segment | Line) -> Line:
    if isinstance(segment, Line):
        return segment
    return Line(
        id=new_id(),
        start=segment.start,
        end=segment.end,
        text=segment.text,
        words=[_word(word) for word in segment.words],
        speaker=segment.speaker,
        doubts=[doubt._asdict() for doubt in segment.doubts],
        avg_logprob=segment.avg_logprob,
        no_speech=segment.no_speech,
        compression_ratio=segment.compression_ratio,
        temperature=segment.temperature,
        locked=False,
    )


def _row(line: Line) -> dict[str, Any]:
    return {**vars(line), "id": str(line.id)}


def _word(word: Word) -> dict[str, Any]:
    told = {"start": word.start, "end": word.end, "text": word.text.strip(), "probability": round(word.probability, 4)}
    return told if word.speaker is None else {**told, "speaker": word.speaker}
