"""Files with speech in the library, as far along as the nova service finds them, and further."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from services.nova.analyst import Material, Segment
from services.nova.embedding import repository as embedding_repository
from services.nova.embedding.repository import halfvec
from services.nova.embedding.vectors import Made, Vectors
from services.nova.local.analyst import analyse
from services.nova.moments import moments
from services.nova.repository import save_analysis
from shared import stages
from shared.contracts import Kind, Stage, StageState, TranscriptReady
from shared.database import Connection, Database
from shared.minilm import MiniLM

FILE = """
    INSERT INTO files (id, path, path_raw, kind, size, modified_ns, fingerprint, revision, duration, camera, metadata)
    VALUES (%(id)s, %(path)s, %(path_raw)s, %(kind)s, 1, 0, %(fingerprint)s, %(revision)s, %(duration)s, %(camera)s, '{}')
"""
STAGES = """
    INSERT INTO file_stages (file_id, stage, revision, state, settled_at)
    SELECT %(id)s, stage, %(revision)s, CASE WHEN stage = ANY (%(settled)s) THEN 'done' ELSE 'pending' END,
           CASE WHEN stage = ANY (%(settled)s) THEN now() END
    FROM unnest(%(stages)s::text[]) AS stage
"""
TRANSCRIPT = "INSERT INTO transcripts (id, file_id, revision, model, language, duration) VALUES (%s, %s, %s, 'tiny', 'en', %s)"
SEGMENT = "INSERT INTO transcript_segments (transcript_id, position, start_s, end_s, text) VALUES (%s, %s, %s, %s, %s)"
THUMBNAIL = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes)
    VALUES (%s, 'thumbnail', 1, %s, 'image/webp', 3)
"""
SETTLED = (Stage.INGEST, Stage.PROXY, Stage.TRANSCRIBE)
SECONDS = 4.0

model = MiniLM()


@dataclass(frozen=True)
class Footage:
    """A file with its speech."""

    id: UUID
    path: str
    kind: Kind
    revision: int
    segments: tuple[Segment, ...]

    @property
    def transcribed(self) -> TranscriptReady:
        """The event that says that it is transcribed."""
        return TranscriptReady(
            file_id=self.id,
            revision=self.revision,
            kind=self.kind,
            transcript_id=self.id,
            model="tiny",
            language="en",
            segments=len(self.segments),
        )


async def add_footage(
    connection: Connection,
    *sentences: str,
    path: str = "",
    kind: Kind = Kind.VIDEO,
    camera: str | None = None,
    revision: int = 1,
    settled: Sequence[Stage] = SETTLED,
) -> Footage:
    """A file in which these sentences are spoken, four seconds each, with pauses of two; transcribed, not analysed."""
    file_id = uuid4()
    path = path or f"/films/{file_id}.mp4"
    spoken = tuple(Segment(start=at * 6, end=at * 6 + SECONDS, text=text) for at, text in enumerate(sentences))
    values: dict[str, Any] = {
        "id": file_id,
        "path": path,
        "path_raw": path.encode(),
        "kind": kind,
        "fingerprint": file_id.bytes * 2,
        "revision": revision,
        "duration": spoken[-1].end if spoken else None,
        "camera": camera,
        "stages": list(Stage),
        "settled": list(settled),
    }
    await connection.execute(FILE, values)
    await connection.execute(STAGES, values)
    if spoken:
        await connection.execute(TRANSCRIPT, (file_id, file_id, revision, spoken[-1].end))
        rows = [(file_id, at, segment.start, segment.end, segment.text) for at, segment in enumerate(spoken)]
        async with connection.cursor() as cursor:
            await cursor.executemany(SEGMENT, rows)
    return Footage(file_id, path, kind, revision, spoken)


async def add_searchable(database: Database, *sentences: str, thumbnail: bool = False, **options: Any) -> Footage:
    """The same, analysed and embedded."""
    async with database.transaction() as connection:
        footage = await add_footage(connection, *sentences, **options)
        material = Material(
            file_id=footage.id, kind=footage.kind, path=footage.path, segments=footage.segments, camera=options.get("camera")
        )
        analysis = analyse(material)
        found = moments(material, analysis)
        vectors = model.embed_now([moment.text for moment in found])
        known = {moment.text: halfvec(vector) for moment, vector in zip(found, vectors, strict=True)}
        await save_analysis(connection, footage.transcribed, analysis)
        await embedding_repository.save(connection, footage.transcribed, Made(found, {model.model: Vectors(known)}))
        for stage in (Stage.ANALYSE, Stage.EMBED):
            await stages.settle(connection, footage.transcribed, stage, StageState.DONE)
        if thumbnail:
            await connection.execute(THUMBNAIL, (footage.id, f"proxy/{footage.id}/thumbnail.webp"))
    return footage
