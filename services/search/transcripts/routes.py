"""Routes of transcripts: a file's several, the one that stands for it, what is handed in, and what goes out."""

import asyncio
from pathlib import PureWindowsPath
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from services.search.openapi import documented
from services.search.resources import Provided, Resources
from services.search.transcripts import repository
from services.search.transcripts.exports import written
from services.search.transcripts.schemas import Choice, TranscriptDetail, Transcripts
from services.search.transcripts.telling import tell_search
from shared.errors import Conflict
from shared.identifiers import new_id
from shared.subtitles import MEDIA_TYPES, Format, attachment

router = APIRouter(prefix="/api", tags=["transcripts"])

Bom = Annotated[bool, Query(description="Begin with a byte order mark, which some programs of Windows need.")]
Timestamps = Annotated[bool, Query(description="In txt, begin each paragraph with its time.")]


@router.get("/files/{file_id}/transcripts", response_model=Transcripts)
async def list_transcripts(resources: Provided, file_id: UUID) -> Response:
    """A file's transcripts, the best first."""
    async with resources.platform.database.connection() as connection:
        told = await repository.list_of(connection, file_id)
    return Response(f'{{"transcripts":{told}}}', media_type="application/json")


@router.get("/transcripts/{transcript_id}", response_model=TranscriptDetail)
async def get_transcript(
    resources: Provided,
    transcript_id: UUID,
    words: Annotated[bool, Query(description="Whether to tell the words of each segment too.")] = False,
) -> Response:
    """A transcript with all its segments."""
    async with resources.platform.database.connection() as connection:
        row = await repository.detail_of(connection, transcript_id, words=words)
    return Response(row["detail"], media_type="application/json")


@router.put("/files/{file_id}/transcripts/chosen", response_model=Transcripts)
async def choose_transcript(resources: Provided, file_id: UUID, request: Choice) -> Response:
    """Let a transcript stand for the file, or leave it to the rule; answers with all of them."""
    async with resources.platform.effects.begin() as effect:
        file = await repository.file_of(effect.connection, file_id, hold=True)
        await repository.choose(effect.connection, file, request.transcript_id)
        await tell_search(effect, file, new_id())
        told = await repository.list_of(effect.connection, file_id)
    return Response(f'{{"transcripts":{told}}}', media_type="application/json")


@router.delete("/transcripts/{transcript_id}", status_code=204)
async def delete_transcript(
    resources: Provided,
    transcript_id: UUID,
    force: Annotated[bool, Query(description="Even what a person edited, and what a model wrote.")] = False,
) -> Response:
    """Forget a transcript. One that cannot be handed in again as it is, is only forgotten by force."""
    async with resources.platform.effects.begin() as effect:
        file_id, _, _ = await repository.standing_of(effect.connection, transcript_id)
        file = await repository.file_of(effect.connection, file_id, hold=True)
        _, source, locked = await repository.standing_of(effect.connection, transcript_id)
        if not force and (refusal := why_kept(source, locked)):
            raise Conflict(refusal)
        await repository.delete(effect.connection, transcript_id)
        await tell_search(effect, file, new_id())
    return Response(status_code=204)


def why_kept(source: str, locked: int) -> str | None:
    """Why a transcript is not to be forgotten unless by force; None if it may be."""
    if locked:
        count = f"{locked} segment{'' if locked == 1 else 's'}"
        return f"A person edited {count} of this transcript. Export it first, or add force=true to forget it with its history."
    if source != "import":
        return "A model wrote this transcript, which takes its time again. Add force=true to forget it nevertheless."
    return None


@router.get("/transcripts/{transcript_id}/export", response_class=Response, responses=documented(MEDIA_TYPES))
async def export_transcript(
    resources: Provided,
    transcript_id: UUID,
    format_: Annotated[Format, Query(alias="format", description="What to write.")] = Format.SRT,
    bom: Bom = False,
    timestamps: Timestamps = False,
) -> Response:
    """A transcript as a file."""
    return await exported(resources, transcript_id, format_, bom=bom, timestamps=timestamps)


@router.get("/files/{file_id}/transcript.{extension}", response_class=Response, responses=documented(MEDIA_TYPES))
async def export_best(
    resources: Provided,
    file_id: UUID,
    extension: Literal["srt", "vtt", "txt", "json"],
    bom: Bom = False,
    timestamps: Timestamps = False,
) -> Response:
    """The best transcript of a file, as a file."""
    async with resources.platform.database.connection() as connection:
        transcript_id = await repository.best_of(connection, file_id)
    return await exported(resources, transcript_id, Format(extension), bom=bom, timestamps=timestamps)


async def exported(resources: Resources, transcript_id: UUID, format_: Format, *, bom: bool, timestamps: bool) -> Response:
    """A transcript as a file to keep."""
    async with resources.platform.database.connection() as connection:
        head = await repository.detail_of(connection, transcript_id)
        lines = await repository.lines_of(connection, transcript_id)
    text = await asyncio.to_thread(written, format_, head, lines, timestamps=timestamps)
    content = text.encode("utf-8-sig" if bom else "utf-8", "replace")
    headers = {"Content-Disposition": attachment(file_name(head, format_))}
    return Response(content, media_type=MEDIA_TYPES[format_], headers=headers)


def file_name(head: dict[str, Any], format_: Format) -> str:
    """The recording's name with the language and the format at its end, as players look for it."""
    stem = PureWindowsPath(head["path"]).stem  # which knows the separators of every system
    return f"{stem}.{head['language']}{'.words.json' if format_ is Format.WORDS else f'.{format_}'}"
