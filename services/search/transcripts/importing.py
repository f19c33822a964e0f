"""POST /api/files/{id}/transcripts: a subtitle file becomes one of the file's transcripts."""

import asyncio
import hashlib
import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from services.search.moments.queries import UNPRINTABLE
from services.search.resources import Provided
from services.search.transcripts import repository
from services.search.transcripts.changes import Line
from services.search.transcripts.schemas import Content, SubtitleFormat, Written
from services.search.transcripts.telling import tell_search
from shared.contracts import Kind
from shared.errors import Invalid
from shared.identifiers import derived_id, new_id
from shared.subtitle_reading import Reading, read
from shared.transcription import UNKNOWN_LANGUAGE

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
"""A language as BCP 47 has it, as far as its shape goes."""
IN_NAME = re.compile(r"\.([a-z]{2}(?:-[A-Za-z0-9]{2,4})?)\.\w+$")
"""Where players look for the language in a file's name: film.de.srt."""
BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Content.model_json_schema()},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}

router = APIRouter(prefix="/api", tags=["transcripts"])


@router.post(
    "/files/{file_id}/transcripts", status_code=201, response_model=Written, openapi_extra=BODIES, summary="Import Transcript"
)
async def import_transcript(
    resources: Provided,
    file_id: UUID,
    request: Request,
    name: Annotated[str | None, Query(max_length=255, description="Name of the subtitle file, if its bytes are sent.")] = None,
    format_: Annotated[SubtitleFormat | None, Query(alias="format", description="Told by the content unless given.")] = None,
    language: Annotated[str | None, Query(max_length=20, description="Told by the name unless given.")] = None,
) -> JSONResponse:
    """Take in SRT, WebVTT, ASS or SSA: its bytes, or as text in JSON. The same content again is the same transcript."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        sent = content_of(body)
        body, name, format_, language = sent.content.encode("utf-8", "replace"), sent.name, sent.format, sent.language
    name = UNPRINTABLE.sub(" ", name).strip() if name else None
    given = language_of(language, name)
    async with resources.platform.database.connection() as connection:
        file = await repository.file_of(connection, file_id)
    if file.kind == Kind.IMAGE:
        raise Invalid("A photo has nobody speaking in it; transcripts belong to video and audio files.")
    reading = await asyncio.to_thread(read, body, format_=format_, duration=file.duration)
    async with resources.platform.effects.begin() as effect:
        file = await repository.file_of(effect.connection, file_id, hold=True)
        values = row_of(reading, file, name, given)
        told, created = await repository.save_import(effect.connection, values)
        if created:
            lines = [Line(id=new_id(), **vars(segment)) for segment in reading.segments]
            await repository.save_lines(effect.connection, values["id"], 0, lines)
        best = await tell_search(effect, file, new_id())
    return answered(reading, values["id"], told, created=created, best=best == values["id"])


def content_of(body: bytes) -> Content:
    """What a script sent as JSON; raises RequestValidationError."""
    try:
        return Content.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]) from error


def language_of(language: str | None, name: str | None) -> str | None:
    """The language that was given, or that the name tells; raises Invalid for what is none."""
    if language:
        if not LANGUAGE.fullmatch(language):
            raise Invalid(f"{language!r} is no language; give a code, as en, de or pt-BR.")
        return language
    told = IN_NAME.search(name or "")
    return told[1] if told else None


def row_of(reading: Reading, file: repository.TranscribedFile, name: str | None, language: str | None) -> dict[str, Any]:
    """The transcript's row; its id follows from what is said, whatever file it came in."""
    said = [(segment.start, segment.end, segment.speaker, segment.text) for segment in reading.segments]
    content = hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()
    return {
        "id": derived_id("transcript", file.id, file.revision, "import", content),
        "file_id": file.id,
        "revision": file.revision,
        "settings": {"format": reading.format, "encoding": reading.encoding},
        "given": language,
        "language": language or UNKNOWN_LANGUAGE,
        "duration": max(file.duration or 0.0, *(segment.end for segment in reading.segments)),
        "name": name,
    }


def answered(reading: Reading, transcript_id: UUID, language: str, *, created: bool, best: bool) -> JSONResponse:
    """The answer; the field names are those of `transcripts_schemas.Written`."""
    told = {
        "transcript_id": str(transcript_id),
        "created": created,
        "best": best,
        "segment_count": len(reading.segments),
        "format": reading.format,
        "encoding": reading.encoding,
        "language": language,
        "notes": list(reading.notes),
    }
    return JSONResponse(told, 201 if created else 200)
