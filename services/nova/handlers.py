"""What the nova service does when a file's transcript is settled, and when its analysis is."""

from dataclasses import dataclass

from services.nova import repository
from services.nova.analyst import Analyst
from services.nova.moments import moments
from shared import stages
from shared.contracts import (
    EmbeddingsReady,
    NovaCompleted,
    NovaFailed,
    Stage,
    StageState,
    TranscriptFailed,
    TranscriptReady,
    TranscriptSkipped,
)
from shared.database import Database
from shared.effects import Effects
from shared.embedder import Embedder


@dataclass(frozen=True)
class Resources:
    """What the handlers work with."""

    database: Database
    effects: Effects
    analyst: Analyst
    embedder: Embedder


async def on_transcript_settled(event: TranscriptReady | TranscriptSkipped | TranscriptFailed, resources: Resources) -> None:
    """Analyse the file with what there is."""
    async with resources.database.connection() as connection:
        material = await repository.load_material(connection, event, Stage.ANALYSE)
    analysis = await resources.analyst.analyse(material)
    async with resources.effects.once(event) as effect:
        await stages.settle(effect.connection, event.file_id, event.revision, Stage.ANALYSE, StageState.DONE)
        done = NovaCompleted(
            file_id=event.file_id,
            revision=event.revision,
            kind=event.kind,
            analysis_id=await repository.save_analysis(effect.connection, event, analysis),
            model=analysis.model,
            analyst_version=analysis.version,
        )
        await effect.emit(done)


async def on_nova_settled(event: NovaCompleted | NovaFailed, resources: Resources) -> None:
    """Make the file's moments findable by word and by meaning."""
    async with resources.database.connection() as connection:
        material = await repository.load_material(connection, event, Stage.EMBED)
        analysis = None
        if isinstance(event, NovaCompleted):
            analysis = await repository.load_analysis(connection, event.analysis_id)
    found = moments(material, analysis)
    vectors = await resources.embedder.embed([moment.text for moment in found])
    async with resources.effects.once(event) as effect:
        await stages.settle(effect.connection, event.file_id, event.revision, Stage.EMBED, StageState.DONE)
        await repository.save_moments(effect.connection, event, found, vectors, resources.embedder.model)
        done = EmbeddingsReady(
            file_id=event.file_id,
            revision=event.revision,
            kind=event.kind,
            model=resources.embedder.model,
            moments=len(found),
        )
        await effect.emit(done)
