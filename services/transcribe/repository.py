"""SQL of the transcription service."""

from uuid import UUID

from psycopg.types.json import Jsonb

from services.transcribe.transcript import Segment, Transcript
from shared.contracts import FileEvent
from shared.database import Connection
from shared.errors import Superseded
from shared.identifiers import derived_id

PENDING = """
    SELECT FROM file_stages
    WHERE file_id = %(file_id)s AND revision = %(revision)s AND stage = 'transcribe' AND state = 'pending'
"""

SAVE = """
    INSERT INTO transcripts (id, file_id, revision, model, settings, language, duration)
    VALUES (%(id)s, %(file_id)s, %(revision)s, %(model)s, %(settings)s, %(language)s, %(duration)s)
    ON CONFLICT (id) DO UPDATE SET language = excluded.language, duration = excluded.duration, created_at = now()
"""

FORGET_SEGMENTS = "DELETE FROM transcript_segments WHERE transcript_id = %(id)s"

SAVE_SEGMENTS = """
    INSERT INTO transcript_segments (transcript_id, position, start_s, end_s, text, words, avg_logprob, no_speech)
    SELECT %(id)s, spoken.position - 1, spoken.start_s, spoken.end_s, spoken.text, spoken.words, spoken.avg_logprob,
           spoken.no_speech
    FROM unnest(
        %(starts)s::double precision[], %(ends)s::double precision[], %(texts)s::text[], %(words)s::jsonb[],
        %(avg_logprobs)s::double precision[], %(no_speeches)s::double precision[]
    ) WITH ORDINALITY AS spoken (start_s, end_s, text, words, avg_logprob, no_speech, position)
"""


async def require_pending(connection: Connection, file_id: UUID, revision: int) -> None:
    """Raise Superseded if the file's revision is old or its transcription settled."""
    cursor = await connection.execute(PENDING, {"file_id": file_id, "revision": revision})
    if cursor.rowcount == 0:
        raise Superseded(file_id, revision)


def transcript_id(event: FileEvent, model: str, settings: dict[str, object]) -> UUID:
    """The same for the same content, model and settings, so that doing it again writes the same row."""
    return derived_id("transcript", event.file_id, event.revision, model, sorted(settings.items()))


async def save(
    connection: Connection, event: FileEvent, transcript: Transcript, model: str, settings: dict[str, object]
) -> UUID:
    """Write a transcript and all its segments; its id."""
    identifier = transcript_id(event, model, settings)
    values = {
        "id": identifier,
        "file_id": event.file_id,
        "revision": event.revision,
        "model": model,
        "settings": Jsonb(settings),
        "language": transcript.language,
        "duration": transcript.duration,
    }
    await connection.execute(SAVE, values)
    await connection.execute(FORGET_SEGMENTS, values)
    await connection.execute(SAVE_SEGMENTS, {"id": identifier, **_columns(transcript.segments)})
    return identifier


def _columns(segments: tuple[Segment, ...]) -> dict[str, object]:
    return {
        "starts": [segment.start for segment in segments],
        "ends": [segment.end for segment in segments],
        "texts": [segment.text for segment in segments],
        "words": [Jsonb([_word(*word) for word in segment.words]) for segment in segments],
        "avg_logprobs": [segment.avg_logprob for segment in segments],
        "no_speeches": [segment.no_speech for segment in segments],
    }


def _word(start: float, end: float, text: str, probability: float) -> dict[str, object]:
    return {"start": round(start, 3), "end": round(end, 3), "text": text.strip(), "probability": round(probability, 4)}
